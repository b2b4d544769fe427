import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import type { PinnedKey, SiteConfig } from "../../../contract/config/site.ts";
import type { CompiledAllow, CompiledPolicy } from "../../../contract/policy/model.ts";
import { type TicketClaims, ticketType } from "../../../contract/tickets/claims.ts";
import type { Deps } from "../../../pages-plugin/src/http/deps.ts";
import { challengeOf } from "../../../pages-plugin/src/session/site-ticket.ts";
import type { Assets } from "../../../pages-plugin/src/site/exchange.ts";
import { createSiteGate } from "../../../pages-plugin/src/site/gate.ts";
import { requireSound } from "../../contract/audit/facts.ts";

export const hostOrigin = "https://gate.example";
export const siteOrigin = "https://a1b2c3d4.demo.example";
export const reviewers = "11111111-1111-4111-8111-111111111111";
export const startTime = Date.UTC(2026, 10, 1, 12);
export const verifier = "v".repeat(43);

export interface TestKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK & { kid: string; n: string; e: string };
}

export async function makeKey(kid: string, bits = 2048): Promise<TestKey> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", {
    extractable: true,
    modulusLength: bits,
  });
  const { n = "", e = "" } = await exportJWK(publicKey);
  return { kid, privateKey, jwk: { kty: "RSA", alg: "RS256", use: "sig", kid, n, e } };
}

export const key = await makeKey("k1");

export function pin(from: TestKey, notAfter = startTime / 1000 + 86_400): PinnedKey {
  const { kid, n, e } = from.jwk;
  return { kid, kty: "RSA", n, e, alg: "RS256", use: "sig", not_after: notAfter };
}

const nobody: CompiledAllow = {
  anyone: false,
  members: false,
  guests: false,
  groups: [],
  roles: [],
  apps: [],
};

export const policy: CompiledPolicy = {
  environment: "preview",
  digest: "0123456789abcdef0123456789abcdef",
  open: false,
  rules: [
    { id: "preview.rules[0]", path: "/open/*", allow: { ...nobody, anyone: true } },
    { id: "preview.rules[1]", path: "/admin/*", allow: { ...nobody, roles: ["Site.Admin"] } },
    { id: "preview.rules[2]", path: "/members/*", allow: { ...nobody, members: true } },
    { id: "preview.rules[3]", path: "/*", allow: { ...nobody, groups: [reviewers] } },
  ],
  groupNames: { [reviewers]: "reviewers" },
  lifetime: 28_800,
  recheck: 3_600,
};

export const config: SiteConfig = {
  signIn: { origin: hostOrigin, keys: [] },
  policy,
  project: "demo",
  bundle: "00112233445566778899aabbccddeeff",
  commit: "0123456789012345678901234567890123456789",
  pullRequest: 7,
};

export async function claimsFor(changes: Partial<TicketClaims> = {}): Promise<TicketClaims> {
  const now = startTime / 1000;
  return {
    iss: hostOrigin,
    aud: siteOrigin,
    environment: "preview",
    tid: "22222222-2222-4222-8222-222222222222",
    oid: "33333333-3333-4333-8333-333333333333",
    name: "Rita Reviewer",
    kind: "user",
    groups: [reviewers],
    roles: [],
    auth_time: now - 60,
    iat: now,
    exp: now + 3600,
    accept_by: now + 60,
    cnf: { challenge: await challengeOf(verifier) },
    jti: "ticket-1",
    ...changes,
  };
}

export async function ticketFor(changes: Partial<TicketClaims> = {}, by: TestKey = key): Promise<string> {
  return sign({ ...(await claimsFor(changes)) }, by);
}

export function sign(
  payload: JWTPayload,
  by: TestKey = key,
  header: Record<string, unknown> = {},
): Promise<string> {
  return new SignJWT(payload)
    .setProtectedHeader({ alg: "RS256", typ: ticketType, kid: by.kid, ...header })
    .sign(by.privateKey);
}

export async function sessionCookie(changes: Partial<TicketClaims> = {}, by: TestKey = key): Promise<string> {
  return `__Host-entra-gate-session=${await ticketFor(changes, by)}.${verifier}`;
}

