import { base64url, exportSPKI, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import { createWorld, outcome, type World } from "./support.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

describe("algorithm confusion (CVE-2026-22817, CVE-2026-22818)", () => {
  test("none", async () => {
    world.provider.sign = async (claims) => new UnsecuredJWT(claims).encode();
    expect(await outcome(world)).toBe("id-token-invalid");
  });

  test.each(["None", "NONE", "nOnE"])("%s with the key's id", async (alg) => {
    world.provider.sign = async (claims) => {
      const part = (value: unknown) => base64url.encode(JSON.stringify(value));
      return `${part({ alg, kid: world.provider.kid })}.${part(claims)}.`;
    };
    expect(await outcome(world)).toBe("id-token-invalid");
  });

  test("RS256 in the header without a signature", async () => {
    world.provider.sign = async (claims) => {
      const part = (value: unknown) => base64url.encode(JSON.stringify(value));
      return `${part({ alg: "RS256", kid: world.provider.kid })}.${part(claims)}.`;
    };
    expect(await outcome(world)).toBe("id-token-signature");
  });

  test("HS256 with the public key as its secret", async () => {
    const key = (await importJWK(world.provider.publicJwk, "RS256", { extractable: true })) as CryptoKey;
    const secret = new TextEncoder().encode(await exportSPKI(key));
    world.provider.sign = (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: world.provider.kid }).sign(secret);
    expect(await outcome(world)).toBe("id-token-invalid");
  });

  test("another algorithm of the right key", async () => {
    const { privateKey } = await generateKeyPair("PS256");
    world.provider.sign = (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: "PS256", kid: world.provider.kid }).sign(privateKey);
    expect(await outcome(world)).toBe("id-token-invalid");
  });

  test("somebody else's key under the right key's id", async () => {
    const { privateKey } = await generateKeyPair("RS256");
    world.provider.sign = (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: world.provider.kid }).sign(privateKey);
    expect(await outcome(world)).toBe("id-token-signature");
  });

  test("a key that the token brings along", async () => {
    const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
    const jwk = await crypto.subtle.exportKey("jwk", publicKey);
    world.provider.sign = (claims) =>
      new SignJWT(claims)
        .setProtectedHeader({
          alg: "RS256",
          kid: world.provider.kid,
          jwk: jwk as never,
          jku: "http://evil.localhost",
        })
        .sign(privateKey);
    expect(await outcome(world)).toBe("id-token-signature");
  });

  test.each(["", "a.b", "a.b.c.d.e", "....", `${"a".repeat(70_000)}.b.c`, "eyJhbGciOiJSUzI1NiJ9.e30.AA"])(
    "no JWT at all: %.20s",
    async (token) => {
      world.provider.sign = async () => token;
      expect(await outcome(world)).toBe(token === "" ? "entra-answer-invalid" : "id-token-invalid");
    },
  );
});
