import { beforeEach, describe, expect, it } from "vitest";
import type { PinnedKey } from "../../../contract/config/site.ts";
import { makeCookieKey, makeSigningKey } from "../../../contract/keys/make.ts";
import { Browser, cookieKid, formOf, hostOrigin, signingKid, start } from "../host/support/world.ts";
import { type Both, both } from "./both.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
const newSigning = await makeSigningKey(start);
const newCookie = makeCookieKey(start);

let world: Both;
beforeEach(async () => {
  world = await both();
});

/** The next deployment of the host, with other variables; every isolate of the old one is gone. */
function deploy(change: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined) delete world.host.env[name];
    else world.host.env[name] = value;
  }
  world.host.restart();
}

const publish = () =>
  deploy({
    [`GATE_SIGNING_KEY_${newSigning.kid}`]: newSigning.secret,
    [`GATE_COOKIE_KEY_${newCookie.kid}`]: newCookie.secret,
  });
const activate = () => deploy({ GATE_SIGNING_ACTIVE: newSigning.kid, GATE_COOKIE_ACTIVE: newCookie.kid });
const remove = () =>
  deploy({
    [`GATE_SIGNING_KEY_${signingKid}`]: undefined,
    [`GATE_COOKIE_KEY_${cookieKid}`]: undefined,
  });

async function kidOfNextTicket(): Promise<string> {
  const { headers } = await world.visit("/.auth/login?return_to=/docs");
  const page = await new Browser(world.host).signIn(headers.get("location") ?? "");
  const header = (await formOf(page))?.ticket.split(".")[0] ?? "";
  return JSON.parse(Buffer.from(header, "base64url").toString()).kid;
}

async function published(): Promise<readonly PinnedKey[]> {
  const answer = await world.host.fetch(new Request(`${hostOrigin}/.auth/jwks`));
  return ((await answer.json()) as { keys: PinnedKey[] }).keys;
}

describe("signing and cookie keys, one after the other", () => {
  it("published, then used, then removed: nobody who is signed in notices, and nobody is asked again", async () => {
    const { host, visit, arrive, settle } = world;
    await arrive(true);
    publish();
    expect((await published()).map(({ kid }) => kid).sort()).toEqual([signingKid, newSigning.kid].sort());
    expect(await kidOfNextTicket()).toBe(signingKid);
    host.clock.now += 6 * minute;
    await visit("/docs");
    await settle();
    activate();
    expect(await kidOfNextTicket()).toBe(newSigning.kid);
    expect((await visit("/docs")).status).toBe(200);
    const requests = host.provider.requests.length;
    // The host's own session, closed with the old cookie key, still answers.
    expect((await arrive(false)).status).toBe(303);
    expect(host.provider.requests.length).toBe(requests);
    remove();
    host.clock.now += 6 * minute;
    await visit("/docs");
    await settle();
    expect((await visit("/docs")).status).toBe(200);
  });

  it("a key that is used before sites could hear of it is asked for once, and found", async () => {
    const { host, visit, arrive } = world;
    await arrive(true);
    publish();
    activate();
    host.clock.now += minute;
    expect((await arrive(false)).status).toBe(303);
    expect((await visit("/docs")).status).toBe(200);
  });

  it("a removed key ends its sessions within five minutes, pinned or not, and the next sign-in works", async () => {
    const { host, newIsolate, settle } = world;
    const pinning = newIsolate(await published());
    await pinning.arrive(true);
    publish();
    activate();
    remove();
    host.clock.now += 5 * minute;
    await pinning.visit("/docs");
    await settle();
    expect((await pinning.visit("/docs")).status).toBe(401);
    expect((await pinning.arrive(true)).status).toBe(303);
    expect((await pinning.visit("/docs")).status).toBe(200);
  });

  it("a pinned key serves an isolate that can't ask, until its not_after and no longer", async () => {
    const { newIsolate } = world;
    const keys = await published();
    await world.arrive(true);
    world.jwks = () => Promise.reject(new Error("down"));
    expect((await newIsolate(keys).visit("/docs")).status).toBe(200);
    const ended = keys.map((key) => ({ ...key, not_after: start / 1000 }));
    expect((await newIsolate(ended).visit("/docs")).status).toBe(503);
  });

  it("no ticket outlives its key, and after 180 days the key signs nothing more", async () => {
    const { host, arrive } = world;
    const end = Date.UTC(2026, 10, 1) + 180 * day;
    host.clock.now = end - 10 * minute;
    const accepted = await arrive(true);
    const [session = ""] = accepted.headers.getSetCookie();
    const claims = JSON.parse(Buffer.from(session.split(".")[1] ?? "", "base64url").toString());
    expect(claims.exp).toBe(end / 1000);
    host.clock.now = end;
    expect(await published()).toEqual([]);
    const login = await world.visit("/.auth/login?return_to=/docs");
    const refused = await new Browser(host).visit(login.headers.get("location") ?? "");
    expect(refused.headers.get("x-entra-gate-code")).toBe("cookie-key-expired");
  });
});
