import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPath } from "../../../contract/paths/reading.ts";
import { createDecider } from "../../../contract/policy/decide.ts";
import { compiled, visitor } from "../policy/fixtures.ts";

const decide = createDecider(
  compiled([
    ["/admin/*", { roles: ["Admin"] }],
    ["/caf\u00e9", { roles: ["Admin"] }],
    ["/shop", { anyone: true }],
    ["/shop/*", { roles: ["Admin"] }],
    ["/*", { anyone: true }],
  ]),
);
const admin = visitor({ roles: ["Admin"] });

function pathnameOf(path: string): string {
  return new URL(`https://site.example${path}`).pathname;
}

describe("one canonical reading", () => {
  test.each([
    ["/", "/"],
    ["/admin/", "/admin"],
    ["/admin.html", "/admin"],
    ["/a.html.html", "/a"],
    ["/a/b.css", "/a/b.css"],
    ["/.well-known/apple-app-site-association", "/.well-known/apple-app-site-association"],
    ["/indexes", "/indexes"],
    ["/a%20b", "/a b"],
    ["/caf%C3%A9", "/caf\u00e9"],
    ["/a/../admin", "/admin"],
    ["/a/%2e%2e/admin", "/admin"],
    ["/a\\b", "/a/b"],
  ])("%s reads %s and nothing else", (path, expected) => {
    expect(readPath(pathnameOf(path))).toEqual({ ok: true, path: expected, alternatives: [] });
  });

  test.each([
    ["/index", "/", "/index"],
    ["/index.html", "/", "/index.html"],
    ["/.html", "/", "/.html"],
    ["/admin/index", "/admin", "/admin/index"],
    ["/admin/index.html", "/admin", "/admin/index.html"],
    ["/admin/index/", "/admin", "/admin/index"],
    ["/admin/%69ndex", "/admin", "/admin/index"],
    ["/admin.html/index", "/admin", "/admin.html/index"],
  ])("%s reads %s, but the functions router may see a segment more", (path, expected, routed) => {
    const reading = readPath(pathnameOf(path));
    expect(reading).toMatchObject({ ok: true, path: expected });
    expect(reading.ok && reading.alternatives).toContain(routed);
  });

  test("plain paths share one list of alternatives, so that nothing is made for them", () => {
    const [first, second] = [readPath("/a"), readPath("/b/c.js")];
    expect(first.ok && second.ok && first.alternatives === second.alternatives).toBe(true);
  });
});

describe("what can't be read in one way only is refused", () => {
  test.each([
    ["", "not-absolute"],
    ["*", "not-absolute"],
    ["admin", "not-absolute"],
    ["/%", "bad-encoding"],
    ["/%zz", "bad-encoding"],
    ["/%ff", "bad-encoding"],
    ["/%c0%af", "bad-encoding"],
    ["/%u0061", "bad-encoding"],
    ["/a%2fb", "encoded-separator"],
    ["/a%5Cb", "encoded-separator"],
    ["/a\\b", "backslash"],
    ["/%00", "control-character"],
    ["/a%0d%0aset-cookie:x", "control-character"],
    ["/a%7f", "control-character"],
    ["/%25%30%30", "control-character"],
    ["/a/../b", "dot-segment"],
    ["/a/.", "dot-segment"],
    ["/%2e%2e/b", "dot-segment"],
    ["//admin", "repeated-slash"],
    ["/a//", "repeated-slash"],
    ["/%2525252525255c", "encoded-too-deeply"],
  ])("%s: %s", (path, reason) => {
    expect(readPath(path)).toEqual({ ok: false, reason });
  });

  test("CVE-2026-29087: an encoded slash never separates folders", () => {
    for (const path of ["/public%2f..%2fadmin/x", "/admin%2fx", "/%2fadmin/x", "/x/..%2fadmin/"]) {
      expect(readPath(pathnameOf(path)).ok).toBe(false);
    }
  });

  test("hundreds of layers of encoding cost no more than a few", () => {
    expect(readPath(`/%${"25".repeat(4000)}61`)).toEqual({ ok: false, reason: "encoded-too-deeply" });
  });
});

describe("a path that something behind the gate may read differently passes only if it may under each reading", () => {
  test.each([
    ["CVE-2025-66202, decoded twice", "/%2561dmin/x"],
    ["decoded three times", "/%252561dmin/x"],
    ["a second decode that brings a separator", "/x/..%252fadmin/x"],
    ["a second decode that brings a backslash", "/x/..%255cadmin/x"],
    ["a second decode that is only partly valid", "/%2561dmin/%25"],
    ["another case", "/ADMIN/x"],
    ["a folder's index, which a function may take for a page's name", "/shop/index"],
    ["a page with nothing but an ending", "/shop/.html"],
    ["another case of an ending", "/admin.HTML"],
    ["another case beside an escape", "/ADMIN/%20x"],
    ["another case decoded twice", "/%2541DMIN/x"],
    ["CVE-2026-3872, a path parameter", "/x/..;/admin/x"],
    ["a path parameter at the end", "/admin;x=1"],
    ["CVE-2026-41059, an encoded # that ends the path", "/admin%23.css"],
    ["an encoded ? that ends the path", "/admin%3f.css"],
    ["an encoded # before a path parameter", "/admin;%23"],
    ["an accented letter in two characters", "/cafe%CC%81"],
    ["an accented letter decoded twice", "/caf%25C3%25A9"],
  ])("%s: %s", (_, path) => {
    const reading = readPath(pathnameOf(path));
    expect(reading).toMatchObject({ ok: true });
    expect(decide(reading)).toMatchObject({ allowed: false, reason: "ambiguous-path" });
    expect(decide(reading, admin)).toMatchObject({ allowed: true });
  });

  test("an unneeded escape counts as the functions router reads it: not at all", () => {
    const openAdmin = createDecider(
      compiled([
        ["/open/*", { anyone: true }],
        ["/*", { roles: ["Admin"] }],
      ]),
    );
    const reading = readPath("/%6fpen/x");
    expect(reading).toMatchObject({ ok: true, path: "/open/x", alternatives: ["/%6fpen/x"] });
    expect(openAdmin(reading)).toMatchObject({ allowed: false, reason: "ambiguous-path" });
    expect(openAdmin(reading, admin)).toMatchObject({ allowed: true });
  });

  test.each([
    "/100%25",
    "/50%25-off",
    "/%2561bc",
    "/tags/c%252Fc",
    "/a;b",
    "/Readme",
    "/a%23b",
    "/%E6%97%A5",
  ])("astro#16960: %s still works where every reading is under one rule", (path) => {
    expect(decide(readPath(path))).toMatchObject({ allowed: true });
  });
});

test("any text gives a reading, never an exception", () => {
  const piece = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("/", "%", "%2", "%25", "%2f", "..", ";", "\\", "//"),
  );
  const property = fc.property(fc.array(piece), fc.boolean(), (parts, rooted) => {
    const reading = readPath(`${rooted ? "/" : ""}${parts.join("")}`);
    if (!reading.ok) return;
    expect(reading.path.startsWith("/")).toBe(true);
    expect(reading.path).not.toMatch(/\/\/|\/\.\.?(?:\/|$)|\\/);
    expect(reading.alternatives).not.toContain(reading.path);
  });
  fc.assert(property, { numRuns: 3000 });
});
