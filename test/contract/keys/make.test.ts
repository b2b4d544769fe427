import { createPublicKey, createSign, createVerify } from "node:crypto";
import { describe, expect, test } from "vitest";
import { madeAt, newKeyId } from "../../../contract/keys/key-id.ts";
import { makeCookieKey, makeSigningKey } from "../../../contract/keys/make.ts";
import { importCookieKey, importSigningKey } from "../../../pages-plugin/src/session/keys.ts";

const now = Date.UTC(2026, 10, 25, 23, 59);

describe("new keys", () => {
  test("a signing key is one that the host takes, 2048 bits, with exponent 65537", async () => {
    const { kid, secret } = await makeSigningKey(now);
    const { publicKey } = await importSigningKey(kid, secret);
    expect(kid).toMatch(/^20261125_[0-9A-F]{6}$/);
    expect(publicKey).toMatchObject({ kid, alg: "RS256", use: "sig", e: "AQAB" });
    expect(Buffer.from(publicKey.n, "base64url")).toHaveLength(256);
    const signature = createSign("sha256")
      .update("x")
      .sign({ key: JSON.parse(secret), format: "jwk" });
    const verifying = createPublicKey({ key: { ...publicKey }, format: "jwk" });
    expect(createVerify("sha256").update("x").verify(verifying, signature)).toBe(true);
  });

  test("everything private is named, so that it can be masked; nothing public is", async () => {
    const { secret, privateParts } = await makeSigningKey(now);
    const { d, p, q, dp, dq, qi, n, e } = JSON.parse(secret);
    expect(new Set(privateParts)).toEqual(new Set([secret, d, p, q, dp, dq, qi]));
    expect(privateParts).not.toContain(n);
    expect(privateParts).not.toContain(e);
  });

  test("a cookie key is one that the host takes", async () => {
    const { kid, secret, privateParts } = makeCookieKey(now);
    await importCookieKey(kid, secret);
    expect(privateParts).toEqual([secret]);
  });

  test("no two are the same", async () => {
    const many = Array.from({ length: 50 }, () => makeCookieKey(now));
    expect(new Set(many.map(({ secret }) => secret)).size).toBe(50);
    expect(new Set(many.map(({ kid }) => kid)).size).toBeGreaterThan(45);
  });

  test("an id says on which day, UTC, it was made", () => {
    expect(madeAt(newKeyId(now))).toBe(Date.UTC(2026, 10, 25) / 1000);
  });
});
