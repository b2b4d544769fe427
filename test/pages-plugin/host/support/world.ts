import { base64url, exportJWK, generateKeyPair } from "jose";
import type { Entry, Environment } from "../../../../contract/policy/model.ts";
import type { SiteRow } from "../../../../contract/sites/row.ts";
import { createHostWorker } from "../../../../pages-plugin/src/entries/host.ts";
import { s256 } from "../../../../pages-plugin/src/oidc/random.ts";
import { requireSound } from "../../../contract/audit/facts.ts";
import {
  clientId,
  clientSecret,
  createProvider,
  graphUrl,
  type Provider,
  reviewer,
  tenantId,
} from "./provider.ts";

export const hostOrigin = "http://gate.localhost:8788";
export const site = "http://abc123.demo.localhost:8788";
export const production = "http://demo.localhost:8788";
export const signingKid = "20261101_A1B2C3";
export const cookieKid = "20261101_0000AA";
/** 23 November 2026, 12:00 UTC. */
export const start = Date.UTC(2026, 10, 23, 12);

export function entryWith(change: Partial<Entry> = {}): Entry {
  return {
    environment: "preview",
    digest: "d1",
    anyone: false,
    members: false,
    guests: false,
    groups: reviewer.groups,
    roles: ["Preview.Test"],
    apps: [],
    groupNames: { [reviewer.groups[0] as string]: "reviewers" },
    lifetime: 8 * 3600,
    recheck: 3600,
    ...change,
  };
}

export function rowWith(change: Partial<SiteRow> = {}): SiteRow {
  return {
    project: "demo",
    subdomain: "demo.localhost:8788",
    origins: [production, "https://www.example.com"],
    entries: {
      preview: entryWith(),
      production: entryWith({
        environment: "production",
        members: true,
        groups: [],
        roles: [],
        groupNames: {},
      }),
    },
    ...change,
  };
}

let signingJwk: Promise<string> | undefined;

/** One key for all tests of a file: making one takes longer than a test. */
export function signingKey(): Promise<string> {
  signingJwk ??= generateKeyPair("RS256", { extractable: true })
    .then(({ privateKey }) => exportJWK(privateKey))
    .then((jwk) => JSON.stringify(jwk));
  return signingJwk;
}

export const newCookieKey = () => base64url.encode(crypto.getRandomValues(new Uint8Array(32)));

export interface World {
  readonly provider: Provider;
  readonly env: Record<string, unknown>;
  readonly log: string[];
  readonly clock: { now: number };
  /** Rows of D1; set to an error to make it fail. */
  rows: SiteRow[] | Error;
  readonly queries: string[];
  /** What answers did not wait for. */
  readonly waiting: Promise<unknown>[];
  /** A new isolate with the environment as it is now. */
  restart(): void;
  fetch(request: Request): Promise<Response>;
}

export async function createWorld(change: Record<string, unknown> = {}): Promise<World> {
  const clock = { now: start };
  const provider = await createProvider(() => clock.now);
  const queries: string[] = [];
  const log: string[] = [];
  const waiting: Promise<unknown>[] = [];
  const env: Record<string, unknown> = {
    GATE_ROLE: "host",
    GATE_HOST_ORIGIN: hostOrigin,
    ENTRA_TENANT_ID: tenantId,
    ENTRA_CLIENT_ID: clientId,
    ENTRA_CLOUD: "global",
    ENTRA_AUTHORITY: provider.authority,
    GRAPH_URL: graphUrl,
    ENTRA_CLIENT_SECRET: clientSecret,
    GATE_ENTRA_KEY_ID: "7b1c6d1e-0000-4000-8000-000000000000",
    [`GATE_SIGNING_KEY_${signingKid}`]: await signingKey(),
    GATE_SIGNING_ACTIVE: signingKid,
    [`GATE_COOKIE_KEY_${cookieKid}`]: newCookieKey(),
    GATE_COOKIE_ACTIVE: cookieKid,
    GATE_DB: {
      batch: async () => [],
      prepare: (sql: string) => ({
        bind: () => ({ all: async () => ({ results: [] }) }),
        all: async () => {
          queries.push(sql);
          if (world.rows instanceof Error) throw world.rows;
          return { results: world.rows.map((row) => ({ project: row.project, data: JSON.stringify(row) })) };
        },
      }),
    },
    ...change,
  };
  const deps = {
    now: () => clock.now,
    fetch: provider.fetch,
    random: (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes)),
    log: (line: string) => {
      requireSound(line);
      log.push(line);
    },
  };
  let worker = createHostWorker({ bundle: "b0b0" }, deps);
  const world: World = {
    waiting,
    provider,
    env,
    log,
    clock,
    rows: [rowWith()],
    queries,
    restart: () => {
      worker = createHostWorker({ bundle: "b0b0" }, deps);
    },
    fetch: (request) => worker.fetch(request, env, { waitUntil: (promise) => void waiting.push(promise) }),
  };
  return world;
}

/** What a browser says when a tab of its own goes somewhere. */
export const navigation = {
  accept: "text/html",
  "sec-fetch-site": "cross-site",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
};

/** A cookie jar that does as browsers do with what this host sets. */
export class Browser {
  readonly cookies = new Map<string, string>();
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  async visit(url: string | URL, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers({ ...navigation, ...(init.headers as Record<string, string>) });
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    if (cookie !== "") headers.set("cookie", cookie);
    const response = await this.world.fetch(new Request(String(url), { ...init, headers }));
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split("; ");
      const [name = "", ...value] = pair.split("=");
      if (attributes.includes("Max-Age=0")) this.cookies.delete(name);
      else this.cookies.set(name, value.join("="));
    }
    return response;
  }

  /** From a site's redirect to the provider and back to the callback's answer. */
  async signIn(asked: string | URL): Promise<Response> {
    const response = await this.visit(asked);
    const location = response.headers.get("location");
    if (response.status !== 303 || !location)
      throw new Error(`no authorization request: ${response.status} ${codeOf(response)}`);
    return this.visit(this.world.provider.authorize(location));
  }
}

export const verifier = "v".repeat(43);

export async function authorizeUrl(
  change: Record<string, string | undefined> = {},
  environment: Environment = "preview",
): Promise<URL> {
  const url = new URL("/.auth/authorize", hostOrigin);
  const parameters = { origin: site, environment, tx: "tx1", challenge: await s256(verifier), ...change };
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) url.searchParams.set(name, value);
  return url;
}

export const codeOf = (response: Response) => response.headers.get("x-entra-gate-code");

/** The ticket page's form, or undefined for any other page. */
export async function formOf(
  response: Response,
): Promise<{ action: string; ticket: string; tx: string } | undefined> {
  const html = await response.clone().text();
  const action = /<form method="post" action="([^"]+)"/.exec(html)?.[1];
  const ticket = /name="ticket" value="([^"]+)"/.exec(html)?.[1];
  const tx = /name="tx" value="([^"]+)"/.exec(html)?.[1];
  return action && ticket && tx ? { action, ticket, tx } : undefined;
}

export const events = (world: World) =>
  world.log.map((line) => JSON.parse(line)).filter((entry) => entry.class_uid === 3002);
