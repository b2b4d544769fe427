import { describe, expect, it } from "vitest";
import { parseManifest } from "../../../contract/bundle/pack.ts";
import { denyAllFiles, wrapFiles } from "../../../contract/bundle/wrap.ts";
import type { SiteConfig } from "../../../contract/config/site.ts";

const file = (path: string) => ({ path, size: 1, sha256: "0".repeat(64) });

function manifest(json: object) {
  const parsed = parseManifest(JSON.stringify({ version: 1, modules: [], ...json }));
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.value;
}

const config = {
  signIn: { origin: "https://sign-in.example", keys: [] },
  policy: {
    environment: "preview",
    digest: "d",
    open: false,
    rules: [],
    groupNames: JSON.parse('{"__proto__":"x","\\u2028":"y"}'),
    lifetime: 1,
    recheck: 1,
  },
  project: "demo",
  bundle: "b",
} as unknown as SiteConfig;

const textOf = (files: ReturnType<typeof wrapFiles>, path: string) => {
  const found = files.find((one) => one.path === path);
  return found !== undefined && "text" in found ? found.text : "";
};

describe("a wrapped deployment", () => {
  const site = manifest({
    kind: "functions",
    main: "index.js",
    modules: [{ name: "index.js", type: "esm" }],
    files: [
      file("assets/index.html"),
      file("assets/.well-known/x"),
      file("worker/index.js"),
      file("routes.json"),
    ],
  });
  const files = wrapFiles(site, "export const createGate = 1;", config);

  it("has the gate, its configuration, the site below it, and every path for the worker", () => {
    expect(files.map(({ path }) => path).sort()).toEqual([
      ".well-known/x",
      "_routes.json",
      "_worker.js/config.js",
      "_worker.js/gate.js",
      "_worker.js/index.js",
      "_worker.js/site/index.js",
      "index.html",
    ]);
    expect(JSON.parse(textOf(files, "_routes.json"))).toEqual({ version: 1, include: ["/*"], exclude: [] });
  });

  it("evaluates the gate before the site and does nothing else", () => {
    const lines = textOf(files, "_worker.js/index.js").trim().split("\n");
    expect(lines.map((line) => /from "([^"]+)"/.exec(line)?.[1])).toEqual([
      "./gate.js",
      "./config.js",
      "./site/index.js",
      undefined,
    ]);
    expect(lines.at(-1)).toBe("export default createGate(config, site);");
  });

  it("bakes the configuration so that it comes out as it went in", async () => {
    const code = textOf(files, "_worker.js/config.js");
    const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
      default: SiteConfig;
    };
    expect(JSON.stringify(module.default)).toBe(JSON.stringify(config));
    expect(Object.getPrototypeOf(module.default.policy.groupNames)).toBe(Object.prototype);
  });

  it("asks the assets where there is no code", async () => {
    const wrapped = wrapFiles(manifest({ kind: "static", files: [file("assets/index.html")] }), "", config);
    const code = textOf(wrapped, "_worker.js/site/index.js");
    const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
      default: { fetch(request: string, env: object): string };
    };
    expect(
      module.default.fetch("request", { ASSETS: { fetch: (asked: string) => `asset for ${asked}` } }),
    ).toBe("asset for request");
  });
});

describe("a deny-all deployment", () => {
  it("answers 403 to everything and says which one it is", async () => {
    const code = textOf(denyAllFiles("abc"), "_worker.js/index.js");
    const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
      default: { fetch(): Response };
    };
    const answer = module.default.fetch();
    expect(answer.status).toBe(403);
    expect(answer.headers.get("x-entra-gate-reference")).toBe("abc");
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it("names itself where its worker is not run, too", () => {
    expect(textOf(denyAllFiles("abc"), "404.html")).toContain("abc");
  });
});
