import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import { createWorld, json, outcome, type World } from "./support.ts";

const minute = 60_000;
const hour = 60 * minute;
let world: World;
beforeEach(async () => {
  world = await createWorld();
});

describe("the tenant's keys", () => {
  test("are fetched once for many sign-ins", async () => {
    await outcome(world);
    await outcome(world);
    expect(world.provider.keyFetches.count).toBe(1);
  });

  test("a flood of unknown key ids asks for them at most once in five minutes", async () => {
    const { sign } = world.provider;
    expect(await outcome(world)).toBe("ticket");
    world.provider.sign = (claims) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: "RS256", kid: crypto.randomUUID() })
        .sign(world.provider.privateKey);
    for (let count = 0; count < 10; count++) {
      world.clock.now += 59_000;
      expect(await outcome(world)).toBe("id-token-key-unknown");
    }
    expect(world.provider.keyFetches.count).toBe(2);
    world.provider.sign = sign;
    expect(await outcome(world)).toBe("ticket");
  });

  test("a rotated key is found as soon as five minutes have passed", async () => {
    expect(await outcome(world)).toBe("ticket");
    const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
    const next = { ...(await exportJWK(publicKey)), kid: "next", use: "sig" };
    world.provider.answerKeys = () => json({ keys: [world.provider.publicJwk, next] });
    world.provider.sign = (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "next" }).sign(privateKey);
    world.clock.now += 4 * minute;
    expect(await outcome(world)).toBe("id-token-key-unknown");
    world.clock.now += 2 * minute;
    expect(await outcome(world)).toBe("ticket");
  });

  test("a withdrawn key is gone within the hour", async () => {
    expect(await outcome(world)).toBe("ticket");
    const { publicKey } = await generateKeyPair("RS256", { extractable: true });
    const next = { ...(await exportJWK(publicKey)), kid: "next" };
    world.provider.answerKeys = () => json({ keys: [next] });
    world.clock.now += hour;
    expect(await outcome(world)).toBe("id-token-key-unknown");
  });

  test.each([
    ["no answer", () => Promise.reject(new TypeError("fetch failed"))],
    ["500", () => json({}, 500)],
    ["an empty set", () => json({ keys: [] })],
    ["HTML", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["a redirect", () => Response.redirect("http://evil.localhost/keys", 302)],
    ["no JSON", () => new Response("{", { headers: { "content-type": "application/json" } })],
    ["endless", () => new Response(" ".repeat(300_000), { headers: { "content-type": "application/json" } })],
  ])("an outage (%s) is survived for 24 hours and no longer", async (_, answer) => {
    expect(await outcome(world)).toBe("ticket");
    world.provider.answerKeys = answer;
    world.clock.now += 23 * hour;
    expect(await outcome(world)).toBe("ticket");
    world.clock.now += hour + 1;
    expect(await outcome(world)).toBe("entra-keys-unavailable");
    world.provider.answerKeys = undefined;
    world.clock.now += 5 * minute;
    expect(await outcome(world)).toBe("ticket");
  });

  test.each([
    ["of another type", { kty: "EC", crv: "P-256" }],
    ["for encryption", { use: "enc" }],
    ["of another algorithm", { alg: "RS512" }],
    ["without an id", { kid: undefined }],
  ])("one %s is none", async (_, change) => {
    world.provider.answerKeys = () => json({ keys: [{ ...world.provider.publicJwk, ...change }, null, 7] });
    expect(await outcome(world)).toBe("entra-keys-unavailable");
  });
});
