import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { PinnedKey } from "../../../contract/config/site.ts";
import { compilePolicy } from "../../../contract/policy/compile.ts";
import { entryOf } from "../../../contract/policy/entry.ts";
import { parsePolicy } from "../../../contract/policy/parse.ts";
import type { SiteRow } from "../../../contract/sites/row.ts";
import { throttled } from "../../../local/entra/entra.ts";
import { explain } from "../../../pages-plugin/src/cli/explain.ts";
import { createHostWorker, type HostWorker } from "../../../pages-plugin/src/entries/host.ts";
import { createSiteGate, type SiteGate } from "../../../pages-plugin/src/site/gate.ts";
import { makeCertificate } from "../../../src/certificates.ts";
import * as entra from "../../local/entra/support.ts";
import { Visitor } from "./support/visitor.ts";
import { newCookieKey, signingKey } from "./support/world.ts";

/** What the stand-in's helper registers as redirect URI, without its path. */
const hostOrigin = new URL(entra.callback).origin;
const site = "https://pr-7.demo-7k2.pages.dev";
const second = "https://abc123.demo-7k2.pages.dev";
const optional = ["acct", "auth_time", "login_hint"];

let issuer: Awaited<ReturnType<typeof entra.startIssuer>>;
let tenant: entra.World;
let host: HostWorker;
let env: Record<string, unknown>;
let pinned: readonly PinnedKey[];
let row: SiteRow;
const gates = new Map<string, SiteGate>();
const log: string[] = [];

const deps = {
  now: () => Date.now(),
  random: (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes)),
  log: (line: string) => void log.push(line),
};

const toEntra: typeof fetch = async (input, init = {}) => {
  const headers = Object.fromEntries(new Headers(init.headers));
  const asked = init.method === "POST" ? { body: String(init.body), headers } : { headers };
  const { status, headers: answered, text } = await entra.ask(String(input), asked);
  return new Response(text, { status, headers: { "content-type": answered["content-type"] ?? "" } });
};
const toHost: typeof fetch = (input, init) =>
  host.fetch(new Request(input, init), env, { waitUntil: () => undefined });

