import fc from "fast-check";
import { decodeJwt } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import { s256 } from "../../../pages-plugin/src/oidc/random.ts";
import { ask, askWith, delegated, principal, testClient, tokenWith, v1 } from "./support/machine.ts";
import { clientId, tenantId } from "./support/provider.ts";
import {
  codeOf,
  createWorld,
  entryWith,
  events,
  hostOrigin,
  production,
  rowWith,
  site,
  start,
  verifier,
  type World,
} from "./support/world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const bodyOf = async (response: Response) => {
  expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  return (await response.json()) as { ticket: string; expires: number; error: string };
};

describe("an application that asks for itself", () => {
  test.each([
    ["2.0", () => ({})],
    ["1.0", v1],
    ["1.0 by its identifier URI", (of: World) => ({ ...v1(of), aud: `api://${clientId}` })],
  ])("gets a ticket for one site by its role (version %s)", async (_, changes) => {
    const response = await askWith(world, await tokenWith(world, changes(world)));
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("set-cookie")).toBeNull();
    const { ticket, expires } = await bodyOf(response);
    expect(decodeJwt(ticket)).toMatchObject({
      iss: hostOrigin,
      aud: site,
      environment: "preview",
      kind: "app",
      app: testClient,
      tid: tenantId,
      oid: principal,
      roles: ["Preview.Test"],
      groups: [],
      exp: expires,
      accept_by: start / 1000 + 60,
      cnf: { challenge: await s256(verifier) },
    });
    expect(expires).toBe(start / 1000 - 300 + 3600);
  });

  test("is let in by its id where the policy names it, and not by groups or for being in the tenant", async () => {
    const token = await tokenWith(world, { roles: undefined });
    expect(codeOf(await askWith(world, token))).toBe("entry-refused");
    const all = { members: true, guests: true, roles: [], groups: [principal] };
    world = await createWorld();
    world.rows = [rowWith({ entries: { preview: entryWith(all) } })];
    const grouped = await tokenWith(world, { groups: [principal], acct: 0 });
    expect(codeOf(await askWith(world, grouped))).toBe("entry-refused");
    world.restart();
    world.rows = [rowWith({ entries: { preview: entryWith({ ...all, apps: [testClient] }) } })];
    expect((await askWith(world, token)).status).toBe(200);
  });

  test("gets no more of its roles into the ticket than the site names", async () => {
    const token = await tokenWith(world, { roles: ["Other", "Preview.Test"] });
    const { ticket } = await bodyOf(await askWith(world, token));
    expect(decodeJwt(ticket)["roles"]).toEqual(["Preview.Test"]);
  });
});

describe("an application that acts for a person", () => {
  const withScopes = (change = {}) => [rowWith({ entries: { preview: entryWith(change) } })];

  test.each([
    ["2.0, saying nothing of its type", () => delegated],
    ["2.0, saying user", () => ({ ...delegated, idtyp: "user" })],
    ["1.0", (of: World) => ({ ...v1(of), ...delegated })],
  ])("is let in by its scope (version %s)", async (_, changes) => {
    world.rows = withScopes({ roles: [], scopes: ["Sites.Read"] });
    const response = await askWith(world, await tokenWith(world, changes(world)));
    const claims = decodeJwt((await bodyOf(response)).ticket);
    expect(claims).toMatchObject({ kind: "unknown", app: testClient, oid: delegated.oid, roles: [] });
    expect(claims["scopes"]).toEqual(["Sites.Read"]);
  });

  test("is not let in by what would let the person in", async () => {
    world.rows = withScopes({ members: true, scopes: ["Sites.Write"], apps: [testClient] });
    const person = { ...delegated, acct: 0, roles: ["Preview.Test"], groups: entryWith().groups };
    expect(codeOf(await askWith(world, await tokenWith(world, person)))).toBe("entry-refused");
  });
});

describe("the site that it asks for", () => {
  test("is in production where it is a production origin, else in preview, or as it says", async () => {
    world.rows = [
      rowWith({
        entries: {
          preview: entryWith(),
          production: entryWith({ environment: "production", roles: ["Preview.Test"] }),
        },
      }),
    ];
    const token = await tokenWith(world);
    const challenge = await s256(verifier);
    const environmentFor = async (body: object) => {
      const { ticket } = await bodyOf(await askWith(world, token, { body: { challenge, ...body } }));
      return decodeJwt(ticket)["environment"];
    };
    expect(await environmentFor({ origin: production })).toBe("production");
    expect(await environmentFor({ origin: site })).toBe("preview");
    expect(await environmentFor({ origin: site, environment: "production" })).toBe("production");
    const wrong = { origin: production, challenge, environment: "preview" };
    expect(codeOf(await askWith(world, token, { body: wrong }))).toBe("site-unknown");
  });

  test.each([
    ["an unknown site", { origin: "https://evil.example" }, "site-unknown"],
    ["the host itself", { origin: hostOrigin }, "site-unknown"],
    ["an origin with a path", { origin: `${site}/x` }, "session-request-invalid"],
    ["no origin", { origin: undefined }, "session-request-invalid"],
    ["a list", { origin: [site] }, "session-request-invalid"],
    ["a plain verifier for a challenge", { challenge: "x" }, "session-request-invalid"],
    ["another environment", { environment: "staging" }, "session-request-invalid"],
  ])("is refused where it is %s", async (_, change, code) => {
    const body = { origin: site, challenge: await s256(verifier), ...change };
    expect(codeOf(await askWith(world, await tokenWith(world), { body }))).toBe(code);
  });

  test.each([
    ["no JSON", "{", {}],
    ["null", "null", {}],
    ["a form", "origin=x", { "content-type": "application/x-www-form-urlencoded" }],
    ["a form's type", "{}", { "content-type": "text/plain" }],
    ["megabytes", `{"origin":"${"x".repeat(1_000_000)}"}`, {}],
  ])("is not read out of %s", async (_, body, headers) => {
    const response = await askWith(world, await tokenWith(world), { body, headers });
    expect([response.status, codeOf(response)]).toEqual([400, "session-request-invalid"]);
  });

  test("is told nothing by a token that is too old for its recheck", async () => {
    world.rows = [rowWith({ entries: { preview: entryWith({ recheck: 600 }) } })];
    const fresh = await askWith(world, await tokenWith(world));
    expect((await bodyOf(fresh)).expires).toBe(start / 1000 + 300);
    const old = await tokenWith(world, { iat: start / 1000 - 600 });
    expect(codeOf(await askWith(world, old))).toBe("bearer-stale");
  });
});

