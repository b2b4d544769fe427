import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import type { PinnedKey } from "../../contract/config/site.ts";
import { compilePolicy } from "../../contract/policy/compile.ts";
import { entryOf } from "../../contract/policy/entry.ts";
import { parsePolicy } from "../../contract/policy/parse.ts";
import type { SiteRow } from "../../contract/sites/row.ts";
import { createHostWorker } from "../../pages-plugin/src/entries/host.ts";
import { createSiteGate } from "../../pages-plugin/src/site/gate.ts";
import * as entra from "../local/entra/support.ts";
import { newCookieKey, signingKey } from "../pages-plugin/host/support/world.ts";

export const testSubject = "repo:contoso/site:environment:preview-test";

export interface MachineWorld {
  readonly tenant: entra.World;
  readonly signInOrigin: string;
  /** A preview whose policy lets `Preview.Test` see everything but /admin. */
  readonly preview: string;
  /** Paths that reached the code behind, with their headers. */
  readonly reached: { readonly path: string; readonly headers: Headers }[];
  readonly log: string[];
  /** What a job with `id-token: write` in the environment of that subject has. */
  jobEnv(subject?: string): Record<string, string>;
  close(): Promise<void>;
}

/** Entra, a sign-in host and a preview, each under a name of its own, and an issuer of GitHub's tokens: real HTTP. */
export async function startMachineWorld(): Promise<MachineWorld> {
  const issuer = await entra.startIssuer();
  const github = { issuer: issuer.issuer, subject: entra.subject, testSubjects: [testSubject] };
  const tenant = await entra.startWorld({ github });
  const { appId, id } = entra.gate(tenant.entra);
  tenant.entra.directory.writeApplication(id, {
    ...entra.gate(tenant.entra),
    api: { requestedAccessTokenVersion: 2, oauth2PermissionScopes: [] },
    appRoles: [role("Preview.Test"), role("Site.Admin")],
    optionalClaims: {
      idToken: [],
      accessToken: [{ name: "idtyp", source: null, essential: false, additionalProperties: [] }],
      saml2Token: [],
    },
  });
  const log: string[] = [];
  const reached: MachineWorld["reached"] = [];
  const handlers = new Map<string, (request: Request) => Promise<Response>>();
  const server = createServer((asked, answer) => void serve(asked, answer, handlers));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const at = (name: string) => `http://${name}.localhost:${port}`;
  const [signInOrigin, preview, jobs] = [at("gate"), at("pr-7.site"), at("pipelines")];

  const deps = {
    now: () => Date.now(),
    random: (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes)),
    log: (line: string) => void log.push(line),
  };
  const row = await siteRow(`site.localhost:${port}`);
  const env = {
    GATE_ROLE: "host",
    GATE_HOST_ORIGIN: signInOrigin,
    ENTRA_TENANT_ID: tenant.entra.tenantId,
    ENTRA_CLIENT_ID: appId,
    ENTRA_CLOUD: "global",
    ENTRA_AUTHORITY: tenant.entra.authority,
    GRAPH_URL: tenant.entra.graphUrl,
    ENTRA_CLIENT_SECRET: "not used by machines",
    GATE_ENTRA_KEY_ID: "key-1",
    GATE_SIGNING_KEY_20261101_A1B2C3: await signingKey(),
    GATE_SIGNING_ACTIVE: "20261101_A1B2C3",
    GATE_COOKIE_KEY_20261101_0000AA: newCookieKey(),
    GATE_COOKIE_ACTIVE: "20261101_0000AA",
    GATE_DB: {
      batch: async () => [],
      prepare: () => ({
        bind: () => ({ all: async () => ({ results: [] }) }),
        all: async () => ({ results: [{ project: row.project, data: JSON.stringify(row) }] }),
      }),
    },
  };
  const toEntra: typeof fetch = async (input) => {
    const { status, text, headers } = await entra.ask(String(input));
    return new Response(text, { status, headers: { "content-type": headers["content-type"] ?? "" } });
  };
  const host = createHostWorker({ bundle: "b0b0" }, { ...deps, fetch: toEntra });
  const atHost = (request: Request) => host.fetch(request, env, { waitUntil: () => undefined });
  const keys = (await (await atHost(new Request(`${signInOrigin}/.auth/jwks`))).json()) as {
    keys: PinnedKey[];
  };
  const config = {
    signIn: { origin: signInOrigin, keys: keys.keys },
    policy: await compilePolicy(policyOf(), "preview"),
    project: "site",
    bundle: "b",
  };
  const gate = createSiteGate(config, { ...deps, fetch: (input, init) => atHost(new Request(input, init)) });
  handlers.set(new URL(signInOrigin).host, atHost);
  handlers.set(new URL(preview).host, (request) =>
    gate.handle({
      request,
      waitUntil: () => undefined,
      async next(behind) {
        const path = new URL(behind.url).pathname;
        reached.push({ path, headers: behind.headers });
        return new Response(`<!doctype html><html lang="en"><title>${path}</title><h1>Preview</h1></html>`, {
          headers: { "content-type": "text/html; charset=utf-8" },
        });
      },
    }),
  );
  handlers.set(new URL(jobs).host, async (request) => {
    const sub = (request.headers.get("authorization") ?? "").slice("bearer ".length);
    const { searchParams } = new URL(request.url);
    return Response.json({ value: await issuer.token({ sub, aud: searchParams.get("audience") }) });
  });
  return {
    tenant,
    signInOrigin,
    preview,
    reached,
    log,
    jobEnv: (subject = testSubject) => ({
      ACTIONS_ID_TOKEN_REQUEST_URL: `${jobs}/idtoken?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: subject,
    }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await tenant.entra.close();
      await issuer.close();
    },
  };
}

function role(value: string) {
  const allowedMemberTypes = ["User", "Application"] as const;
  const text = { value, displayName: value, description: value };
  return { id: crypto.randomUUID(), ...text, isEnabled: true, allowedMemberTypes };
}

function policyOf() {
  const parsed = parsePolicy({
    roles: ["Preview.Test", "Site.Admin"],
    preview: {
      rules: [
        { path: "/admin/*", allow: { roles: ["Site.Admin"] } },
        { path: "/*", allow: { roles: ["Preview.Test", "Site.Admin"] } },
      ],
    },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

async function siteRow(subdomain: string): Promise<SiteRow> {
  const preview = entryOf(await compilePolicy(policyOf(), "preview"));
  return { project: "site", subdomain, origins: [], entries: { preview } };
}

async function serve(
  asked: IncomingMessage,
  answer: ServerResponse,
  handlers: ReadonlyMap<string, (request: Request) => Promise<Response>>,
): Promise<void> {
  const host = asked.headers.host ?? "";
  const body =
    asked.method === "GET" || asked.method === "HEAD" ? {} : { body: Readable.toWeb(asked), duplex: "half" };
  const request = new Request(`http://${host}${asked.url}`, {
    method: asked.method ?? "GET",
    headers: Object.entries(asked.headers).map(([name, value]): [string, string] => [name, String(value)]),
    ...body,
  } as RequestInit);
  const response = (await handlers.get(host)?.(request)) ?? new Response("", { status: 421 });
  answer.writeHead(response.status, {
    ...Object.fromEntries(response.headers),
    ...(response.headers.has("set-cookie") ? { "set-cookie": response.headers.getSetCookie() } : {}),
  });
  answer.end(Buffer.from(await response.arrayBuffer()));
}
