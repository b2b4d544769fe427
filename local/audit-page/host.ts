import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { insertNewEvents } from "../../contract/audit/queries.ts";
import { makeCookieKey, makeSigningKey } from "../../contract/keys/make.ts";
import { cookies } from "../../contract/names/cookies.ts";
import type { Entry } from "../../contract/policy/model.ts";
import type { SiteRow } from "../../contract/sites/row.ts";
import { createHostWorker } from "../../pages-plugin/src/entries/host.ts";
import { namedByAll } from "../../pages-plugin/src/host/named-set.ts";
import { type HostSession, sealHostSession } from "../../pages-plugin/src/session/host-session.ts";
import { importCookieKey } from "../../pages-plugin/src/session/keys.ts";
import { createD1, type MemoryD1 } from "./d1.ts";
import { projects, sampleEvents, tenantId } from "./events.ts";

const platform = "0c4e6b52-84d1-4e0c-a7f5-00000000aaaa";

/** A sign-in host on loopback with two weeks of events, and the cookie of somebody who may look at them. */
export interface SampleHost {
  readonly origin: string;
  readonly database: MemoryD1;
  /** Name and value of a session's cookie. */
  readonly cookie: { readonly name: string; readonly value: string };
  close(): Promise<void>;
}

function entry(environment: "preview" | "production"): Entry {
  return {
    environment,
    digest: "3f9c2a7be1d04c55a0b7c1d2e3f40516",
    anyone: false,
    members: environment === "production",
    guests: false,
    groups: environment === "preview" ? [platform, "b3d5a1f0-6c2e-4f7a-8e19-2a4c6d8f0b11"] : [],
    roles: environment === "preview" ? ["Preview.Test"] : [],
    apps: [],
    scopes: [],
    groupNames: { [platform]: "platform", "b3d5a1f0-6c2e-4f7a-8e19-2a4c6d8f0b11": "reviewers" },
    lifetime: 28_800,
    recheck: 3_600,
  };
}

export const sampleRows: readonly SiteRow[] = projects.map((project, index) => ({
  project,
  subdomain: `${project}.pages.dev`,
  origins: [`https://${project}.pages.dev`, ...(index === 0 ? ["https://harbour.example"] : [])],
  entries: {
    preview: index === 1 ? { ...entry("preview"), report: true } : entry("preview"),
    ...(index === 2 ? {} : { production: entry("production") }),
  },
  viewers: { groups: [platform], roles: [] },
  ...(index === 0 ? { owner: true as const } : {}),
}));

/**
 * @param now milliseconds since 1970: the host's clock stands there
 * @param port 0 for any that is free
 */
export async function startSampleHost(now: number, port = 0): Promise<SampleHost> {
  const database = createD1();
  const insert = database.sqlite.prepare("INSERT INTO sites VALUES (?, ?, 0)");
  for (const row of sampleRows) insert.run(row.project, JSON.stringify(row));
  database.sqlite.prepare(insertNewEvents).run(JSON.stringify(sampleEvents(now)));
  const signing = await makeSigningKey(now);
  const cookieKey = makeCookieKey(now);
  const listening = await listen(port);
  const origin = `http://acme-sign-in.localhost:${listening.port}`;
  const env = {
    GATE_ROLE: "host",
    GATE_HOST_ORIGIN: origin,
    ENTRA_TENANT_ID: tenantId,
    ENTRA_CLIENT_ID: "6f3a9b52-84d1-4e0c-a7f5-1c2d3e4f5a01",
    ENTRA_CLOUD: "global",
    ENTRA_CLIENT_SECRET: "not-used-here",
    GATE_ENTRA_KEY_ID: "7b1c6d1e-9a2f-4c55-8a10-6f0e2b7d9c31",
    [`GATE_SIGNING_KEY_${signing.kid}`]: signing.secret,
    GATE_SIGNING_ACTIVE: signing.kid,
    [`GATE_COOKIE_KEY_${cookieKey.kid}`]: cookieKey.secret,
    GATE_COOKIE_ACTIVE: cookieKey.kid,
    GATE_DB: database,
  };
  const worker = createHostWorker(
    { bundle: "sample" },
    {
      now: () => now,
      fetch: () => Promise.reject(new Error("no network here")),
      random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
      log: () => {},
    },
  );
  listening.server.on("request", async (request, response) => {
    const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]);
    const url = `${origin}${request.url ?? "/"}`;
    const answer = await worker.fetch(new Request(url, { headers, method: request.method ?? "GET" }), env, {
      waitUntil: () => {},
    });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  const seconds = Math.floor(now / 1000);
  const session: HostSession = {
    kind: "user",
    tid: tenantId,
    oid: "0b7d3c1e-52a4-4f0e-9d11-000000000010",
    name: "Ada Moreau",
    groups: [platform],
    groupsState: "known",
    roles: [],
    named: (await namedByAll(sampleRows)).digest,
    signedInAt: seconds - 600,
    authTime: seconds - 600,
    acrs: [],
    claimsAt: seconds - 600,
  };
  const keys = {
    active: cookieKey.kid,
    byId: new Map([[cookieKey.kid, await importCookieKey(cookieKey.kid, cookieKey.secret)]]),
  };
  return {
    origin,
    database,
    cookie: { name: cookies.hostSession, value: await sealHostSession(session, keys, seconds - 600) },
    close: () => new Promise((resolve) => void listening.server.close(() => resolve())),
  };
}

async function listen(wanted: number): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(wanted, "127.0.0.1", resolve));
  return { server, port: (server.address() as AddressInfo).port };
}
