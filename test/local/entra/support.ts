import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingHttpHeaders, request } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from "jose";
import { CallLog } from "../../../local/call-log.ts";
import { TestClock } from "../../../local/clock.ts";
import { type EntraOptions, type EntraStandIn, startEntra } from "../../../local/entra/entra.ts";
import { Faults } from "../../../local/faults.ts";

export interface World {
  readonly entra: EntraStandIn;
  readonly clock: TestClock;
  readonly log: CallLog;
  readonly faults: Faults;
}

export const callback = "https://sign-in.contoso.example/.auth/callback";

export async function startWorld(options: Partial<EntraOptions> = {}): Promise<World> {
  const clock = new TestClock();
  const log = new CallLog();
  const faults = new Faults();
  return { clock, log, faults, entra: await startEntra({ clock, log, faults, ...options }) };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects to be there
  json(): any;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly form?: Record<string, string>;
  readonly json?: unknown;
  readonly body?: string;
}

/** One real HTTP request to a `*.localhost` name, which Node itself does not resolve. */
export function ask(url: string, asked: Asked = {}): Promise<Answer> {
  const { hostname, host, port, pathname, search } = new URL(url);
  const [type, body] =
    asked.form !== undefined
      ? ["application/x-www-form-urlencoded", new URLSearchParams(asked.form).toString()]
      : asked.json !== undefined
        ? ["application/json", JSON.stringify(asked.json)]
        : [undefined, asked.body];
  if (!hostname.endsWith(".localhost")) throw new Error(`left the local world: ${url}`);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: "127.0.0.1",
        port,
        path: pathname + search,
        method: asked.method ?? (body === undefined ? "GET" : "POST"),
        headers: { host, ...(type === undefined ? {} : { "content-type": type }), ...asked.headers },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const { statusCode: status = 0, headers } = answer;
          resolve({ status, headers, text, json: () => JSON.parse(text) });
        });
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** As much of a browser as the sign-in pages need: cookies with their paths, and redirects within the sign-in host. */
export class Browser {
  readonly #cookies = new Map<string, { value: string; path: string }>();
  readonly #entra: EntraStandIn;

  constructor(entra: EntraStandIn) {
    this.#entra = entra;
  }

