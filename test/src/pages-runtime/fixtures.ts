import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { build } from "esbuild";
import type { Asset, Assets, PagesRuntimeOptions } from "../../../src/pages-runtime/options.ts";

const root = join(import.meta.dirname, "..", "..", "..");
let code: Promise<string> | undefined;

/** dist/pages-runtime/asset-server.js as the build makes it, from the sources. */
export function assetServerCode(): Promise<string> {
  code ??= build({
    absWorkingDir: root,
    entryPoints: ["src/pages-runtime/asset-server.ts"],
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    target: "es2024",
    mainFields: ["module", "main"],
    conditions: ["workerd", "worker", "import"],
    external: ["node:*"],
    logLevel: "error",
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? "");
  return code;
}

export function textAssets(texts: Readonly<Record<string, string>>): Assets {
  const files = new Map<string, Asset>();
  const contents = new Map<string, string>();
  for (const [path, text] of Object.entries(texts)) {
    const key = Buffer.from(path).toString("hex");
    files.set(path, { key, contentType: path.endsWith(".html") ? "text/html" : "application/octet-stream" });
    contents.set(key, text);
  }
  return { files, read: async (key) => Buffer.from(contents.get(key) ?? "") };
}

/** A worker that says what it saw, and asks the assets for what starts with /asset. */
export const echoWorker = `export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/out")) {
      const answer = await fetch("http://other.localhost:9/x%2fy?z", { method: "POST", body: "sent", redirect: "manual" });
      return new Response(answer.status + " " + answer.headers.get("location") + " " + await answer.text());
    }
    if (pathname.startsWith("/log")) { console.log(JSON.stringify({ class_uid: 6001, text: "é" })); return new Response("logged"); }
    if (pathname.startsWith("/echo")) return new Response(request.body, { headers: { "x-method": request.method, "set-cookie": "a=1" } });
    if (pathname.startsWith("/headers")) return Response.json([...request.headers]);
    if (pathname.startsWith("/vars")) return Response.json(Object.keys(env).sort());
    if (pathname.startsWith("/throw")) throw new Error("thrown");
    if (env.ASSETS && pathname.startsWith("/asset")) return env.ASSETS.fetch(new Request(new URL(pathname.slice(6) || "/", request.url), request));
    return new Response("worker " + request.url);
  },
};`;

export async function runtimeOptions(
  changes: Partial<PagesRuntimeOptions> = {},
): Promise<PagesRuntimeOptions> {
  return {
    worker: { main: "index.js", modules: [{ name: "index.js", type: "esm", contents: echoWorker }] },
    assets: textAssets({ "/index.html": "home", "/404.html": "lost", "/docs/index.html": "docs" }),
    assetServer: await assetServerCode(),
    compatibilityDate: "2026-11-01",
    compatibilityFlags: [],
    vars: {},
    outbound: async () => new Response("nothing", { status: 404 }),
    log: () => undefined,
    ...changes,
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

/** One raw request: the path goes out exactly as given. */
export function raw(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { host: `a1b2.site.localhost:${port}`, ...options.headers };
    const outgoing = httpRequest(
      { host: "127.0.0.1", port, path, method: options.method ?? "GET", headers },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk) => {
          text += chunk;
        });
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
        answer.on("error", reject);
      },
    );
    outgoing.on("error", reject);
    outgoing.end(options.body);
  });
}
