import { build } from "esbuild";
import * as miniflare from "miniflare";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { PagesRuntime } from "../../../src/pages-runtime/options.ts";
import { startPagesRuntime } from "../../../src/pages-runtime/runtime.ts";
import { raw, runtimeOptions, textAssets } from "../../src/pages-runtime/fixtures.ts";
import { config, key, sessionCookie } from "./support.ts";

/** The wrapped gate with Pages' own asset server behind it, on workerd. */
let gate = "";
const running: PagesRuntime[] = [];
const origin = "http://a1b2.demo.localhost";
const host = { host: "a1b2.demo.localhost" };

beforeAll(async () => {
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

afterEach(async () => {
  await Promise.all(running.splice(0).map((runtime) => runtime.close()));
});

const assetsOnly = "{ fetch: (request, env) => env.ASSETS.fetch(request) }";

async function start(files: Record<string, string>, site = assetsOnly, redirectsFile = "") {
  const index = `import { createGate } from "./gate.js"; export default createGate(${JSON.stringify(config)}, ${site});`;
  const options = await runtimeOptions({
    worker: {
      main: "index.js",
      modules: [
        { name: "index.js", type: "esm", contents: index },
        { name: "gate.js", type: "esm", contents: gate },
      ],
    },
    assets: textAssets(files),
    redirectsFile,
    outbound: async () => Response.json({ keys: [key.jwk] }),
  });
  const runtime = await startPagesRuntime(miniflare, options);
  running.push(runtime);
  return (path: string, headers: Record<string, string> = {}, method = "GET") =>
    raw(runtime.port, path, { method, headers: { ...host, ...headers } });
}

async function reviewer(): Promise<Record<string, string>> {
  const exp = Math.floor(Date.now() / 1000) + 600;
  return { "sec-fetch-site": "same-origin", cookie: await sessionCookie({ aud: origin, exp }) };
}

describe("before Pages' own asset server", () => {
  it("a site of one page: an open path without a file shows nobody the closed page", async () => {
    const ask = await start({ "/index.html": "secret app", "/open/x.html": "open x" });
    for (const path of [
      "/open/none",
      "/open/",
      "/open",
      "/open/x/y",
      "/open/%6eone",
      "/open/none?index.html",
    ]) {
      const answer = await ask(path);
      expect([path, answer.status, answer.headers["x-entra-gate-code"]]).toEqual([
        path,
        404,
        "fallback-closed",
      ]);
      expect(answer.text).not.toContain("secret");
    }
    expect((await ask("/open/x")).text).toBe("open x");
    expect((await ask("/open/x", {}, "HEAD")).status).toBe(200);
    expect((await ask("/open/none", await reviewer())).text).toBe("secret app");
  });

  it("a site of one page: If-None-Match is not told whether the closed page has that content", async () => {
    const ask = await start({ "/index.html": "secret app", "/open/x.html": "open x" });
    const tag = String((await ask("/", await reviewer())).headers["etag"]);
    for (const asked of [tag, `W/${tag}`, '"other"']) {
      const answer = await ask("/open/none", { "if-none-match": asked });
      expect([asked, answer.status]).toEqual([asked, 404]);
    }
    const own = String((await ask("/open/x")).headers["etag"]);
    expect((await ask("/open/x", { "if-none-match": own })).status).toBe(304);
  });

  it.each(["/.auth/* /open/x 302", "/ /open/x 302", "/.auth/* /open/x 302\n/ /open/x 302"])(
    "a site of one page: a rule in _redirects (%j) does not open it",
    async (rules) => {
      const ask = await start(
        { "/index.html": "secret app", "/open/x.html": "open x" },
        assetsOnly,
        `${rules}\n`,
      );
      const answer = await ask("/open/none");
      expect([answer.status, answer.text.includes("secret")]).toEqual([404, false]);
    },
  );

  it("a site with error pages: the nearest is shown only if it is open", async () => {
    const files = {
      "/index.html": "secret home",
      "/404.html": "secret map",
      "/open/sub/404.html": "open lost",
    };
    const ask = await start(files);
    const closed = await ask("/open/none");
    expect([closed.status, closed.headers["x-entra-gate-code"]]).toEqual([404, "fallback-closed"]);
    const near = await ask("/open/sub/a/none");
    expect([near.status, near.text]).toEqual([404, "open lost"]);
    expect((await ask("/open/none", await reviewer())).text).toBe("secret map");
    const fetched = await ask("/open/sub/", {});
    expect(fetched.text).not.toContain("secret");
  });

  it("a rule in _redirects that hides the error page's own address does not hide it from this", async () => {
    const ask = await start({ "/404.html": "secret map" }, assetsOnly, "/404 /elsewhere 302\n");
    expect((await ask("/open/none")).headers["x-entra-gate-code"]).toBe("fallback-closed");
  });

  it("no spelling of a closed file's address opens it", async () => {
    const ask = await start({ "/index.html": "secret", "/docs/a.html": "secret", "/open/x.html": "open x" });
    const paths = ["/docs/a", "/docs/a.html", "/docs/a/", "//docs/a", "/open/../docs/a", "/open/%2e%2e/docs/a", "/open/..%2fdocs/a", "/%64ocs/a", "/docs%2fa", "/DOCS/a", "/docs/a;x", "/docs/%61", "/open\\..\\docs\\a", "/docs/a%00", "/docs/a%2ehtml", "/"]; // biome-ignore format: one list
    for (const path of paths) {
      const answer = await ask(path);
      expect([path, answer.text.includes("secret"), answer.status >= 400]).toEqual([path, false, true]);
    }
  });

  it("the code behind sees the address that was decided about", async () => {
    const ask = await start({}, "{ fetch: (request) => new Response(request.url) }");
    expect((await ask("/docs/../open/x")).text).toBe(`${origin}/open/x`);
    expect((await ask("/open/a/%2e%2e/x")).text).toBe(`${origin}/open/x`);
  });

  it("files answer with validators as before, privately", async () => {
    const ask = await start({ "/index.html": "home", "/style.css": "css" });
    const headers = await reviewer();
    const style = await ask("/style.css", headers);
    expect(style.headers["cache-control"]).toBe("private, max-age=0, must-revalidate");
    expect(style.headers["access-control-allow-origin"]).toBeUndefined();
    const again = await ask("/style.css", { ...headers, "if-none-match": String(style.headers["etag"]) });
    expect([again.status, again.text]).toEqual([304, ""]);
    expect((await ask("/style.css", { "if-none-match": String(style.headers["etag"]) })).status).toBe(401);
  });
});
