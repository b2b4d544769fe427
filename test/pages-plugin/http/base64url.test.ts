import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";

const ways = { "the runtime's own": true, "by hand": false } as const;

afterEach(() => vi.unstubAllGlobals());

describe.each(Object.entries(ways))("base64url, %s", async (_, own) => {
  // Which of both the module takes is settled when it is read; Node 24 has none of its own.
  const codec = async () => {
    vi.resetModules();
    const fromBase64 = (text: string) => {
      // As the standard has it, blanks, padding and unused bits are no error.
      const plain = text.replace(/[\s=]/g, "");
      if (!/^[\w-]*$/.test(plain) || plain.length % 4 === 1) throw new SyntaxError();
      return Uint8Array.from(Buffer.from(plain, "base64url"));
    };
    class Bytes extends Uint8Array {
      static fromBase64 = fromBase64;
    }
    if (own) {
      vi.stubGlobal("Uint8Array", Bytes);
      const toBase64 = function (this: Uint8Array) {
        return Buffer.from(this).toString("base64url");
      };
      Object.defineProperty(Bytes.prototype, "toBase64", { value: toBase64 });
    }
    return import("../../../pages-plugin/src/http/base64url.ts");
  };

  it("is what Node makes of any bytes and any text, and reads back", async () => {
    const { decodeBase64url, encodeBase64url } = await codec();
    vi.unstubAllGlobals();
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300, size: "max" }),
        fc.string({ unit: "grapheme" }),
        (bytes, text) => {
          const encoded = encodeBase64url(Uint8Array.from(bytes));
          expect(encoded).toBe(Buffer.from(bytes).toString("base64url"));
          expect([...decodeBase64url(encoded)]).toEqual([...bytes]);
          expect(encodeBase64url(text.toWellFormed())).toBe(
            Buffer.from(text.toWellFormed()).toString("base64url"),
          );
        },
      ),
    );
  });

  it("takes one text for each sequence of bytes and no other", async () => {
    const { decodeBase64url } = await codec();
    vi.unstubAllGlobals();
    const character = fc.constantFrom(..."ABQgwxyz0189-_+/= \n\té.");
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 12 }), (text) => {
        const canonical = Buffer.from(text, "base64url").toString("base64url") === text;
        if (canonical) expect([...decodeBase64url(text)]).toEqual([...Buffer.from(text, "base64url")]);
        else expect(() => decodeBase64url(text)).toThrow();
      }),
      { numRuns: 3000 },
    );
  });
});
