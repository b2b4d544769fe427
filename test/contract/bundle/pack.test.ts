import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isIgnoredAsset,
  isReservedAsset,
  moduleTypeOf,
  nameProblem,
} from "../../../contract/bundle/names.ts";
import { packedNameProblem, parseManifest, parseRoutes } from "../../../contract/bundle/pack.ts";

const file = (path: string) => ({ path, size: 1, sha256: "0".repeat(64) });
const manifest = (more: object = {}) =>
  JSON.stringify({
    version: 1,
    kind: "static",
    modules: [],
    files: [file("assets/index.html"), file("routes.json")],
    ...more,
  });
const functions = (more: object = {}) =>
  manifest({
    kind: "functions",
    main: "index.js",
    modules: [{ name: "index.js", type: "esm" }],
    files: [file("worker/index.js")],
    ...more,
  });

describe("pack.json", () => {
  it("of a static site and of functions is read", () => {
    expect(parseManifest(manifest())).toMatchObject({ ok: true, value: { kind: "static" } });
    expect(parseManifest(functions())).toMatchObject({ ok: true, value: { main: "index.js" } });
  });

  it.each([
    ["no JSON", "{"],
    ["no object", "[]"],
    ["another version", manifest({ version: 2 })],
    ["an unknown field", manifest({ compatibility_date: "2026-01-01" })],
    ["a static site with modules", manifest({ modules: [{ name: "index.js", type: "esm" }] })],
    ["functions without a main module", functions({ main: undefined })],
    ["a main module that is not there", functions({ main: "other.js" })],
    [
      "a main module that is no code",
      functions({ main: "a.txt", modules: [{ name: "a.txt", type: "text" }], files: [file("worker/a.txt")] }),
    ],
    ["a module that is not listed", functions({ files: [file("worker/index.js"), file("worker/b.js")] })],
    [
      "a module listed twice",
      functions({
        modules: [
          { name: "index.js", type: "esm" },
          { name: "index.js", type: "esm" },
        ],
      }),
    ],
    [
      "a module of another type than its name's",
      functions({ modules: [{ name: "index.js", type: "text" }] }),
    ],
    ["a digest that is none", manifest({ files: [{ path: "assets/a", size: 1, sha256: "x" }] })],
    ["a negative size", manifest({ files: [{ path: "assets/a", size: -1, sha256: "0".repeat(64) }] })],
    ["a file that is a folder, too", manifest({ files: [file("assets/a"), file("assets/A/b")] })],
    ["two names that are one", manifest({ files: [file("assets/a"), file("assets/A")] })],
  ])("with %s is refused", (_, text) => {
    expect(parseManifest(text).ok).toBe(false);
  });
});

describe("routes.json", () => {
  it("holds patterns of paths and nothing else", () => {
    expect(parseRoutes('{"version":1,"exclude":["/a/*","/b"]}').ok).toBe(true);
    for (const exclude of [["a"], ["/a b"], ["/a?b"], [1], Array.from({ length: 101 }, () => "/a")]) {
      expect(parseRoutes(JSON.stringify({ version: 1, exclude })).ok).toBe(false);
    }
  });
});

describe("names", () => {
  it("that a pack may have stay below their folder, whatever they are", () => {
    const segment = fc.oneof(
      fc.string(),
      fc.constantFrom("..", ".", "", "a", "C:", "\\", "%2e%2e", "\u0000", "a\u2044b"),
    );
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 5 }), (segments) => {
        const name = segments.join("/");
        if (nameProblem(name) !== undefined) return;
        const { pathname } = new URL(`file:///root/${name.split("/").map(encodeURIComponent).join("/")}`);
        expect(decodeURIComponent(pathname)).toBe(`/root/${name}`);
        expect(name).not.toMatch(/\\|\.\.(\/|$)|^\//);
      }),
    );
  });

  it("are reserved and ignored in any case", () => {
    for (const name of [
      "_worker.js",
      "_WORKER.js/index.js",
      ".Auth/status",
      "Functions/a.js",
      "cdn-cgi/x",
      "wrangler.TOML",
    ]) {
      expect(isReservedAsset(name)).toBe(true);
    }
    for (const name of ["deep/_worker.js", "authors/x", ".well-known/x", "my-functions/a.js"])
      expect(isReservedAsset(name)).toBe(false);
    expect(isIgnoredAsset("a/NODE_MODULES/b")).toBe(true);
    expect(isIgnoredAsset("a/node_modules.html")).toBe(false);
  });

  it("say which type a module is, as wrangler reads them", () => {
    expect(
      ["a.js", "a.mjs", "a.wasm", "a.wasm?module", "a.bin", "a.txt", "a.html", "a.sql", "a.cjs", "a"].map(
        moduleTypeOf,
      ),
    ).toEqual(["esm", "esm", "wasm", "wasm", "data", "text", "text", "text", undefined, undefined]);
    expect(packedNameProblem("worker/a.cjs")).toBeDefined();
  });
});
