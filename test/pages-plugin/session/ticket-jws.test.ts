import fc from "fast-check";
import { jwtVerify, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { ticketType } from "../../../contract/tickets/claims.ts";
import { importPublicKey } from "../../../pages-plugin/src/session/fetched-keys.ts";
import { verifyTicketJws } from "../../../pages-plugin/src/session/ticket-jws.ts";
import { key, makeKey, sign } from "../site/support.ts";

const publicKey = await importPublicKey(key.jwk);
const find = async (kid: string) => (kid === "k1" ? publicKey : undefined);

async function ours(ticket: string): Promise<unknown> {
  return verifyTicketJws(ticket, find).then(
    ({ payload }) => payload,
    () => undefined,
  );
}

/** The library's verdict, with the same demands. */
async function theirs(ticket: string): Promise<unknown> {
  const getKey = async ({ kid }: { kid?: string | undefined }) => {
    if (kid !== "k1") throw new Error("no key");
    return publicKey;
  };
  // Times are the next layer's business.
  const currentDate = new Date(0);
  return jwtVerify(ticket, getKey, { algorithms: ["RS256"], typ: ticketType, currentDate }).then(
    ({ payload }) => payload,
    () => undefined,
  );
}

const encode = (text: string | Uint8Array) => Buffer.from(text).toString("base64url");

/** Signed by the right key, whatever header and payload are. */
async function signedText(header: string | Uint8Array, payload: string | Uint8Array): Promise<string> {
  const input = `${encode(header)}.${encode(payload)}`;
  const signature = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", key.privateKey, Buffer.from(input));
  return `${input}.${encode(new Uint8Array(signature))}`;
}

const goodHeader = { alg: "RS256", typ: ticketType, kid: "k1" };
const claims = { iss: "https://gate.example", name: "Zoë", roles: ["a"] };
const good = await sign(claims);

/** Whether each part is base64url as an encoder writes it. The library takes other forms, too; the gate does not. */
function isCanonical(ticket: string): boolean {
  return ticket.split(".").every((part) => encode(Buffer.from(part, "base64url")) === part);
}

async function expectSame(ticket: string): Promise<void> {
  const [mine, library] = [await ours(ticket), await theirs(ticket)];
  if (mine !== undefined || isCanonical(ticket)) expect(mine).toEqual(library);
}

describe("verifyTicketJws", () => {
  it("gives the payload of a good one, as the library does", async () => {
    expect(await ours(good)).toEqual(claims);
    expect(await theirs(good)).toEqual(claims);
  });

  it("judges as the library does: any change of characters", async () => {
    const edit = fc.record({
      at: fc.nat(good.length),
      remove: fc.nat(3),
      insert: fc.string({ unit: fc.constantFrom(..."Ab0_-.+/= \n%é\u0000"), maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 2 }), async (edits) => {
        let ticket = good;
        for (const { at, remove, insert } of edits)
          ticket = ticket.slice(0, at) + insert + ticket.slice(at + remove);
        await expectSame(ticket);
      }),
      { numRuns: 400 },
    );
  });

  it("judges as the library does: any header, well signed", async () => {
    const odd = fc.constantFrom<unknown>(undefined, null, "", "RS256", "none", "HS256", "k1", ticketType, 1, [
      "RS256",
    ]);
    const member = fc.constantFrom(
      "alg",
      "typ",
      "kid",
      "jku",
      "jwk",
      "x5c",
      "b64",
      "__proto__",
      "constructor",
    );
    const changes = fc.array(fc.tuple(member, odd), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const members = [...Object.entries(goodHeader), ...list]
          .filter(([, value]) => value !== undefined)
          .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
        // Members of one name stand in the text twice: the last one counts for both.
        await expectSame(await signedText(`{${members.join(", ")}}`, JSON.stringify(claims)));
      }),
      { numRuns: 300 },
    );
  });

  it("judges as the library does: any payload, well signed", async () => {
    const payloads = fc.oneof(fc.json(), fc.uint8Array({ maxLength: 8 }), fc.string());
    await fc.assert(
      fc.asyncProperty(payloads, async (payload) => {
        await expectSame(await signedText(JSON.stringify(goodHeader), payload));
      }),
      { numRuns: 200 },
    );
  });

  const asTheirs: [string, () => Promise<string>][] = [
    ["no JSON", () => signedText("alg", "{}")],
    ["a list for a header", () => signedText(JSON.stringify([goodHeader]), "{}")],
    ["null for a header", () => signedText("null", "{}")],
    ["a header that is no UTF-8", () => signedText(Buffer.from('{"alg":"RS256\xff"}', "latin1"), "{}")],
    ["a payload that is no UTF-8", () => signedText(JSON.stringify(goodHeader), Buffer.from([0x7b, 0xff]))],
    ["a list for a payload", () => signedText(JSON.stringify(goodHeader), "[]")],
    [
      "a critical extension",
      () => signedText(JSON.stringify({ ...goodHeader, crit: ["exp"], exp: 1 }), "{}"),
    ],
    ["an empty crit", () => signedText(JSON.stringify({ ...goodHeader, crit: [] }), "{}")],
    ["an empty signature", async () => good.replace(/[^.]+$/, "")],
    ["a signature of zeros", async () => good.replace(/[^.]+$/, "A".repeat(342))],
    ["a signature one byte longer", async () => good.replace(/[^.]+$/, "$&AA")],
    ["a signature with a byte less", async () => good.slice(0, -2)],
    ["an empty payload", async () => good.replace(/\..*\./, "..")],
    ["two parts", async () => good.slice(0, good.lastIndexOf("."))],
    ["four parts", async () => `${good}.`],
    ["JSON serialization", async () => JSON.stringify({ protected: good })],
    [
      "PS256 by the same key's name",
      async () => good.replace(/^[^.]+/, encode('{"alg":"PS256","kid":"k1"}')),
    ],
    ["another's signature", async () => sign(claims, { ...(await makeKey("k1")), kid: "k1" })],
    ["a key that is unknown", async () => sign(claims, { ...key, kid: "k2" })],
  ];
  it.each(asTheirs)("refuses as the library does: %s", async (_, make) => {
    const ticket = await make();
    expect(await theirs(ticket)).toBeUndefined();
    expect(await ours(ticket)).toBeUndefined();
  });

  const stricter: [string, () => Promise<string>][] = [
    ["a type in capitals", () => sign(claims, key, { typ: ticketType.toUpperCase() })],
    ["a type with its prefix", () => sign(claims, key, { typ: `application/${ticketType}` })],
    [
      "a crit that says nothing",
      () =>
        new SignJWT(claims)
          .setProtectedHeader({ ...goodHeader, crit: ["b64"], b64: true })
          .sign(key.privateKey),
    ],
    ["padding", async () => `${good}==`],
    ["a line's end within", async () => `${good.slice(0, -2)}\n${good.slice(-2)}`],
    ["unused bits that are set", async () => good.slice(0, -1) + nextCharacter(good.slice(-1))],
    ["more than any cookie holds", () => sign({ ...claims, name: "n".repeat(8192) })],
  ];
  it.each(stricter)("refuses what the library takes: %s", async (_, make) => {
    const ticket = await make();
    expect(await theirs(ticket)).toBeDefined();
    expect(await ours(ticket)).toBeUndefined();
  });

  it("imports no key of less than 2048 bits, however its modulus is written", async () => {
    const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", publicExponent: new Uint8Array([1, 0, 1]) };
    const pair = await crypto.subtle.generateKey({ ...rsa, modulusLength: 1024 }, true, ["sign", "verify"]);
    const { n = "", e = "" } = await crypto.subtle.exportKey("jwk", pair.publicKey);
    expect(n).toHaveLength(171);
    await expect(importPublicKey({ n, e })).rejects.toThrow("weak");
    await expect(importPublicKey({ n: `${"A".repeat(344)}${n}`, e })).rejects.toThrow("weak");
  });
});

/** The character after it in the alphabet: the two lowest bits change, and those of 256 bytes' last one are unused. */
function nextCharacter(character: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return alphabet[alphabet.indexOf(character) + 1] ?? "";
}

it("takes nothing on trust from the header of a good ticket before it", async () => {
  expect(await ours(good)).toEqual(claims);
  const [head = "", body = "", tail = ""] = good.split(".");
  expect(
    await ours(`${head}.${encode(JSON.stringify({ ...claims, roles: ["b"] }))}.${tail}`),
  ).toBeUndefined();
  expect(await ours(`${head}.${body}.`)).toBeUndefined();
  // Its key may be gone by then.
  await expect(verifyTicketJws(good, async () => undefined)).rejects.toMatchObject({
    code: "ticket-key-unknown",
  });
  expect(
    await ours(`${encode(JSON.stringify({ ...goodHeader, alg: "none" }))}.${body}.${tail}`),
  ).toBeUndefined();
  expect(await ours(good)).toEqual(claims);
});
