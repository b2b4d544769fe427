import * as miniflare from "miniflare";
import { afterEach, describe, expect, it } from "vitest";
import type { PagesRuntime, PagesRuntimeOptions } from "../../../src/pages-runtime/options.ts";
import { startPagesRuntime } from "../../../src/pages-runtime/runtime.ts";
import { raw, runtimeOptions, textAssets } from "./fixtures.ts";

const running: PagesRuntime[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((runtime) => runtime.close()));
});

async function start(changes: Partial<PagesRuntimeOptions> = {}): Promise<PagesRuntime> {
  const runtime = await startPagesRuntime(miniflare, await runtimeOptions(changes));
  running.push(runtime);
  return runtime;
}

async function startWithoutWorker(changes: Partial<PagesRuntimeOptions>): Promise<PagesRuntime> {
  const { worker: _, ...options } = await runtimeOptions(changes);
  const runtime = await startPagesRuntime(miniflare, options);
  running.push(runtime);
  return runtime;
}

describe("a deployment with a worker", () => {
  it("hands the worker the host and the path as they came", async () => {
    const { port } = await start();
    for (const path of [
      "/%61dmin",
      "//x",
      "/a/../b",
      "/a%2fb",
      "/a%5cb",
      "/%",
      "/%00",
      "/a;b",
      "/x?y=%20&z",
      "/.%2e/x",
      "/A//b/",
    ])
      expect((await raw(port, path)).text).toBe(`worker http://a1b2.site.localhost:${port}${path}`);
    expect((await raw(port, "/x", { headers: { host: "elsewhere.example" } })).text).toBe(
      "worker http://elsewhere.example/x",
    );
  });

  it("refuses what is no path", async () => {
    const { port } = await start();
    expect((await raw(port, "*", { method: "OPTIONS" })).status).toBe(400);
    expect((await raw(port, "http://elsewhere.example/x")).status).toBe(400);
  });

  it("hands on methods, bodies and headers, but not those that are the edge's", async () => {
    const { port } = await start();
    const posted = await raw(port, "/echo", { method: "POST", body: "sent" });
    expect(posted.text).toBe("sent");
    expect(posted.headers).toMatchObject({ "x-method": "POST", "set-cookie": ["a=1"] });
    expect((await raw(port, "/echo", { method: "OPTIONS" })).headers["x-method"]).toBe("OPTIONS");
    expect((await raw(port, "/echo", { method: "HEAD" })).headers["x-method"]).toBe("HEAD");
    const sent = { "cf-connecting-ip": "9.9.9.9", "mf-cf-blob": "{}", "x-mine": "1", "cf-ray": "forged" };
    const seen = new Map<string, string>(JSON.parse((await raw(port, "/headers", { headers: sent })).text));
    expect(seen.get("cf-connecting-ip")).toBe("127.0.0.1");
    expect(seen.get("cf-ray")).toMatch(/^[0-9a-f]{16}-LOC$/);
    expect(seen.get("x-mine")).toBe("1");
    expect(seen.has("mf-cf-blob")).toBe(false);
  });

  it("binds ASSETS, the given variables and nothing of the machine", async () => {
    const { port } = await start({ vars: { ONE: "1", TWO: "2" } });
    expect(JSON.parse((await raw(port, "/vars")).text)).toEqual(["ASSETS", "ONE", "TWO"]);
    expect((await raw(port, "/asset/docs/")).text).toBe("docs");
  });

  it("gives the caller every fetch, unresolved and unfollowed", async () => {
    const seen: string[] = [];
    const outbound = async (request: Request): Promise<Response> => {
      seen.push(`${request.method} ${request.url} ${await request.text()} ${request.redirect}`);
      return new Response("moved", { status: 302, headers: { location: "/there" } });
    };
    const { port } = await start({ outbound });
    expect((await raw(port, "/out")).text).toBe("302 /there moved");
    expect(seen).toEqual(["POST http://other.localhost:9/x%2fy?z sent manual"]);
  });

  it("answers a fetch that the caller refuses as Cloudflare does for a host that isn't there", async () => {
    const { port } = await start({ outbound: () => Promise.reject(new Error("no")) });
    expect((await raw(port, "/out")).text).toBe("530 null error code: 1016");
  });

  it("gives the log what the worker says, one call per line", async () => {
    const lines: string[] = [];
    const { port } = await start({ log: (line) => lines.push(line) });
    for (let i = 0; i < 20; i += 1) await raw(port, "/log");
    await expect.poll(() => lines.length).toBe(20);
    expect(lines.every((line) => JSON.parse(line).text === "é")).toBe(true);
  });

  it("answers 500 where the worker throws, and logs why", async () => {
    const lines: string[] = [];
    const { port } = await start({ log: (line) => lines.push(line) });
    expect((await raw(port, "/throw")).status).toBe(500);
    await expect.poll(() => lines.join("\n")).toContain("thrown");
  });

  it("says why a worker doesn't start", async () => {
    const modules = [{ name: "index.js", type: "esm" as const, contents: "import './missing.js'" }];
    await expect(start({ worker: { main: "index.js", modules } })).rejects.toThrow(/missing\.js/);
  });

  it("runs modules of every type, in folders", async () => {
    const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
    const index = `import text from "./site/a.txt"; import data from "./site/b.bin"; import wasm from "./site/c.wasm"; import { name } from "./site/index.js";
      export default { fetch: () => new Response([text, data.byteLength, wasm instanceof WebAssembly.Module, name].join()) };`;
    const modules = [
      { name: "index.js", type: "esm" as const, contents: index },
      { name: "site/index.js", type: "esm" as const, contents: 'export { name } from "./deep/er.js";' },
      { name: "site/deep/er.js", type: "esm" as const, contents: 'export const name = "deeper";' },
      { name: "site/a.txt", type: "text" as const, contents: "text" },
      { name: "site/b.bin", type: "data" as const, contents: new Uint8Array(3) },
      { name: "site/c.wasm", type: "wasm" as const, contents: wasm },
    ];
    const { port } = await start({ worker: { main: "index.js", modules } });
    expect((await raw(port, "/")).text).toBe("text,3,true,deeper");
  });
});