describe("who may send it", () => {
  test.each([
    ["a script", {}, 200],
    ["Node's fetch", { "sec-fetch-mode": "cors" }, 200],
    ["the host's own page", { origin: hostOrigin, "sec-fetch-site": "same-origin" }, 200],
    ["another origin's page", { origin: site, "sec-fetch-site": "cross-site" }, 403],
    ["a sibling's", { origin: "http://x.localhost:8788", "sec-fetch-site": "same-site" }, 403],
    ["a sandboxed frame", { origin: "null" }, 403],
    ["a page that hides its origin", { "sec-fetch-site": "cross-site" }, 403],
  ])("%s", async (_, headers: Record<string, string>, status) => {
    const response = await askWith(world, await tokenWith(world), { headers });
    expect(response.status).toBe(status);
    if (status === 403) expect(codeOf(response)).toBe("host-origin-foreign");
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });

  test("nobody by another method, and no preflight is answered", async () => {
    for (const method of ["GET", "PUT", "OPTIONS"]) {
      const response = await world.fetch(new Request(`${hostOrigin}/.auth/session`, { method }));
      expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
    }
  });
});

describe("the Authorization header", () => {
  test.each(["bearer", "BEARER", "bEaReR"])("names its scheme in any case: %s", async (scheme) => {
    const authorization = `${scheme} ${await tokenWith(world)}`;
    expect((await ask(world, { authorization })).status).toBe(200);
  });

  test.each([
    ["nothing", undefined, 401, "bearer-missing", 'Bearer realm="Entra Gate"'],
    ["another scheme", "Basic eDp5", 401, "bearer-missing", 'Bearer realm="Entra Gate"'],
    ["a scheme that begins so", "Bearerx y", 401, "bearer-missing", 'Bearer realm="Entra Gate"'],
    ["no token", "Bearer", 401, "bearer-malformed", "invalid_token"],
    ["two words", "Bearer a b", 401, "bearer-malformed", "invalid_token"],
    ["no JWT", "Bearer abc", 401, "bearer-malformed", "invalid_token"],
    ["dots", "Bearer ...", 401, "bearer-malformed", "invalid_token"],
    ["several values", "Bearer a, Bearer b", 400, "bearer-several", "invalid_request"],
  ])("with %s", async (_, authorization, status, code, challenge) => {
    const response = await ask(world, authorization === undefined ? {} : { authorization });
    expect([response.status, codeOf(response)]).toEqual([status, code]);
    expect(response.headers.get("www-authenticate")).toContain(challenge);
    expect((await bodyOf(response)).error).toBe(code);
  });

  test("never crashes the gate, whatever it holds (GHSA-xmf8-cvqr-rfgj)", async () => {
    const part = fc.oneof(
      fc.base64String(),
      fc.string({ unit: fc.constantFrom(...'{}[]":,.-_=AZaz09') }),
      fc.json().map((json) => Buffer.from(json).toString("base64url")),
      fc.constant(Buffer.from('{"alg":"RS256","kid":"provider-key-1"}').toString("base64url")),
    );
    const values = fc.array(part, { maxLength: 6 }).map((parts) => `Bearer ${parts.join(".")}`);
    await fc.assert(
      fc.asyncProperty(values, async (authorization) => {
        const response = await ask(world, { authorization });
        expect([400, 401]).toContain(response.status);
        expect(codeOf(response)).toMatch(/^bearer-/);
      }),
      { numRuns: 300 },
    );
    expect(world.provider.keyFetches.count).toBe(0);
  });
});

describe("the audit", () => {
  test("names application and object id of whoever got a ticket and of whoever did not, never the token", async () => {
    const token = await tokenWith(world);
    const { ticket } = await bodyOf(await askWith(world, token));
    const refused = await tokenWith(world, { roles: [] });
    await askWith(world, refused);
    await askWith(world, `${token}A`);
    expect(events(world)).toMatchObject([
      {
        activity_name: "Ticket",
        status_code: "admitted",
        user: { uid: principal, uid_alt: testClient, type: "Service" },
        service: { name: site },
        unmapped: { visitor_kind: "app", project: "demo" },
      },
      { status_code: "entry-refused", user: { uid: principal, uid_alt: testClient } },
      { status_code: "bearer-signature", user: { name: "unknown" } },
    ]);
    for (const secret of [token, refused, ticket]) expect(world.log.join("\n")).not.toContain(secret);
    expect(world.log.join("\n")).not.toContain(token.split(".")[2]);
  });
});
