import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import {
  convertV4MiniflareOptions,
  Miniflare,
  type Request as MiniflareRequest,
  Response as MiniflareResponse,
} from "miniflare";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { config, hostOrigin, key, navigation, pin, reviewers, sessionCookie } from "../site/support.ts";
import { type Answer, ask as askPort } from "./http-client.ts";

const run = promisify(execFile);
const host = "a1b2c3d4.demo.localhost";
const origin = `http://${host}`;
const now = Math.floor(Date.now() / 1000);

const policy = {
  groups: { reviewers },
  preview: {
    rules: [
      { path: "/open/*", allow: "anyone" },
      { path: "/*", allow: { groups: ["reviewers"] } },
    ],
  },
};

/** What a user of the plugin writes; an earlier middleware does its best to fail open. */
const files = {
  "functions/_middleware.ts": `
    import entraGate from "../plugin/index.js";
    import policy from "../gate.json";
    const first = (context) => { context.passThroughOnException(); return context.next(); };
    export const onRequest = [first, entraGate(policy)];`,
  "functions/api/hello.ts": `
    export const onRequest = async ({ data, request }) => Response.json({
      identity: data.entraGate, headers: Object.fromEntries(request.headers), body: await request.text(),
    });`,
  "functions/open/throws.ts": `export const onRequest = () => { throw new Error("site bug"); };`,
  "functions/open/hello.ts": `export const onRequest = ({ data }) => Response.json({ identity: data.entraGate });`,
  "gate.json": JSON.stringify(policy),
};

let folder: string;
const running: Miniflare[] = [];
let worker = "";
let gate = "";

async function wrangler(cwd: string, ...args: string[]): Promise<void> {
  const env = { PATH: process.env["PATH"], HOME: folder, WRANGLER_SEND_METRICS: "false", CI: "1" };
  const script = resolve("node_modules/wrangler/bin/wrangler.js");
  await run(process.execPath, [script, "pages", "functions", "build", ...args], { cwd, env });
}

async function start(modules: Record<string, string>, bindings: Record<string, string>): Promise<number> {
  const options = convertV4MiniflareOptions({
    modules: Object.entries(modules).map(([path, contents]) => ({
      type: "ESModule" as const,
      path,
      contents,
    })),
    compatibilityDate: "2026-08-04",
    bindings,
    handleStructuredLogs: () => undefined,
    serviceBindings: {
      ASSETS: (request: MiniflareRequest) => new MiniflareResponse(`file ${new URL(request.url).pathname}`),
    },
    outboundService: () => MiniflareResponse.json({ keys: [key.jwk] }),
  });
  const miniflare = new Miniflare(options);
  running.push(miniflare);
  return Number((await miniflare.ready).port);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "entra-gate-plugin-"));
  await mkdir(join(folder, "functions/api"), { recursive: true });
  await mkdir(join(folder, "functions/open"), { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await wrangler(resolve("pages-plugin"), "--plugin", `--outdir=${join(folder, "plugin")}`);
  await wrangler(folder, `--outdir=${join(folder, "out")}`, "--compatibility-date=2026-08-04");
  worker = await readFile(join(folder, "out/index.js"), "utf8");
  const bundle = await build({
    entryPoints: ["pages-plugin/src/entries/wrapped.ts"],
    bundle: true,
    format: "esm",
    platform: "neutral",
    conditions: ["workerd"],
    write: false,
  });
  gate = bundle.outputFiles[0]?.text ?? "";
});

afterAll(async () => {
  await Promise.all(running.map((miniflare) => miniflare.dispose()));
  await rm(folder, { recursive: true, force: true });
});

async function session(): Promise<string> {
  return sessionCookie({ aud: origin, exp: now + 3600 });
}

function json(answer: Answer) {
  return JSON.parse(answer.text) as {
    identity: { name: string } | null;
    headers: Record<string, string>;
    body: string;
  };
}

describe("the plugin as wrangler builds it", () => {
  it("guards a project's functions and files, and tells them who is there", async () => {
    const port = await start(
      { "index.js": worker },
      {
        GATE_ENVIRONMENT: "preview",
        GATE_SIGN_IN_ORIGIN: hostOrigin,
        GATE_SIGN_IN_KEYS: JSON.stringify([pin(key, now + 3600)]),
      },
    );
    const ask = (path: string, asking = {}) => askPort(port, host, path, asking);
    for (const path of ["/", "/style.css", "/api/hello", "/%61pi/hello"])
      expect((await ask(path)).status).toBe(401);
    expect((await ask("/docs", { headers: navigation })).text).toContain("/.auth/login?return_to=%2Fdocs");
    const headers = {
      "sec-fetch-site": "same-origin",
      cookie: await session(),
      "x-ms-client-principal-id": "spoofed",
      origin,
    };
    const hello = json(await ask("/api/hello", { method: "POST", body: "content", headers }));
    expect(hello.identity).toMatchObject({ name: "Rita Reviewer", groups: [reviewers] });
    expect(hello.body).toBe("content");
    expect(hello.headers["cookie"]).toBeUndefined();
    expect(hello.headers["x-ms-client-principal-id"]).toBe("33333333-3333-4333-8333-333333333333");
    const file = await ask("/style.css", { headers });
    expect([file.text, file.headers.get("cross-origin-resource-policy")]).toEqual([
      "file /style.css",
      "same-origin",
    ]);
    expect(json(await ask("/open/hello")).identity).toBeNull();
  });

  it("fails closed where it has no settings, also under a passThroughOnException that came first", async () => {
    const port = await start({ "index.js": worker }, {});
    for (const path of ["/", "/open/hello", "/.auth/status"]) {
      const answer = await askPort(port, host, path);
      expect([answer.status, answer.headers.get("x-entra-gate-code")]).toEqual([
        503,
        "site-settings-invalid",
      ]);
      expect(answer.text).not.toContain("file ");
    }
  });

  it("does not let a function that throws fall through to the asset server", async () => {
    const bindings = { GATE_ENVIRONMENT: "preview", GATE_SIGN_IN_ORIGIN: hostOrigin };
    const port = await start({ "index.js": worker }, bindings);
    const answer = await askPort(port, host, "/open/throws");
    expect([answer.status, answer.headers.get("x-entra-gate-code")]).toEqual([500, "site-threw"]);
  });

  it("behind a wrapping gate decides nothing and hands the identity on, without any settings", async () => {
    const index = `import { createGate } from "./gate.js"; import site from "./site.js"; export default createGate(${JSON.stringify(config)}, site);`;
    const port = await start({ "index.js": index, "gate.js": gate, "site.js": worker }, {});
    const ask = (path: string, asking = {}) => askPort(port, host, path, asking);
    expect((await ask("/api/hello")).status).toBe(401);
    const headers = { "sec-fetch-site": "same-origin", cookie: await session() };
    expect(json(await ask("/api/hello", { headers })).identity).toMatchObject({ name: "Rita Reviewer" });
    expect(json(await ask("/open/hello")).identity).toBeNull();
    expect((await ask("/x.txt", { headers })).text).toBe("file /x.txt");
  });
});
