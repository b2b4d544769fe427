import entraGate from "../../../pages-plugin/src/entries/standalone.ts";
import { requireSound } from "../../contract/audit/facts.ts";
import {
  clientId,
  clientSecret,
  createProvider,
  graphUrl,
  reviewer,
  tenantId,
} from "../host/support/provider.ts";
import {
  Browser,
  codeOf,
  cookieKid,
  navigation,
  newCookieKey,
  start,
  type World,
} from "../host/support/world.ts";

export const origin = "http://www.harbour.localhost:8788";
export const group = reviewer.groups[0] as string;
export const sessionName = "__Host-entra-gate-session";

export const policy = {
  groups: { reviewers: group },
  roles: ["Site.Admin"],
  session: { lifetime: "8h", recheck: "1h" },
  contact: "harbour@example.com",
  production: {
    rules: [
      { path: "/open/*", allow: "anyone" },
      { path: "/admin/*", allow: { roles: ["Site.Admin"] } },
      { path: "/vault/*", allow: { groups: ["reviewers"] }, signedInWithin: "15m", authContext: "c1" },
      { path: "/*", allow: { groups: ["reviewers"] } },
    ],
  },
};

/** Who got through to the site, and where. */
export interface Reached {
  readonly path: string;
  readonly headers: Headers;
  readonly visitor: { readonly name: string } | null;
}

export type StandaloneWorld = Omit<World, "rows" | "queries"> & { readonly reached: Reached[] };

/** A site that signs in for itself, in front of a provider in Entra's shape, with the clock in the test's hands. */
export async function createWorld(
  change: Record<string, unknown> = {},
  given: unknown = policy,
): Promise<StandaloneWorld> {
  const clock = { now: start };
  const provider = await createProvider(() => clock.now);
  const log: string[] = [];
  const waiting: Promise<unknown>[] = [];
  const reached: Reached[] = [];
  const env: Record<string, unknown> = {
    GATE_ROLE: "standalone",
    GATE_HOST_ORIGIN: origin,
    ENTRA_TENANT_ID: tenantId,
    ENTRA_CLIENT_ID: clientId,
    ENTRA_CLOUD: "global",
    ENTRA_AUTHORITY: provider.authority,
    GRAPH_URL: graphUrl,
    ENTRA_CLIENT_SECRET: clientSecret,
    [`GATE_COOKIE_KEY_${cookieKid}`]: newCookieKey(),
    GATE_COOKIE_ACTIVE: cookieKid,
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
  let gate = entraGate(given, deps);
  return {
    provider,
    env,
    log,
    clock,
    waiting,
    reached,
    restart: () => {
      gate = entraGate(given, deps);
    },
    fetch(request) {
      const data: Record<string, unknown> = {};
      return gate({
        request,
        env,
        data,
        waitUntil: (promise) => void waiting.push(promise),
        async next(behind = request) {
          const { pathname } = new URL(behind.url);
          reached.push({
            path: pathname,
            headers: behind.headers,
            visitor: data["entraGate"] as Reached["visitor"],
          });
          return new Response(`content of ${pathname}`);
        },
      });
    },
  };
}

export const browserIn = (world: StandaloneWorld) => new Browser(world as unknown as World);

export const loginUrl = (returnTo = "/docs?x=1", more = "") =>
  `${origin}/.auth/login?return_to=${encodeURIComponent(returnTo)}${more}`;

/** Follows the site's own redirects; the page after a sign-in names where it leads. */
export async function land(browser: Browser, answer: Response): Promise<Response> {
  const location = answer.headers.get("location");
  if (answer.status !== 303 || location?.startsWith("/.auth/accept") !== true) return answer;
  return browser.visit(origin + location, { headers: { "sec-fetch-site": "same-origin" } });
}

/** Where the page after a sign-in goes on to, or the code of what it says instead. */
export async function destination(answer: Response): Promise<string> {
  const target = /<a href="([^"]+)"/.exec(await answer.clone().text())?.[1];
  return codeOf(answer) ?? target?.replaceAll("&amp;", "&") ?? `status ${answer.status}`;
}

export const request = (answer: Response) => new URL(answer.headers.get("location") ?? "").searchParams;

export { codeOf, navigation, reviewer };