  /** Follows redirects until one leaves the sign-in host, or a page is there. */
  async visit(url: string, asked: Asked = {}): Promise<Answer> {
    const answer = await ask(url, {
      ...asked,
      headers: { ...asked.headers, cookie: this.#cookieHeader(url) },
    });
    for (const line of answer.headers["set-cookie"] ?? []) this.#keep(line);
    const location = answer.headers.location;
    if (location === undefined) return answer;
    const next = new URL(location, url);
    return next.origin === this.#entra.authority ? this.visit(next.href) : answer;
  }

  /** Posts a form of the page that `visit` ended on. */
  submit(page: Answer, fields: Record<string, string>, form = 0): Promise<Answer> {
    const action = [...page.text.matchAll(/<form method="post" action="([^"]+)"/g)][form]?.[1];
    if (action === undefined) throw new Error(`no form in: ${page.text.slice(0, 2000)}`);
    return this.visit(this.#entra.authority + action.replaceAll("&#38;", "&"), { form: fields });
  }

  #cookieHeader(url: string): string {
    const { pathname } = new URL(url);
    return [...this.#cookies]
      .filter(([, { path }]) => pathname.startsWith(path))
      .map(([name, { value }]) => `${name.split(" ")[0]}=${value}`)
      .join("; ");
  }

  #keep(line: string): void {
    const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
    const [name = "", value = ""] = pair.split("=");
    const path = attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? "/";
    const gone = attributes.some(
      (each) => /^max-age=0$/i.test(each) || /^expires=Thu, 01 Jan 1970/i.test(each),
    );
    if (gone) this.#cookies.delete(`${name} ${path}`);
    else this.#cookies.set(`${name} ${path}`, { value, path });
  }
}

export const verifier = randomBytes(32).toString("base64url");
const challenge = createHash("sha256").update(verifier).digest("base64url");

export function authorizeUrl(entra: EntraStandIn, changes: Record<string, string | undefined> = {}): string {
  const parameters = {
    client_id: entra.cast.applications.gate.appId,
    redirect_uri: callback,
    response_type: "code",
    response_mode: "query",
    scope: "openid profile User.Read",
    state: "a-state",
    nonce: "a-nonce",
    code_challenge: challenge,
    code_challenge_method: "S256",
    ...changes,
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, value);
  return `${entra.authority}/${entra.tenantId}/oauth2/v2.0/authorize?${query}`;
}

/** Registers the callback and, where given, more of the gate's application; in force at once. */
export function register(
  { entra, clock }: World,
  more: Partial<NonNullable<ReturnType<EntraStandIn["directory"]["application"]>>> = {},
): void {
  const application = gate(entra);
  entra.directory.writeApplication(application.id, {
    ...application,
    ...more,
    web: { ...application.web, redirectUris: [callback] },
  });
  clock.advance(60_000);
}

export function gate(entra: EntraStandIn) {
  const application = entra.directory.application(entra.cast.applications.gate.appId);
  if (application === undefined) throw new Error("no gate");
  return application;
}

export async function token(
  entra: EntraStandIn,
  form: Record<string, string>,
  headers = {},
): Promise<Answer> {
  return ask(`${entra.authority}/${entra.tenantId}/oauth2/v2.0/token`, { form, headers });
}

const issuerKeys = generateKeyPair("RS256", { extractable: true });

/** An issuer as GitHub's: discovery, keys, tokens. */
export async function startIssuer() {
  const { publicKey, privateKey } = await issuerKeys;
  const jwk = { ...(await exportJWK(publicKey)), kid: "github-1", use: "sig", alg: "RS256" };
  const server = createServer((asked, answer) => {
    const document = asked.url?.endsWith("jwks")
      ? { keys: [jwk] }
      : { issuer, jwks_uri: `${issuer}/.well-known/jwks` };
    answer.end(JSON.stringify(document));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://token.actions.localhost:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
    token: (claims: Record<string, unknown>, key = privateKey) => {
      const now = Math.floor(Date.now() / 1000);
      const all = {
        iss: issuer,
        aud: "api://AzureADTokenExchange",
        iat: now,
        nbf: now,
        exp: now + 300,
        ...claims,
      };
      return new SignJWT(all).setProtectedHeader({ alg: "RS256", kid: "github-1", typ: "JWT" }).sign(key);
    },
  };
}

export const subject = "repo:contoso/site:environment:entra-gate";

export function federated(entra: EntraStandIn, assertion: string, changes: Record<string, string> = {}) {
  return token(entra, {
    client_id: entra.cast.applications.automation.appId,
    grant_type: "client_credentials",
    scope: `${entra.graphUrl}/.default`,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
    ...changes,
  });
}

/** A secret of the gate's application, known to the token endpoint already. */
export async function gateSecret(world: World, graph: Graph): Promise<string> {
  const { objectId } = world.entra.cast.applications.gate;
  const made = await graph("POST", `/applications/${objectId}/addPassword`, { passwordCredential: {} });
  if (made.status !== 200) throw new Error(made.text);
  world.clock.advance(60_000);
  return made.json().secretText;
}

export type Graph = (
  method: string,
  path: string,
  json?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;

/** Graph as the automation, or with another token. */
export function graphWith(entra: EntraStandIn, accessToken: string): Graph {
  return (method, path, json, headers = {}) =>
    ask(`${entra.graphUrl}/v1.0${path}`, {
      method,
      ...(json === undefined ? {} : { json }),
      headers: { authorization: `Bearer ${accessToken}`, ...headers },
    });
}

/** Chooses a person on the account page and redeems the code. */
export async function signIn(
  { entra }: World,
  browser: Browser,
  oid: string,
  secret: string,
  changes: Record<string, string | undefined> = {},
) {
  const page = await browser.visit(authorizeUrl(entra, changes));
  const answer = page.headers.location === undefined ? await browser.submit(page, { account: oid }) : page;
  return redeem(entra, answer, secret);
}

export async function redeem(entra: EntraStandIn, answer: Answer, secret: string, changes = {}) {
  const code = new URL(answer.headers.location ?? "about:blank").searchParams.get("code") ?? "none";
  const tokens = await token(entra, {
    client_id: entra.cast.applications.gate.appId,
    client_secret: secret,
    grant_type: "authorization_code",
    code,
    redirect_uri: callback,
    code_verifier: verifier,
    ...changes,
  });
  const body = tokens.json();
  return { code, tokens, body, claims: body.id_token === undefined ? {} : decodeJwt(body.id_token) };
}
