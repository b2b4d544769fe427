import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redirectUriMatches, redirectUriProblem } from "../../../local/entra/directory/redirect-uris.ts";
import { Replicated } from "../../../local/entra/directory/replicated.ts";

describe("redirectUriMatches", () => {
  it("takes nothing but the very same text, localhost aside", () => {
    const uri = "https://sign-in.contoso.example/.auth/callback";
    fc.assert(
      fc.property(fc.nat(uri.length - 1), fc.string({ unit: "grapheme", maxLength: 1 }), (at, character) => {
        const other = uri.slice(0, at) + character + uri.slice(at + 1);
        expect(redirectUriMatches(uri, other)).toBe(other === uri);
      }),
    );
  });

  it.each([
    ["http://localhost/cb", "http://localhost:8788/cb", true],
    ["http://localhost:1/cb", "http://localhost:2/cb", true],
    ["http://localhost/cb", "http://localhost:8788/CB", false],
    ["https://a.example/cb", "https://a.example/CB", false],
    ["https://a.example/cb", "https://A.example/cb", false],
    ["http://localhost/cb", "https://localhost/cb", false],
    ["http://a.localhost:1/cb", "http://a.localhost:2/cb", false],
    ["http://localhost/cb", "http://localhost.evil.example/cb", false],
    ["http://localhost/cb", "http://localhost:80@evil.example/cb", false],
  ])("%s registered, %s requested: %s", (registered, requested, expected) => {
    expect(redirectUriMatches(registered, requested)).toBe(expected);
  });
});

it.each([
  ["https://a.example/cb", true],
  ["http://localhost:3000/cb", true],
  ["http://sign-in.localhost:3000/cb", true],
  ["http://a.example/cb", false],
  ["javascript:alert(1)", false],
  ["https://user:pass@a.example/", false],
  ["https://a.example\\@evil.example/", false],
  ["/cb", false],
])("registers %s: %s", (uri, taken) => {
  expect(redirectUriProblem(uri) === undefined).toBe(taken);
});

it("alternates between the state before and after until a write has propagated, the stale one first", () => {
  const object = new Replicated("a", 0);
  const read = (now: number) => object.read(now, 100);
  expect([read(0), read(1), read(2)]).toEqual([undefined, "a", undefined]);
  expect(read(100)).toBe("a");
  object.write("b", 200);
  expect(object.current).toBe("b");
  expect([read(200), read(250), read(299), read(300)]).toEqual(["a", "b", "a", "b"]);
});
