import { describe, expect, it } from "vitest";
import { createTicketKeys } from "../../../pages-plugin/src/session/ticket-keys.ts";
import { hostOrigin, key, makeKey, makeWorld, pin, startTime } from "../site/support.ts";

const minute = 60_000;
const other = await makeKey("k2");

function down(): never {
  throw new Error("unreachable");
}

function setup(pinned = [pin(key)]) {
  const world = makeWorld();
  const keys = createTicketKeys({ origin: hostOrigin, keys: pinned }, world.deps);
  const find = (kid: string) => keys.find(kid, world.waitUntil);
  return { world, keys, find };
}

const code = (name: string) => expect.objectContaining({ code: name });

describe("ticket keys", () => {
  it("asks the host once and then only in the background, every five minutes", async () => {
    const { world, keys, find } = setup([]);
    expect(await find("k1")).toBeInstanceOf(CryptoKey);
    await find("k1");
    expect(world.fetches).toEqual([`${hostOrigin}/.auth/jwks`]);
    world.now += 5 * minute;
    keys.tend(world.waitUntil);
    keys.tend(world.waitUntil);
    await Promise.all(world.waiting);
    expect(world.fetches).toHaveLength(2);
  });

  it("keeps the CryptoKey of a key that did not change, so that remembered sessions stay", async () => {
    const { world, keys, find } = setup([]);
    const before = await find("k1");
    world.now += 5 * minute;
    keys.tend(world.waitUntil);
    await Promise.all(world.waiting);
    expect(before && keys.holds("k1", before)).toBe(true);
  });

  it("drops a key that the host dropped, although it is pinned", async () => {
    const { world, keys, find } = setup([pin(key, startTime / 1000 + 90 * 86_400)]);
    const before = await find("k1");
    world.jwks = () => Response.json({ keys: [other.jwk] });
    world.now += 5 * minute;
    keys.tend(world.waitUntil);
    await Promise.all(world.waiting);
    expect(before && keys.holds("k1", before)).toBe(false);
    expect(await find("k1")).toBeUndefined();
    // … and it does not come back when the host goes down, nor when the fetched set is too old.
    world.jwks = down;
    world.now += 25 * 60 * minute;
    await expect(find("k1")).rejects.toEqual(code("keys-unavailable"));
  });

  it("an isolate that was idle asks before it believes: a key dropped meanwhile lets nobody in once more", async () => {
    const { world, keys, find } = setup([]);
    const before = await find("k1");
    world.jwks = () => Response.json({ keys: [other.jwk] });
    world.now += 40 * minute;
    keys.tend(world.waitUntil);
    expect(before && keys.holds("k1", before)).toBe(false);
    expect(await find("k1")).toBeUndefined();
    // … and where the host can't be asked, what it said last holds on.
    world.jwks = down;
    world.now += 40 * minute;
    expect(await find("k2")).toBeInstanceOf(CryptoKey);
  });

  it("does not take another key under the same id for the one that was remembered", async () => {
    const { world, keys, find } = setup([]);
    const before = await find("k1");
    world.jwks = () => Response.json({ keys: [{ ...other.jwk, kid: "k1" }] });
    world.now += 5 * minute;
    keys.tend(world.waitUntil);
    await Promise.all(world.waiting);
    expect(before && keys.holds("k1", before)).toBe(false);
  });

  it("serves pinned keys while the host can't be asked, each until its own not_after", async () => {
    const { world, keys, find } = setup([
      pin(key, startTime / 1000 + 60),
      pin(other, startTime / 1000 + 120),
    ]);
    world.jwks = down;
    const first = await find("k1");
    expect(first).toBeInstanceOf(CryptoKey);
    expect(first && keys.holds("k1", first)).toBe(true);
    world.now += minute;
    expect(first && keys.holds("k1", first)).toBe(false);
    await expect(find("k1")).rejects.toEqual(code("keys-unavailable"));
    expect(await find("k2")).toBeInstanceOf(CryptoKey);
    world.now += minute;
    await expect(find("k2")).rejects.toEqual(code("keys-unavailable"));
  });

  it("waits at most a second in a cold isolate", async () => {
    const { world, find } = setup();
    world.jwks = () => new Promise(() => undefined);
    const before = performance.now();
    expect(await find("k1")).toBeInstanceOf(CryptoKey);
    expect(performance.now() - before).toBeLessThan(1_900);
  });

  it("asks for an unknown id at once, then not again for five minutes", async () => {
    const { world, find } = setup([]);
    await find("k1");
    world.now += 1000;
    world.jwks = () => Response.json({ keys: [key.jwk, other.jwk] });
    expect(await find("k2")).toBeInstanceOf(CryptoKey);
    expect(world.fetches).toHaveLength(2);
    for (const kid of ["x", "y", "z"]) expect(await find(kid)).toBeUndefined();
    expect(world.fetches).toHaveLength(2);
  });

  it("is unavailable, and not in a loop, where it has no key at all", async () => {
    const { world, find } = setup([]);
    world.jwks = down;
    for (let attempt = 0; attempt < 5; attempt++)
      await expect(find("k1")).rejects.toEqual(code("keys-unavailable"));
    expect(world.fetches.length).toBeLessThanOrEqual(2);
    world.jwks = () => Response.json({ keys: [key.jwk] });
    world.now += minute;
    await expect(find("k1")).rejects.toEqual(code("keys-unavailable"));
    await Promise.all(world.waiting);
    expect(await find("k1")).toBeInstanceOf(CryptoKey);
  });

  it("an empty set is an outage, since a host without a key doesn't start: what was known stays", async () => {
    const { world, keys, find } = setup([]);
    const before = await find("k1");
    world.jwks = () => Response.json({ keys: [] });
    world.now += 5 * minute;
    keys.tend(world.waitUntil);
    await Promise.all(world.waiting);
    expect(before && keys.holds("k1", before)).toBe(true);
    world.now += 24 * 60 * minute;
    await expect(find("k1")).rejects.toEqual(code("keys-unavailable"));
  });

  it("tells whether the host answers: asks at most every five seconds, and takes slow for an answer", async () => {
    const { world, keys } = setup([]);
    const answers = () => keys.answers(world.waitUntil);
    world.jwks = down;
    expect([await answers(), await answers()]).toEqual([false, false]);
    expect(world.fetches).toHaveLength(1);
    world.now += 5_000;
    world.jwks = () => new Response("busy", { status: 503 });
    expect(await answers()).toBe(false);
    world.now += 5_000;
    world.jwks = () => new Response("<html>");
    expect(await answers()).toBe(true);
    world.now += 5_000;
    world.jwks = () => new Promise(() => undefined);
    expect(await answers()).toBe(true);
    expect(world.fetches).toHaveLength(4);
  });

  it.each([
    ["a redirect", () => new Response(null, { status: 302, headers: { location: "https://evil.example/" } })],
    ["an error", () => new Response("busy", { status: 503 })],
    ["HTML (a challenge page)", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["no keys", () => Response.json({ keys: [] })],
    ["no list", () => Response.json({ keys: { k1: key.jwk } })],
    ["null", () => Response.json(null)],
    ["too much", () => new Response(`{"keys":[],"x":"${"x".repeat(70_000)}"}`)],
    ["too many", () => Response.json({ keys: Array.from({ length: 17 }, () => key.jwk) })],
  ])("does not believe %s", async (_, jwks) => {
    const { world, find } = setup();
    world.jwks = jwks;
    expect(await find("k1")).toBeInstanceOf(CryptoKey);
    expect((await world.log()).map((line) => line["code"])).toContain("keys-unavailable");
  });

  it("CVE-2026-22817: takes RSA keys for RS256 signatures only", async () => {
    const weak = await makeKey("weak", 1024).catch(() => undefined);
    const odd: object[] = [
      { kty: "oct", kid: "oct", k: "c2VjcmV0", alg: "HS256" },
      { ...key.jwk, kid: "no-alg", alg: undefined },
      { ...key.jwk, kid: "rs512", alg: "RS512" },
      { ...key.jwk, kid: "enc", use: "enc" },
      { ...key.jwk, kid: "short", n: "AQAB" },
      { ...key.jwk, kid: "" },
      ...(weak ? [weak.jwk] : []),
      key.jwk,
    ];
    const { world, find } = setup([]);
    world.jwks = () => Response.json({ keys: odd });
    expect(await find("k1")).toBeInstanceOf(CryptoKey);
    for (const kid of ["oct", "no-alg", "rs512", "enc", "short", "weak"])
      expect(await find(kid)).toBeUndefined();
  });
});
