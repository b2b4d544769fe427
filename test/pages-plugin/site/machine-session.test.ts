import { describe, expect, test } from "vitest";
import {
  codeOf,
  config,
  cookiesOf,
  hostOrigin,
  key,
  makeGate,
  makeKey,
  policy,
  siteOrigin,
  startTime,
  ticketFor,
  verifier,
} from "./support.ts";

const app = "cccccccc-1111-4222-8333-dddddddddddd";
const machine = { kind: "app", app, name: app, groups: [], roles: ["Site.Admin"], auth_time: 0 } as const;

const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: typeof body === "string" ? body : JSON.stringify(body),
});

describe("a program's ticket", () => {
  test("becomes a session cookie, which the answer says the end of, and opens what the policy lets it see", async () => {
    const { ask, world, reached } = makeGate();
    const ticket = await ticketFor(machine);
    const response = await ask("/.auth/session", post({ ticket, verifier }));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ expires: startTime / 1000 + 3600 });
    expect(response.headers.get("set-cookie")).toMatch(
      /^__Host-entra-gate-session=[^;]+; Path=\/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax$/,
    );
    const value = cookiesOf(response).get("__Host-entra-gate-session");
    const cookie = `__Host-entra-gate-session=${value}`;
    expect((await ask("/admin/", { headers: { cookie } })).status).toBe(200);
    expect(reached.at(-1)?.visitor).toMatchObject({ kind: "app", app });
    expect(await codeOf(await ask("/", { headers: { cookie } }))).toBe("not-admitted");
    const events = await world.events();
    expect(events[0]).toMatchObject({
      class_uid: 3002,
      status_code: "signed-in",
      user: { uid_alt: app, type: "Service" },
      session: { uid: "ticket-1" },
    });
    expect(world.lines.join("\n")).not.toContain(ticket);
    expect(world.lines.join("\n")).not.toContain(verifier);
  });

  test("that acts for a person opens what its scopes do, whatever the person may see", async () => {
    const rules = [
      { ...policy.rules[1], id: "r0", path: "/api/*", allow: { ...noAllow, scopes: ["Sites.Read"] } },
      { ...policy.rules[3], id: "r1", path: "/*", allow: { ...noAllow, members: true, scopes: ["Other"] } },
    ];
    const { ask } = makeGate({ config: { ...config, policy: { ...policy, rules } } });
    const ticket = await ticketFor({ app, scopes: ["Sites.Read"] });
    const answer = await ask("/.auth/session", post({ ticket, verifier }));
    const cookie = `__Host-entra-gate-session=${cookiesOf(answer).get("__Host-entra-gate-session")}`;
    expect((await ask("/api/x", { headers: { cookie } })).status).toBe(200);
    expect(await codeOf(await ask("/x", { headers: { cookie } }))).toBe("not-admitted");
    const me = await (await ask("/.auth/me", { headers: { cookie } })).json();
    expect(me).toMatchObject({ app, scopes: ["Sites.Read"] });
  });

  test.each([
    ["after a minute", {}, 60_001, "ticket-late"],
    ["made for another origin", { aud: "https://other.example" }, 0, "ticket-audience"],
    ["made for production", { environment: "production" }, 0, "ticket-environment"],
    ["of another host", { iss: "https://other.example" }, 0, "ticket-issuer"],
    ["made for another verifier", { cnf: { challenge: "x".repeat(43) } }, 0, "ticket-challenge"],
    ["with scopes that are no list", { scopes: "Sites.Read" }, 0, "ticket-malformed"],
  ] as const)("is refused %s", async (_, changes, later, code) => {
    const { ask, world } = makeGate();
    const ticket = await ticketFor({ ...machine, ...(changes as object) });
    world.now += later;
    const response = await ask("/.auth/session", post({ ticket, verifier }));
    expect([response.status, await codeOf(response)]).toEqual([400, code]);
    expect(response.headers.get("set-cookie")).toBeNull();
    expect((await world.events())[0]).toMatchObject({ class_uid: 3002, status_code: code });
  });

  test("is refused with another verifier, and from another key under the same id", async () => {
    const { ask } = makeGate();
    const ticket = await ticketFor(machine);
    expect(await codeOf(await ask("/.auth/session", post({ ticket, verifier: "w".repeat(43) })))).toBe(
      "ticket-challenge",
    );
    const forged = await ticketFor(machine, { ...(await makeKey(key.kid)) });
    expect(await codeOf(await ask("/.auth/session", post({ ticket: forged, verifier })))).toBe(
      "ticket-signature",
    );
  });
});

test("an Entra token is no ticket: neither in the body nor as a bearer token does it open a preview", async () => {
  const { ask } = makeGate();
  const token = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIn0.eyJhdWQiOiJ4In0.AAAA";
  expect(await codeOf(await ask("/.auth/session", post({ ticket: token, verifier })))).toBe(
    "ticket-malformed",
  );
  const headers = { authorization: `Bearer ${token}` };
  expect(await codeOf(await ask("/", { headers }))).toBe("sign-in-required");
  expect(await codeOf(await ask("/.auth/me", { headers }))).toBe("sign-in-required");
});

describe("the request", () => {
  test.each([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["no verifier", { ticket: "a.b.c" }],
    ["a verifier that is no text", { ticket: "a.b.c", verifier: 1 }],
    ["far too much", { ticket: "x".repeat(9000), verifier }],
  ])("with %s is refused", async (_, body) => {
    const response = await makeGate().ask("/.auth/session", post(body));
    expect([response.status, await codeOf(response)]).toEqual([400, "session-form-invalid"]);
  });

  test("as a form is refused, so that no page can post one without asking first", async () => {
    const { ask } = makeGate();
    const body = JSON.stringify({ ticket: await ticketFor(machine), verifier });
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
      expect(await codeOf(await ask("/.auth/session", post(body, { "content-type": type })))).toBe(
        "session-form-invalid",
      );
  });

  test.each([
    ["a script", {}, 200],
    ["Node's fetch", { "sec-fetch-mode": "cors" }, 200],
    ["the site's own page", { origin: siteOrigin, "sec-fetch-site": "same-origin" }, 200],
    ["a sibling's page", { origin: "https://b.demo.example", "sec-fetch-site": "same-site" }, 403],
    ["the sign-in host's page", { origin: hostOrigin, "sec-fetch-site": "cross-site" }, 403],
    ["nobody's page", { origin: "null" }, 403],
  ])("from %s", async (_, headers: Record<string, string>, status) => {
    const body = { ticket: await ticketFor(machine), verifier };
    const response = await makeGate().ask("/.auth/session", post(body, headers));
    expect(response.status).toBe(status);
    if (status !== 200) expect(await codeOf(response)).toBe("session-origin-foreign");
  });

  test("is a POST", async () => {
    const response = await makeGate().ask("/.auth/session");
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  });
});

const noAllow = { anyone: false, members: false, guests: false, groups: [], roles: [], apps: [] };
