import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { build } from "esbuild";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { Miniflare, type MiniflareOptions, Response as MiniflareResponse, NoOpLog } from "miniflare";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readViewer, whoSaw } from "../../../contract/audit/queries.ts";
import { databaseSchema } from "../../../contract/sites/row.ts";
import {
  clientId,
  clientSecret,
  createProvider,
  type Provider,
  reviewer,
  tenantId,
} from "./support/provider.ts";
import {
  authorizeUrl,
  Browser,
  codeOf,
  cookieKid,
  formOf,
  hostOrigin,
  newCookieKey,
  rowWith,
  signingKey,
  signingKid,
  site,
  type World,
} from "./support/world.ts";

let server: Server;
let provider: Provider;
let runtime: Miniflare;
const log: string[] = [];
const fetched: string[] = [];

/** The provider on loopback, so that what workerd sends is what arrives. */
async function serveProvider(): Promise<void> {
  server = createServer(async (incoming, response) => {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part as Buffer);
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
    );
    const url = `${provider.authority}${incoming.url}`;
    const answer = await provider.fetch(url, {
      method: incoming.method ?? "GET",
      headers,
      body: Buffer.concat(parts).toString(),
    });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  provider = await createProvider(() => Date.now(), `http://login.localhost:${port}`);
}

async function bundleHost(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ["pages-plugin/src/entries/host.ts"],
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    target: "es2024",
    mainFields: ["module", "main"],
    conditions: ["workerd", "worker", "import"],
    minify: true,
  });
  return outputFiles[0]?.text ?? "";
}

/** workerd knows no *.localhost; the product's own addresses are carried to loopback from outside it. */
async function outbound(outgoing: {
  url: string;
  method: string;
  headers: Headers;
  arrayBuffer(): Promise<ArrayBuffer>;
}) {
  const url = new URL(outgoing.url);
  fetched.push(`${outgoing.method} ${url.host}`);
  if (url.hostname !== "login.localhost") return new MiniflareResponse("error code: 1016", { status: 530 });
  const body = outgoing.method === "POST" ? { body: await outgoing.arrayBuffer() } : {};
  const target = `http://127.0.0.1:${url.port}${url.pathname}`;
  const answer = await fetch(target, {
    method: outgoing.method,
    headers: [...outgoing.headers],
    redirect: "manual",
    ...body,
  });
  return new MiniflareResponse(await answer.arrayBuffer(), {
    status: answer.status,
    headers: [...answer.headers],
  });
}

async function startHost(change: Record<string, string> = {}): Promise<Miniflare> {
  const index = `import { createHostWorker } from "./gate.js"; import config from "./config.js"; export default createHostWorker(config);`;
  const modules = {
    "index.js": { type: "esm", contents: index },
    "gate.js": { type: "esm", contents: await bundleHost() },
    "config.js": { type: "esm", contents: `export default ${JSON.stringify({ bundle: "b0b0" })};` },
  };
  const vars = {
    GATE_ROLE: "host",
    GATE_HOST_ORIGIN: hostOrigin,
    ENTRA_TENANT_ID: tenantId,
    ENTRA_CLIENT_ID: clientId,
    ENTRA_CLOUD: "global",
    ENTRA_AUTHORITY: provider.authority,
    ENTRA_CLIENT_SECRET: clientSecret,
    GATE_ENTRA_KEY_ID: "key-1",
    [`GATE_SIGNING_KEY_${signingKid}`]: await signingKey(),
    GATE_SIGNING_ACTIVE: signingKid,
    [`GATE_COOKIE_KEY_${cookieKid}`]: newCookieKey(),
    GATE_COOKIE_ACTIVE: cookieKid,
    ...change,
  };
  const texts = Object.entries(vars).map(([name, value]) => [name, { type: "text", value }]);
  const options = {
    cf: false,
    host: "127.0.0.1",
    port: 0,
    log: new NoOpLog(),
    logRequests: false,
    enableDevRegistry: false,
    handleStructuredLogs: ({ message }: { message: string }) => void log.push(message),
    workers: [
      {
        config: {
          name: "host",
          compatibilityDate: "2026-11-01",
          manifest: { mainModule: "index.js", modules },
          env: { ...Object.fromEntries(texts), GATE_DB: { type: "d1", id: "GATE_DB" } },
        },
        dev: { outboundService: { type: "fetcher", handler: outbound } },
      },
    ],
  };
  const started = new Miniflare(options as unknown as MiniflareOptions);
  await started.ready;
  return started;
}

/** Node's fetch would put its own Sec-Fetch-Mode in place of the browser's; http.request sends what it is given. */
async function send(miniflare: Miniflare, asked: Request): Promise<Response> {
  const url = new URL(asked.url);
  const { port } = await miniflare.ready;
  const outgoing = request({
    host: "127.0.0.1",
    port,
    path: url.pathname + url.search,
    method: asked.method,
    headers: { ...Object.fromEntries(asked.headers), host: url.host },
  });
  outgoing.end();
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const status = incoming.statusCode ?? 0;
  const body = await text(incoming);
  return new Response(status === 303 ? null : body, { status, headers });
}

/** The part of a world that a browser needs. */
const worldOf = (miniflare: Miniflare) =>
  ({ provider, log, fetch: (asked: Request) => send(miniflare, asked) }) as unknown as World;

