import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { safeReturnTarget } from "../../../pages-plugin/src/http/return-target.ts";

const own = "https://a1b2c3d4.demo.example";

/** Where a browser would end up, for the location as it is, decoded once and decoded twice. */
function destinations(location: string): (URL | null)[] {
  const decoded = (text: string) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };
  const once = decoded(location);
  return [location, once, decoded(once)].map((text) => URL.parse(text, own));
}

function expectSafe(value: string): void {
  const target = safeReturnTarget(value, own);
  expect(target).toMatch(/^\/(?![/\\])/);
  expect(target.length).toBeLessThanOrEqual(1024);
  for (const url of destinations(target)) {
    expect(url?.origin).toBe(own);
    expect(url?.pathname).not.toMatch(/^\/\.auth(\/|$)/i);
    expect(url?.pathname.startsWith("//")).toBe(false);
  }
}

describe("safeReturnTarget", () => {
  it.each([
    ["/", "/"],
    ["/docs/page?x=1&y=%2Fa#part", "/docs/page?x=1&y=%2Fa"],
    ["/search?q=100%", "/search?q=100%"],
    ["/ünïcode/файл", "/%C3%BCn%C3%AFcode/%D1%84%D0%B0%D0%B9%D0%BB"],
    ["/go?to=https://other.example/", "/go?to=https://other.example/"],
    ["/a/../b", "/b"],
    ["/.authors", "/.authors"],
  ])("keeps %s", (value, expected) => {
    expect(safeReturnTarget(value, own)).toBe(expected);
  });

  it.each([
    "/.auth/login",
    "/.AUTH/logout",
    "/.auth",
    "/%2eauth/login",
    "/%252eauth/login",
    "/x/../.auth/login",
    "/.auth%2flogin",
    "/.auth/accept?done=x",
  ])("never leads back to the gate: %s", (value) => {
    expect(safeReturnTarget(value, own)).toBe("/");
  });

  it.each([null, undefined, "", "x", "javascript:alert(1)", `/${"a".repeat(1024)}`, `/${"é".repeat(400)}`])(
    "makes / of %j",
    (value) => {
      expect(safeReturnTarget(value, own)).toBe("/");
    },
  );

  const hosts = [
    "evil.example",
    "evil.example/%2e%2e",
    "user@evil.example",
    "demo.example.evil.example",
    "3627734734",
    "[::1]",
  ];
  const leads = [
    "//", "///", "/\\", "\\\\", "\\/", "/\t/", "/\n/", "/ /", "/%09/", "/%5c", "/%2f", "/%2F%2f", "/%252f", "/%255c",
    "/%0d%0a/", "/.//", "/..//", "/%2e//", "/%2e%2e//", "/%252e%252e//", "/x/..//", "/x/..%2f/", "/x/..%252f/", "https:", "https:/",
    "https://", "//a1b2c3d4.demo.example@", "/;//", "/\u2028/", "/%E3%80%82//", "\u0000//", "//\u00ad",
  ]; // biome-ignore format: one corpus
  it.each(leads.flatMap((lead) => hosts.map((host) => lead + host)))(
    "open redirect: %j (GHSA-j7px-6hwj-hpjg)",
    (value) => {
      expectSafe(value);
      expectSafe(encodeURIComponent(value));
      expectSafe(`/${encodeURIComponent(value)}`);
    },
  );

  it("GHSA-4mf2-f3wh-gvf2, CVE-2026-7504, CVE-2026-3872: look-alikes, several @, ..;/", () => {
    for (const value of [
      `${own}.evil.example/`,
      `${own}@evil.example/`,
      `${own}@a@evil.example/`,
      `//a@b@evil.example/`,
      `/..;//evil.example`,
      `/x/..;/..;//evil.example`,
    ]) {
      expectSafe(value);
    }
  });

  it("never leaves the origin, as it is, decoded once and decoded twice", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "/",
        "\\",
        ".",
        "..",
        "%2f",
        "%5c",
        "%2e",
        "%25",
        "%09",
        "\t",
        "@",
        ":",
        "?",
        "#",
        ";",
        "//",
        "evil.example",
        ".auth",
        "https:",
      ),
      fc.string({ unit: "grapheme", maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
        expectSafe(`/${pieces.join("")}`);
        expectSafe(pieces.join(""));
      }),
      { numRuns: 3000 },
    );
  });
});
