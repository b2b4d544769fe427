import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseHeadersFile } from "../../../src/pages-runtime/headers-file.ts";
import { parseRedirectsFile } from "../../../src/pages-runtime/redirects-file.ts";

type Parse = (text: string) => { rules: unknown[] };

/** wrangler's own parsers, which it doesn't export: cut from its bundle by the comments that name their files. */
function wranglersParsers(): { parseHeaders: Parse; parseRedirects: Parse } {
  const bundle = join(import.meta.dirname, "../../../node_modules/wrangler/wrangler-dist/cli.js");
  const text = readFileSync(bundle, "utf8");
  const pieces = ["constants", "validateURL", "parseHeaders", "parseRedirects"].map((file) => {
    const begin = text.indexOf(`// ../workers-shared/utils/configuration/${file}.ts\n`);
    const end = text.indexOf("\n// ../", begin + 1);
    return text.slice(begin, end);
  });
  const helpers = `const __name = (value) => value; const init_import_meta_url = () => {};
    const __esm = (modules) => { const run = Object.values(modules)[0]; let done = false; return () => { if (!done) { done = true; run(); } }; };`;
  const code = `${helpers}\n${pieces.join("\n")}\ninit_parseHeaders(); init_parseRedirects(); return { parseHeaders, parseRedirects };`;
  return new Function(code)();
}

const wrangler = wranglersParsers();

const path = fc.constantFrom(
  "/",
  "/a",
  "/a/*",
  "/*",
  "/:x/b",
  "/a/:splat/*",
  "/*/*",
  "a",
  "//a",
  "/a?q#h",
  "/ä",
  "https://h.example/a",
  "https://h.example:8080/a",
  "https://h.example",
  "http://h.example/x",
  "/index.html",
  "/b/index",
  "/a b",
  "https:///x",
);
const noise = fc.constantFrom(
  "",
  "# comment",
  "  ",
  "/x",
  "! ",
  "x",
  "  X-A: 1",
  "X-A:2",
  "! X-B",
  ": v",
  "a b: c",
  "X-C:",
  "X-D: a: b",
);
const status = fc.constantFrom("", " 200", " 301", " 302", " 404", " x", " 308 # why", " 301 extra");
const redirectLine = fc.tuple(path, path, status).map(([from, to, code]) => `${from} ${to}${code}`);
const file = (line: fc.Arbitrary<string>) =>
  fc.array(fc.oneof(line, path, noise), { maxLength: 12 }).map((lines) => lines.join("\n"));

describe("_redirects", () => {
  it("is read as wrangler reads it", () => {
    fc.assert(
      fc.property(file(redirectLine), (text) => {
        expect(parseRedirectsFile(text)).toEqual(wrangler.parseRedirects(text).rules);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is cut at Pages' limits, as wrangler does", () => {
    const lines = (count: number, line: (i: number) => string) =>
      [...Array(count).keys()].map(line).join("\n");
    for (const text of [
      lines(2_010, (i) => `/s${i} /t`),
      lines(110, (i) => `/d${i}/* /t`),
      `/d/* /t\n${lines(110, (i) => `/s${i} /t`)}`,
      `/a /b\n/${"x".repeat(2_000)} /c`,
    ])
      expect(parseRedirectsFile(text)).toEqual(wrangler.parseRedirects(text).rules);
  });
});

describe("_headers", () => {
  it("is read as wrangler reads it", () => {
    fc.assert(
      fc.property(file(noise), (text) => {
        expect(parseHeadersFile(text)).toEqual(wrangler.parseHeaders(text).rules);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is cut at Pages' limits, as wrangler does", () => {
    for (const count of [99, 100, 101, 102, 130]) {
      const text = [...Array(count).keys()].map((i) => `/p${i}\n X-A: ${i}`).join("\n");
      expect(parseHeadersFile(text)).toEqual(wrangler.parseHeaders(text).rules);
    }
  });
});