beforeAll(async () => {
  await serveProvider();
  runtime = await startHost();
  const database = await runtime.getD1Database("GATE_DB");
  for (const statement of databaseSchema) await database.prepare(statement).run();
  const row = rowWith();
  const insert = "INSERT INTO sites (project, data, updated_at) VALUES (?, ?, ?)";
  await database.prepare(insert).bind(row.project, JSON.stringify(row), Date.now()).run();
});

afterAll(async () => {
  await runtime?.dispose();
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
});

describe("the bundled sign-in host in workerd with its D1", () => {
  test("signs in and hands out a ticket that its own jwks verifies", async () => {
    const browser = new Browser(worldOf(runtime));
    const response = await browser.signIn(await authorizeUrl());
    const form = await formOf(response);
    expect(form).toMatchObject({ action: `${site}/.auth/accept`, tx: "tx1" });
    const jwks = await (await runtime.dispatchFetch(`${hostOrigin}/.auth/jwks`)).json();
    const { payload } = await jwtVerify(form?.ticket ?? "", createLocalJWKSet(jwks as JSONWebKeySet), {
      issuer: hostOrigin,
      audience: site,
      typ: "entra-gate-ticket+jwt",
    });
    expect(payload["oid"]).toBe(reviewer.oid);
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
    expect(provider.requests.at(-1)?.headers.has("origin")).toBe(false);
  });

  test("answers the second site from its session, without a word to Entra", async () => {
    const browser = new Browser(worldOf(runtime));
    await browser.signIn(await authorizeUrl());
    const before = fetched.length;
    const second = await browser.visit(await authorizeUrl({ origin: "http://pr-2.demo.localhost:8788" }));
    expect(await formOf(second)).toMatchObject({ action: "http://pr-2.demo.localhost:8788/.auth/accept" });
    expect(fetched.length).toBe(before);
  });

  test("refuses an outsider on its own page", async () => {
    provider.visitor = { ...reviewer, groups: ["9a000000-0000-4000-8000-0000000000ee"] };
    const response = await new Browser(worldOf(runtime)).signIn(await authorizeUrl());
    provider.visitor = reviewer;
    expect(codeOf(response)).toBe("entry-refused");
  });

  test("keeps the tenant's keys between requests", () => {
    expect(provider.keyFetches.count).toBe(1);
  });

  test("writes OCSF events to the console and no secret", async () => {
    const events = log.flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
    expect(events.filter((event) => event.class_uid === 3002).length).toBeGreaterThanOrEqual(5);
    expect(log.join()).not.toContain(clientSecret);
  });

  test("writes the same to its D1, which answers who saw a site by its index", async () => {
    const database = await runtime.getD1Database("GATE_DB");
    const { sql, values } = whoSaw({ from: 0, to: Date.now() + 1000, origin: site });
    const answers = async () =>
      (
        await database
          .prepare(sql)
          .bind(...values)
          .all()
      ).results.map(readViewer);
    await vi.waitFor(async () => expect(await answers()).toMatchObject([{ oid: reviewer.oid, times: 2 }]));
    const plan = await database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .bind(...values)
      .all();
    expect(plan.results).toMatchObject([
      { detail: "SEARCH audit_events USING INDEX audit_events_seen (origin=? AND oid>?)" },
    ]);
    const status = await (await runtime.dispatchFetch(`${hostOrigin}/.auth/status`)).json();
    expect(status).toMatchObject({ audit: { failed: 0 } });
  });

  test("hands out a ticket for an access token", async () => {
    const now = Math.floor(Date.now() / 1000);
    const token = await provider.sign({
      ...{ iss: provider.issuer, aud: clientId, tid: tenantId, ver: "2.0", idtyp: "app" },
      ...{ azp: clientId, oid: clientId, roles: ["Preview.Test"], iat: now, nbf: now, exp: now + 3600 },
    });
    const ask = (bearer: string) =>
      runtime.dispatchFetch(`${hostOrigin}/.auth/session`, {
        method: "POST",
        headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
        body: JSON.stringify({ origin: site, challenge: "c".repeat(43) }),
      });
    const jwks = await (await runtime.dispatchFetch(`${hostOrigin}/.auth/jwks`)).json();
    const { ticket } = (await (await ask(token)).json()) as { ticket: string };
    const { payload } = await jwtVerify(ticket, createLocalJWKSet(jwks as JSONWebKeySet));
    expect(payload).toMatchObject({ aud: site, kind: "app", app: clientId, roles: ["Preview.Test"] });
    const refused = await ask(`${token.slice(0, -8)}AAAAAAAA`);
    expect(refused.headers.get("x-entra-gate-code")).toBe("bearer-signature");
  });

  test("without its table it is 503, never open", async () => {
    const empty = await startHost();
    const response = await new Browser(worldOf(empty)).visit(await authorizeUrl());
    expect(codeOf(response)).toBe("sites-unavailable");
    await empty.dispose();
  });

  test("with a wrong setting it is 503 on every path", async () => {
    const wrong = await startHost({ ENTRA_TENANT_ID: "common" });
    for (const path of ["/.auth/status", "/", "/.auth/jwks"]) {
      expect((await wrong.dispatchFetch(hostOrigin + path)).status).toBe(503);
    }
    await wrong.dispose();
  });
});