/** A world that tests hold in their hands: time, the host's keys, what was logged. */
export function makeWorld() {
  const world = {
    now: startTime,
    /** What the host's jwks answers; a function may throw or wait. */
    jwks: (): Response | Promise<Response> => Response.json({ keys: [key.jwk] }),
    fetches: [] as string[],
    lines: [] as string[],
    waiting: [] as Promise<unknown>[],
    deps: {} as Deps,
    waitUntil: (promise: Promise<unknown>): void => {
      world.waiting.push(promise);
    },
    /** Everything logged, once what runs in the background is over. */
    async log(): Promise<Record<string, unknown>[]> {
      await Promise.all(world.waiting);
      for (const line of world.lines) requireSound(line);
      return world.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    async events(): Promise<Record<string, unknown>[]> {
      return (await world.log()).filter((line) => "class_uid" in line);
    },
  };
  world.deps = {
    now: () => world.now,
    fetch: async (input, init) => {
      if (init?.redirect !== "manual") throw new Error("this would follow a redirect to anywhere");
      world.fetches.push(String(input));
      return world.jwks();
    },
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    log: (line) => {
      world.lines.push(line);
    },
  };
  return world;
}

/** Files by path, answered as Pages' asset server does as far as the gate looks. */
export function makeAssets(files: Record<string, string>, singlePage = false) {
  const asked: string[] = [];
  const assets: Assets = {
    async fetch(request) {
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      const serve = (path: string, status: number, headers: Record<string, string>): Response => {
        const type = path.endsWith(".png") ? "image/png" : "text/html; charset=utf-8";
        return new Response(request.method === "HEAD" ? null : files[path], {
          status,
          headers: { "content-type": type, "access-control-allow-origin": "*", ...headers },
        });
      };
      for (const path of [pathname, `${pathname}.html`, `${pathname.replace(/\/$/, "")}/index.html`]) {
        if (path in files) {
          return serve(path, 200, {
            etag: `"${files[path]}"`,
            "cache-control": "public, max-age=0, must-revalidate",
          });
        }
      }
      for (let folder = pathname; folder !== ""; ) {
        folder = folder.slice(0, folder.lastIndexOf("/"));
        if (`${folder}/404.html` in files)
          return serve(`${folder}/404.html`, 404, { "cache-control": "no-store" });
      }
      if (singlePage) return serve("/index.html", 200, { etag: `"${files["/index.html"]}"` });
      return new Response(null, { status: 404, headers: { "cache-control": "no-store" } });
    },
  };
  return { assets, asked };
}

export const navigation = {
  "sec-fetch-site": "none",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
  accept: "text/html,*/*",
} as const;

export interface Sent {
  readonly request: Request;
  readonly visitor: unknown;
}

/** A gate in front of a site that says "content of <path>". */
export function makeGate(
  options: {
    world?: ReturnType<typeof makeWorld>;
    config?: SiteConfig;
    site?: (request: Request) => Response | Promise<Response>;
    assets?: Assets;
  } = {},
) {
  const world = options.world ?? makeWorld();
  const gate = createSiteGate(options.config ?? config, world.deps);
  const reached: Sent[] = [];
  const site = options.site ?? ((request) => new Response(`content of ${new URL(request.url).pathname}`));
  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    gate.handle({
      request: new Request(path.startsWith("http") ? path : siteOrigin + path, init),
      waitUntil: world.waitUntil,
      assets: options.assets,
      async next(request, visitor) {
        reached.push({ request, visitor });
        return site(request);
      },
    });
  return { world, gate, ask, reached };
}

/** Name → value of the cookies that an answer sets; cleared ones are "". */
export function cookiesOf(response: Response): Map<string, string> {
  return new Map(
    response.headers.getSetCookie().map((line) => {
      const [pair = ""] = line.split(";", 1);
      const equals = pair.indexOf("=");
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

export async function codeOf(response: Response): Promise<string> {
  const code = response.headers.get("x-entra-gate-code") ?? "";
  if (response.body !== null && response.headers.get("content-type")?.startsWith("application/json")) {
    const body = (await response.clone().json()) as { error: string };
    if (body.error !== code) throw new Error(`header says ${code}, body says ${body.error}`);
  }
  return code;
}
