import { SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, it, vi } from "vitest";
import { ticketType } from "../../../contract/tickets/claims.ts";
import { createSiteSessions, mostRemembered } from "../../../pages-plugin/src/session/site-session.ts";
import { createTicketKeys } from "../../../pages-plugin/src/session/ticket-keys.ts";
import {
  claimsFor,
  hostOrigin,
  key,
  makeKey,
  makeWorld,
  sign,
  siteOrigin,
  ticketFor,
  verifier,
} from "../site/support.ts";

function setup() {
  const world = makeWorld();
  const keys = createTicketKeys({ origin: hostOrigin, keys: [] }, world.deps);
  const read = createSiteSessions({ issuer: hostOrigin, environment: "preview", now: () => world.now }, keys);
  return { world, read: (value: string, origin = siteOrigin) => read(value, origin, world.waitUntil) };
}

const invalid = { ok: false, code: "session-invalid" };

describe("site sessions", () => {
  it("tells who is signed in, and until when", async () => {
    const { read } = setup();
    const value = `${await ticketFor({ oid: "33333333-3333-4333-8333-33333333ABCD" })}.${verifier}`;
    expect(await read(value)).toMatchObject({
      ok: true,
      session: {
        visitor: { kind: "user", name: "Rita Reviewer", oid: "33333333-3333-4333-8333-33333333abcd" },
      },
    });
  });

  it("remembers what it verified, and asks nobody for it", async () => {
    const { world, read } = setup();
    const value = `${await ticketFor()}.${verifier}`;
    const first = await read(value);
    world.jwks = () => {
      throw new Error("unreachable");
    };
    const second = await read(value);
    expect(first.ok && second.ok && second.session === first.session).toBe(true);
    expect(world.fetches).toHaveLength(1);
  });

  it("looks at the end each time, also of a remembered one", async () => {
    const { world, read } = setup();
    const value = `${await ticketFor()}.${verifier}`;
    expect(await read(value)).toMatchObject({ ok: true });
    world.now += 3600_000;
    expect(await read(value)).toMatchObject({ ok: false, code: "session-expired" });
    expect(await read(value)).toMatchObject({ ok: false, code: "session-expired" });
  });

  it("forgets a remembered one when its key is dropped, within five minutes", async () => {
    const { world, read } = setup();
    const value = `${await ticketFor()}.${verifier}`;
    expect(await read(value)).toMatchObject({ ok: true });
    const other = await makeKey("k2");
    world.jwks = () => Response.json({ keys: [other.jwk] });
    world.now += 5 * 60_000;
    await read(value);
    await Promise.all(world.waiting);
    expect(await read(value)).toMatchObject(invalid);
  });

  it("is of one origin, also when remembered (ticket of another preview)", async () => {
    const { read } = setup();
    const value = `${await ticketFor()}.${verifier}`;
    expect(await read(value)).toMatchObject({ ok: true });
    expect(await read(value, "https://b2b2b2b2.demo.example")).toMatchObject(invalid);
  });

  it("is of no use without the verifier it was made for (replay)", async () => {
    const { read } = setup();
    const ticket = await ticketFor();
    expect(await read(`${ticket}.${"w".repeat(43)}`)).toMatchObject(invalid);
    expect(await read(`${ticket}.`)).toMatchObject(invalid);
    expect(await read(ticket)).toMatchObject(invalid);
  });

  it("never grows beyond its bound", async () => {
    const { read } = setup();
    const values: string[] = [];
    const last = mostRemembered + 7;
    for (let index = 0; index <= last; index++)
      values.push(`${await ticketFor({ jti: String(index) })}.${verifier}`);
    for (const value of values) await read(value);
    const verify = vi.spyOn(crypto.subtle, "verify");
    expect(await read(values[last] ?? "")).toMatchObject({ ok: true });
    expect(verify).not.toHaveBeenCalled();
    expect(await read(values[0] ?? "")).toMatchObject({ ok: true });
    expect(verify).toHaveBeenCalledOnce();
  });

  it("hands out an identity that nobody can change for the next request", async () => {
    const { read } = setup();
    const value = `${await ticketFor({})}.${verifier}`;
    const first = await read(value);
    if (!first.ok) throw new Error(first.code);
    const { visitor } = first.session;
    expect(() => (visitor.roles as string[]).push("Site.Admin")).toThrow(TypeError);
    expect(() => (visitor.groups as string[]).push("platform")).toThrow(TypeError);
    expect(() => Object.assign(visitor, { kind: "user", oid: "" })).toThrow(TypeError);
    expect(await read(value)).toEqual(first);
  });

  it.each(["", ".", "..", "...", "a.b.c.d", "a".repeat(5000), "null.null.null.null", "e30.e30.e30.x"])(
    "takes %j for no session and does not throw",
    async (value) => {
      expect(await setup().read(value)).toMatchObject(invalid);
    },
  );

  describe("tickets that are none", () => {
    const cases: [string, () => Promise<string>][] = [
      ["issuer not pinned (passport-azure-ad#183)", async () => ticketFor({ iss: "https://evil.example" })],
      ["another environment", async () => ticketFor({ environment: "production" })],
      [
        "a list of audiences",
        async () => sign({ ...(await claimsFor()), aud: [siteOrigin, "https://x.example"] }),
      ],
      ["an audience that only begins alike", async () => ticketFor({ aud: `${siteOrigin}.evil.example` })],
      ["no end", async () => sign({ ...(await claimsFor()), exp: undefined as unknown as number })],
      [
        "an end that is text",
        async () => sign({ ...(await claimsFor()), exp: "never" as unknown as number }),
      ],
      ["no challenge", async () => sign({ ...(await claimsFor()), cnf: undefined })],
      ["groups that are no list", async () => sign({ ...(await claimsFor()), groups: "reviewers" })],
      [
        "CVE-2024-47616: another kind of token of the same host",
        async () => sign({ ...(await claimsFor()) }, key, { typ: "JWT" }),
      ],
      ["no type at all", async () => sign({ ...(await claimsFor()) }, key, { typ: undefined })],
      ["CVE-2026-22817: alg none", async () => new UnsecuredJWT({ ...(await claimsFor()) }).encode()],
      [
        "CVE-2026-22818: HS256 with the public key as the secret",
        async () =>
          new SignJWT({ ...(await claimsFor()) })
            .setProtectedHeader({ alg: "HS256", typ: ticketType, kid: "k1" })
            .sign(new TextEncoder().encode(JSON.stringify(key.jwk))),
      ],
      [
        "a key that comes along in the header",
        async () => {
          const evil = await makeKey("k1");
          return sign({ ...(await claimsFor()) }, evil, { jwk: evil.jwk, jku: "https://evil.example/jwks" });
        },
      ],
      ["no key id", async () => sign({ ...(await claimsFor()) }, key, { kid: undefined })],
      [
        "a critical header nobody knows",
        async () => sign({ ...(await claimsFor()) }, key, { crit: ["x"], x: 1 }).catch(() => "x.y.z"),
      ],
      [
        "one changed bit",
        async () => {
          const [header, payload = "", signature] = (await ticketFor()).split(".");
          const claims = JSON.parse(atob(payload.replace(/-/g, "+").replace(/_/g, "/"))) as object;
          const changed = btoa(JSON.stringify({ ...claims, roles: ["Site.Admin"] })).replace(/=+$/, "");
          return `${header}.${changed.replace(/\+/g, "-").replace(/\//g, "_")}.${signature}`;
        },
      ],
    ];
    it.each(cases)("%s", async (_, make) => {
      expect(await setup().read(`${await make()}.${verifier}`)).toMatchObject(invalid);
    });
  });
});
