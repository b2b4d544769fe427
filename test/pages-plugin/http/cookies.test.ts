import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  clearCookie,
  cookieValues,
  isGateCookie,
  readCookies,
  serializeCookie,
  singleCookie,
  withoutGateCookies,
} from "../../../pages-plugin/src/http/cookies.ts";

const session = "__Host-entra-gate-session";

describe("readCookies", () => {
  it("keeps every value of a name", () => {
    const cookies = readCookies(`a=1; ${session}=x; a=2;b = 3 ;c`);
    expect(cookies.get("a")).toEqual(["1", "2"]);
    expect(cookies.get("b")).toEqual(["3"]);
    expect(cookies.has("c")).toBe(false);
  });

  it("gives a doubled cookie no single value (a planted second session cookie)", () => {
    expect(singleCookie(readCookies(`${session}=x`), session)).toBe("x");
    expect(singleCookie(readCookies(`${session}=x; ${session}=y`), session)).toBeUndefined();
    expect(singleCookie(readCookies(null), session)).toBeUndefined();
  });

  it("does not mistake prototype members for cookies", () => {
    expect(readCookies("__proto__=1").get("__proto__")).toEqual(["1"]);
    expect(readCookies("a=1").has("constructor")).toBe(false);
  });

  it("reads back whatever serializeCookie wrote", () => {
    const value = fc.stringMatching(/^[\w.-]{0,60}$/);
    fc.assert(
      fc.property(value, value, (id, text) => {
        const name = `__Host-entra-gate-tx-${id}`;
        const [pair = ""] = serializeCookie(name, text, { sameSite: "None" }).split(";");
        expect(readCookies(`a=b; ${pair}; c=d`).get(name)).toEqual([text]);
      }),
    );
  });
});

describe("cookieValues", () => {
  it("finds what readCookies finds, whatever is sent", () => {
    const piece = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom(session, `${session}=`, "=", ";", "; ", " ", "\t", '"', "\u00a0"),
      },
      { weight: 1, arbitrary: fc.string({ maxLength: 4 }) },
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 16, size: "max" }), (pieces) => {
        const header = pieces.join("");
        expect(cookieValues(header, session)).toEqual(readCookies(header).get(session) ?? []);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("serializeCookie", () => {
  it("is always Secure, HttpOnly and Path=/, and has no Domain", () => {
    const line = serializeCookie(session, "a.b", { sameSite: "Lax", maxAge: 10.9 });
    expect(line).toBe(`${session}=a.b; Path=/; Max-Age=10; Secure; HttpOnly; SameSite=Lax`);
    expect(clearCookie(session)).toContain("Max-Age=0");
  });

  it.each(["a;b", "a\r\nSet-Cookie: x=y", "a b", 'a"b', "a,b"])("refuses the value %j", (value) => {
    expect(() => serializeCookie(session, value, { sameSite: "Lax" })).toThrow(TypeError);
  });

  it("refuses a name that would end the pair", () => {
    expect(() => serializeCookie("a=b", "c", { sameSite: "Lax" })).toThrow(TypeError);
  });
});

describe("withoutGateCookies", () => {
  it.each([
    `${session}=x`,
    ` ${session} =x`,
    "__HOST-ENTRA-GATE-SESSION=x",
    `=${session}=x`,
    `"${session}"=x`,
    session,
    `\t${session}=x`,
  ])("drops %j", (pair) => {
    expect(withoutGateCookies(pair)).toBeUndefined();
    expect(withoutGateCookies(`theme=dark; ${pair}; lang=en`)).toBe("theme=dark; lang=en");
  });

  it("leaves the site's own cookies as they were sent", () => {
    expect(withoutGateCookies("a=1; __Host-session=2;b=entra-gate")).toBe(
      "a=1; __Host-session=2;b=entra-gate",
    );
  });

  it("leaves no name of the gate's, whatever is sent", () => {
    const piece = fc.oneof(
      fc.constantFrom(session, "=", ";", " ", "\t", '"', ","),
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const rest = withoutGateCookies(pieces.join("")) ?? "";
        expect([...readCookies(rest).keys()].some(isGateCookie)).toBe(false);
      }),
    );
  });
});