describe("_routes.json", () => {
  it("is enforced before the worker", async () => {
    const { port } = await start({ routesFile: '{"version":1,"include":["/*"],"exclude":["/docs/*"]}' });
    expect((await raw(port, "/docs/")).text).toBe("docs");
    expect((await raw(port, "/other/../docs/")).text).toBe("docs");
    expect((await raw(port, "/%64ocs/")).text).toContain("worker ");
    expect((await raw(port, "/")).text).toContain("worker ");
  });

  it("leaves to the assets what it doesn't include", async () => {
    const { port } = await start({ routesFile: '{"version":1,"include":["/api/*"],"exclude":[]}' });
    expect((await raw(port, "/")).text).toBe("home");
    expect((await raw(port, "/api")).text).toContain("worker ");
  });
});

describe("the asset server", () => {
  it("serves pages, redirects to their canonical path and finds the nearest 404.html", async () => {
    const assets = textAssets({
      "/index.html": "home",
      "/a.html": "a",
      "/docs/index.html": "docs",
      "/docs/404.html": "lost docs",
      "/404.html": "lost",
      "/a b/ü.txt": "spaced",
      "/.well-known/x": "known",
    });
    const { port } = await startWithoutWorker({ assets });
    const asked = async (path: string) => {
      const { status, text, headers } = await raw(port, path);
      return [status, status === 308 ? headers["location"] : text];
    };
    expect(await asked("/")).toEqual([200, "home"]);
    expect(await asked("/a")).toEqual([200, "a"]);
    expect(await asked("/a.html")).toEqual([308, "/a"]);
    expect(await asked("/docs")).toEqual([308, "/docs/"]);
    expect(await asked("/docs/none")).toEqual([404, "lost docs"]);
    expect(await asked("/none")).toEqual([404, "lost"]);
    expect(await asked("/a%20b/%C3%BC.txt")).toEqual([200, "spaced"]);
    expect(await asked("/.well-known/x")).toEqual([200, "known"]);
    expect(await asked("/%64ocs/")).toEqual([200, "docs"]);
    expect(await asked("//docs//")).toEqual([200, "docs"]);
    expect((await raw(port, "/", { method: "POST" })).status).toBe(405);
    expect((await raw(port, "/a", { method: "HEAD" })).text).toBe("");
  });

  it("answers unknown paths with the single page where there is no 404.html", async () => {
    const { port } = await startWithoutWorker({ assets: textAssets({ "/index.html": "app" }) });
    expect(await raw(port, "/deep/link")).toMatchObject({ status: 200, text: "app" });
    const { port: empty } = await startWithoutWorker({ assets: textAssets({ "/a.txt": "a" }) });
    expect(await raw(empty, "/none")).toMatchObject({ status: 404, text: "" });
  });

  it("says what Pages says: type, ETag of the content, no caching without asking", async () => {
    const { port } = await startWithoutWorker({});
    const { headers } = await raw(port, "/");
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["cache-control"]).toBe("public, max-age=0, must-revalidate");
    expect(headers["access-control-allow-origin"]).toBe("*");
    const etag = String(headers["etag"]);
    expect((await raw(port, "/", { headers: { "if-none-match": etag } })).status).toBe(304);
    expect((await raw(port, "/", { headers: { "if-none-match": '"other"' } })).status).toBe(200);
    expect((await raw(port, "/", { headers: { "accept-encoding": "identity;q=0" } })).status).toBe(406);
  });

  it("serves nothing that is there for Pages to read", async () => {
    const names = [
      "/_worker.js",
      "/_worker.js/index.js",
      "/_worker.bundle",
      "/_routes.json",
      "/_headers",
      "/_redirects",
    ];
    const texts = Object.fromEntries(
      [...names, "/docs/_headers", "/404.html"].map((name) => [name, `text of ${name}`]),
    );
    const { port } = await startWithoutWorker({ assets: textAssets(texts) });
    for (const name of names)
      for (const path of [name, `/${name}`, name.replace("_", "%5f")])
        expect((await raw(port, path)).status).toBe(404);
    expect((await raw(port, "/docs/_headers")).text).toBe("text of /docs/_headers");
  });

  it("applies _headers and _redirects", async () => {
    const { port } = await startWithoutWorker({
      headersFile: "/docs/*\n  X-Docs: :splat\n  ! access-control-allow-origin\n",
      redirectsFile: "/old /docs/ 301\n/app/* /docs/ 200\n/go/:name https://elsewhere.example/:name\n",
    });
    const docs = await raw(port, "/docs/");
    expect(docs.headers["access-control-allow-origin"]).toBeUndefined();
    expect(docs.headers).toHaveProperty("x-docs");
    expect(await raw(port, "/old")).toMatchObject({ status: 301, headers: { location: "/docs/" } });
    expect((await raw(port, "/app/x")).text).toBe("docs");
    expect(await raw(port, "/go/a")).toMatchObject({
      status: 302,
      headers: { location: "https://elsewhere.example/a" },
    });
  });
});

it("gives each deployment its own empty database where no endpoint is given", async () => {
  const contents = `export default { async fetch(request, env) {
    await env.DB.exec("CREATE TABLE t (a TEXT)");
    await env.DB.prepare("INSERT INTO t VALUES (?)").bind("x").run();
    return Response.json(await env.DB.prepare("SELECT a FROM t").first());
  } };`;
  const worker = { main: "index.js", modules: [{ name: "index.js", type: "esm" as const, contents }] };
  const { port } = await start({ worker, d1: { bindings: ["DB"] } });
  expect(JSON.parse((await raw(port, "/")).text)).toEqual({ a: "x" });
});
