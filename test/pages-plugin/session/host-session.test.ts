import fc from "fast-check";
import { CompactEncrypt, decodeProtectedHeader } from "jose";
import { describe, expect, test } from "vitest";
import {
  type HostSession,
  longestSessionCookie,
  openHostSession,
  sealHostSession,
} from "../../../pages-plugin/src/session/host-session.ts";
import { type CookieKeys, importCookieKey } from "../../../pages-plugin/src/session/keys.ts";
import { newCookieKey } from "../host/support/world.ts";

const kid = "20261101_AAAAAA";
/** Seconds since 1970. */
const now = Date.UTC(2026, 10, 23, 12) / 1000;
const day = 86_400;
const keysWith = async (id = kid): Promise<CookieKeys> => ({
  active: id,
  byId: new Map([[id, await importCookieKey(id, newCookieKey())]]),
});

const base: HostSession = {
  kind: "user",
  tid: "11111111-2222-4333-8444-555555555555",
  oid: "0d000000-0000-4000-8000-000000000001",
  name: "Zoë 😀 Møller",
  groups: [],
  groupsState: "known",
  roles: ["Site.Admin"],
  named: "d".repeat(32),
  signedInAt: 1,
  authTime: 2,
  acrs: ["c1"],
  claimsAt: 3,
};

const anyGroups = fc.array(fc.uuid(), { maxLength: 100 });

describe("a host session", () => {
  test("comes back as it went in", async () => {
    const keys = await keysWith();
    await fc.assert(
      fc.asyncProperty(anyGroups, fc.string(), async (groups, name) => {
        const session = { ...base, groups, name, loginHint: "O.x" };
        expect(await openHostSession(await sealHostSession(session, keys, now), keys, now)).toEqual(session);
      }),
      { numRuns: 50 },
    );
  });

  test("costs 16 bytes a group before encoding (oauth2-proxy#1902)", async () => {
    const keys = await keysWith();
    const length = async (count: number) =>
      (await sealHostSession({ ...base, groups: Array(count).fill(base.oid) }, keys, now)).length;
    expect((await length(90)) - (await length(0))).toBe((90 * 16 * 4) / 3);
    expect(await length(100)).toBeLessThan(longestSessionCookie);
  });

  test("says nothing readable", async () => {
    const value = await sealHostSession(base, await keysWith(), now);
    const readable = value.split(".").map((part) => Buffer.from(part, "base64url").toString("latin1"));
    expect(readable.join()).not.toContain("Site.Admin");
  });

  test("changed in any place is no session", async () => {
    const keys = await keysWith();
    const value = await sealHostSession(base, keys, now);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(value.length - 1),
        fc.constantFrom("A", "b", "_", ".", ""),
        async (at, letter) => {
          const changed = value.slice(0, at) + letter + value.slice(at + 1);
          if (changed === value) return;
          const opened = await openHostSession(changed, keys, now);
          // The last letter of a part has bits that decode to nothing.
          if (opened !== undefined) expect(opened).toEqual(base);
        },
      ),
      { numRuns: 200 },
    );
  });

  test.each([undefined, "", "x", "a.b.c.d.e", "....", "é"])("%j is none", async (value) => {
    expect(await openHostSession(value, await keysWith(), now)).toBeUndefined();
  });

  test("of an unknown key, or of another key under a known id, is none", async () => {
    const value = await sealHostSession(base, await keysWith(), now);
    expect(await openHostSession(value, await keysWith("20261102_BBBBBB"), now)).toBeUndefined();
    expect(await openHostSession(value, await keysWith(), now)).toBeUndefined();
  });

  test("is opened by an older key beside the active one, until that key is 180 days old", async () => {
    const before = await keysWith();
    const value = await sealHostSession(base, before, now);
    const after = await keysWith("20270101_BBBBBB");
    const both = { active: after.active, byId: new Map([...before.byId, ...after.byId]) };
    expect(await openHostSession(value, both, now)).toEqual(base);
    const next = decodeProtectedHeader(await sealHostSession(base, both, now));
    expect(next.kid).toBe(after.active);
    const end = Date.UTC(2026, 10, 1) / 1000 + 180 * day;
    expect(await openHostSession(value, both, end - 1)).toEqual(base);
    expect(await openHostSession(value, both, end)).toBeUndefined();
    await expect(sealHostSession(base, before, end)).rejects.toMatchObject({ code: "cookie-key-expired" });
  });

  test.each([
    [{ alg: "dir", enc: "A256GCM", kid }],
    [{ alg: "dir", enc: "A256GCM", kid, typ: "JWT" }],
    [{ alg: "dir", enc: "A256GCM", kid, typ: "entra-gate-host-transaction" }],
    [{ alg: "dir", enc: "A256GCM", typ: "entra-gate-host-session" }],
    [{ alg: "A256GCMKW", enc: "A256GCM", kid, typ: "entra-gate-host-session" }],
  ])("made with the right key but as %j is none", async (header) => {
    const text = newCookieKey();
    const bytes = Buffer.from(text, "base64url");
    const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
    const keys = { active: kid, byId: new Map([[kid, await importCookieKey(kid, text)]]) };
    const plaintext = new TextEncoder().encode(`\0\x02{}`);
    const value = await new CompactEncrypt(plaintext).setProtectedHeader(header).encrypt(key);
    expect(await openHostSession(value, keys, now)).toBeUndefined();
  });

  test("of another version is none", async () => {
    const keys = await keysWith();
    const json = new TextEncoder().encode(JSON.stringify({ ...base, version: 1 }));
    const plaintext = new Uint8Array([json.length >> 8, json.length & 255, ...json]);
    const value = await new CompactEncrypt(plaintext)
      .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid, typ: "entra-gate-host-session" })
      .encrypt(keys.byId.get(kid)?.key as CryptoKey);
    expect(await openHostSession(value, keys, now)).toBeUndefined();
  });
});