beforeAll(async () => {
  issuer = await entra.startIssuer();
  tenant = await entra.startWorld({ github: { issuer: issuer.issuer, subject: entra.subject } });
  const { cast } = tenant.entra;
  entra.register(tenant, {
    groupMembershipClaims: "SecurityGroup",
    optionalClaims: {
      idToken: optional.map((name) => ({ name, source: null, essential: false, additionalProperties: [] })),
      accessToken: [],
      saml2Token: [],
    },
  });
  const automation = (await entra.federated(tenant.entra, await issuer.token({ sub: entra.subject }))).json();
  const secret = await entra.gateSecret(tenant, entra.graphWith(tenant.entra, automation.access_token));
  const parsed = parsePolicy({
    groups: { reviewers: cast.groups.reviewers.id },
    session: { lifetime: "8h", recheck: "1h" },
    preview: { rules: [{ path: "/*", allow: { groups: ["reviewers"] } }] },
    production: { rules: [{ path: "/*", allow: "members" }] },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const preview = await compilePolicy(parsed.policy, "preview");
  const production = await compilePolicy(parsed.policy, "production");
  row = {
    project: "demo",
    subdomain: "demo-7k2.pages.dev",
    origins: ["https://demo-7k2.pages.dev"],
    entries: { preview: entryOf(preview), production: entryOf(production) },
  };
  const results = [{ project: row.project, data: JSON.stringify(row) }];
  env = {
    GATE_ROLE: "host",
    GATE_HOST_ORIGIN: hostOrigin,
    ENTRA_TENANT_ID: tenant.entra.tenantId,
    ENTRA_CLIENT_ID: cast.applications.gate.appId,
    ENTRA_CLOUD: "global",
    ENTRA_AUTHORITY: tenant.entra.authority,
    GRAPH_URL: tenant.entra.graphUrl,
    ENTRA_CLIENT_SECRET: secret,
    GATE_ENTRA_KEY_ID: "key-1",
    GATE_SIGNING_KEY_20261101_A1B2C3: await signingKey(),
    GATE_SIGNING_ACTIVE: "20261101_A1B2C3",
    GATE_COOKIE_KEY_20261101_0000AA: newCookieKey(),
    GATE_COOKIE_ACTIVE: "20261101_0000AA",
    GATE_DB: { prepare: () => ({ all: async () => ({ results }) }) },
  };
  host = createHostWorker({ bundle: "b0b0" }, { ...deps, fetch: toEntra });
  pinned = ((await (await toHost(`${hostOrigin}/.auth/jwks`)).json()) as { keys: PinnedKey[] }).keys;
  for (const [origin, policy] of [
    [site, preview],
    [second, preview],
    ["https://demo-7k2.pages.dev", production],
  ] as const) {
    const config = { signIn: { origin: hostOrigin, keys: pinned }, policy, project: "demo", bundle: "b" };
    gates.set(origin, createSiteGate(config, { ...deps, fetch: toHost }));
  }
});

afterAll(async () => {
  await tenant?.entra.close();
  await issuer?.close();
});

class Person extends Visitor {
  constructor(oid: string) {
    super({ entra: tenant.entra, gates, toHost }, oid);
  }
}

describe("site, sign-in host and a certified provider together", () => {
  beforeEach(() => {
    log.length = 0;
  });

  test("a reviewer arrives at the page that was asked for; the second preview asks nobody", async () => {
    const person = new Person(tenant.entra.cast.people.reviewer.oid);
    await person.open(`${site}/.auth/login?return_to=/deep/page`);
    expect(person.visited).toContain(`${hostOrigin}/.auth/callback`);
    const page = await person.open(`${site}/deep/page`);
    expect(await page.text()).toBe("the site's own page");
    person.visited.length = 0;
    await person.open(`${second}/.auth/login?return_to=/`);
    expect(person.visited).not.toContain(`${hostOrigin}/.auth/callback`);
    expect(await (await person.open(`${second}/`)).text()).toBe("the site's own page");
  });

  test("an outsider is refused at the host and the preview never hears of him; production lets members in", async () => {
    const person = new Person(tenant.entra.cast.people.outsider.oid);
    const refused = await person.open(`${site}/.auth/login?return_to=/`);
    expect(refused.headers.get("x-entra-gate-code")).toBe("entry-refused-groups-missing");
    expect(await refused.text()).toContain("reviewers");
    expect(person.visited).not.toContain(`${site}/.auth/accept`);
    await person.open("https://demo-7k2.pages.dev/.auth/login?return_to=/");
    expect(await (await person.open("https://demo-7k2.pages.dev/")).text()).toBe("the site's own page");
  });

  test("the refusal's link leads to another account and on to the same preview", async () => {
    const { outsider, reviewer } = tenant.entra.cast.people;
    const person = new Person(outsider.oid);
    const html = await (await person.open(`${site}/.auth/login?return_to=/`)).text();
    const link = /href="(\/\.auth\/authorize[^"]+ask=account[^"]*)"/
      .exec(html)?.[1]
      ?.replaceAll("&amp;", "&");
    person.oid = reviewer.oid;
    await person.open(hostOrigin + link);
    expect(await (await person.open(`${site}/`)).text()).toBe("the site's own page");
  });

  test("a guest is no member", async () => {
    const person = new Person(tenant.entra.cast.people.guest.oid);
    const refused = await person.open("https://demo-7k2.pages.dev/.auth/login?return_to=/");
    expect(refused.headers.get("x-entra-gate-code")).toBe("entry-refused");
  });

  test("somebody in 250 groups comes in by one of them, which Graph tells", async () => {
    const person = new Person(tenant.entra.cast.people.manyGroups.oid);
    await person.open(`${site}/.auth/login?return_to=/`);
    expect(await (await person.open(`${site}/`)).text()).toBe("the site's own page");
  });

  test("Graph throttled: whom it is needed for gets 503 with a reference, the others come in", async () => {
    const { manyGroups, reviewer } = tenant.entra.cast.people;
    tenant.faults.add(throttled({ retryAfter: 10, times: 1, path: /getMemberObjects$/ }));
    const person = new Person(manyGroups.oid);
    const refused = await person.open(`${site}/.auth/login?return_to=/`);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("x-entra-gate-code")).toBe("graph-unavailable");
    expect(log.join("\n")).toContain(refused.headers.get("x-entra-gate-reference"));
    const other = new Person(reviewer.oid);
    await other.open(`${site}/.auth/login?return_to=/`);
    expect(await (await other.open(`${site}/`)).text()).toBe("the site's own page");
    await person.open(`${site}/.auth/login?return_to=/`);
    expect(await (await person.open(`${site}/`)).text()).toBe("the site's own page");
  });
});

describe("the sign-in host's own credential", () => {
  /** What the visitor reads, and what the operator finds by the reference that he is told. */
  async function broken(): Promise<{ page: string; code: string | null; explained: string }> {
    const person = new Person(tenant.entra.cast.people.reviewer.oid);
    const answer = await person.open(`${site}/.auth/login?return_to=/`);
    expect(answer.status).toBe(503);
    expect(answer.headers.has("refresh")).toBe(false);
    const reference = answer.headers.get("x-entra-gate-reference") ?? "";
    const page = await answer.text();
    expect(page).toContain(reference);
    const explained = await explain(reference, async () => log.join("\n"));
    return { page, code: answer.headers.get("x-entra-gate-code"), explained };
  }

  const credentials = () => entra.gate(tenant.entra).passwordCredentials;

  test("a certificate's key instead: people sign in, and Entra is shown no secret", async () => {
    const application = entra.gate(tenant.entra);
    // The host's clock is the machine's, the stand-in's is ahead by what the tests let pass.
    const now = Date.now();
    const [from, to] = [new Date(now - 60_000), new Date(now + 86_400_000)];
    const { certificate, privateKey, thumbprint } = await makeCertificate("gate", from, to);
    const keyCredentials = [
      {
        keyId: "7e57ab1e-0000-4000-8000-000000000002",
        displayName: "gate",
        startDateTime: from.toISOString(),
        endDateTime: to.toISOString(),
        customKeyIdentifier: "x",
        key: certificate.toString("base64"),
        usableFrom: 0,
      },
    ];
    tenant.entra.directory.writeApplication(application.id, { ...application, keyCredentials });
    const { ENTRA_CLIENT_SECRET: _, ...rest } = env;
    const key = JSON.stringify({ ...privateKey, "x5t#S256": thumbprint });
    const sent: string[] = [];
    const fetch: typeof globalThis.fetch = (input, init) => {
      sent.push(String(init?.body ?? ""));
      return toEntra(input, init);
    };
    const [before, secret] = [host, env];
    host = createHostWorker({ bundle: "b0b0" }, { ...deps, fetch });
    env = { ...rest, ENTRA_CLIENT_KEY: key };
    const person = new Person(tenant.entra.cast.people.reviewer.oid);
    const login = await person.open(`${site}/.auth/login?return_to=/`);
    [host, env] = [before, secret];
    expect(login.headers.get("x-entra-gate-code")).toBeNull();
    expect(sent.join()).toContain("client_assertion=ey");
    expect(sent.join()).not.toContain("client_secret");
    for (const line of log) expect(line).not.toContain(privateKey.d);
  });

  test("removed at Entra: the visitor is told to pass the reference on, the operator AADSTS7000215 and what to do", async () => {
    const application = entra.gate(tenant.entra);
    tenant.entra.directory.writeApplication(application.id, { ...application, passwordCredentials: [] });
    const { page, code, explained } = await broken();
    tenant.entra.directory.writeApplication(application.id, application);
    expect(code).toBe("host-secret-wrong");
    expect(page).not.toContain("AADSTS");
    expect(explained).toContain("AADSTS7000215");
    expect(log.join("\n")).toContain("AADSTS7000215");
  });

  test("expired: AADSTS7000222", async () => {
    const end = Math.max(...credentials().map(({ endDateTime }) => Date.parse(endDateTime)));
    tenant.clock.advance(end - tenant.clock.now() + 1);
    const { page, code, explained } = await broken();
    expect(code).toBe("host-secret-expired");
    expect(page).not.toContain("AADSTS");
    expect(explained).toContain("AADSTS7000222");
  });

  test("is in no line of the log", () => {
    for (const line of log) expect(line).not.toContain(String(env["ENTRA_CLIENT_SECRET"]));
  });
});
