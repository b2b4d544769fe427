import type { SiteConfig } from "../../../contract/config/site.ts";
import type { CompiledPolicy } from "../../../contract/policy/model.ts";
import { createSiteGate } from "../../../pages-plugin/src/site/gate.ts";
import { reviewer } from "../host/support/provider.ts";
import {
  Browser,
  createWorld,
  formOf,
  hostOrigin,
  navigation,
  site,
  type World,
} from "../host/support/world.ts";
import { config, cookiesOf, policy } from "./support.ts";

const groups = reviewer.groups;
const rules: CompiledPolicy["rules"] = policy.rules.map((rule) =>
  rule.path === "/*" ? { ...rule, allow: { ...rule.allow, groups } } : rule,
);

type Visit = (path: string, init?: RequestInit) => Promise<Response>;

/** One isolate of the site; the browser's cookies are the same for all of them. */
export interface Isolate {
  /** A navigation of the browser's tab. */
  readonly visit: Visit;
  /** Signs in for /docs; `first`: by Entra's page, else from the host's session. Gives accept's answer. */
  arrive(first: boolean): Promise<Response>;
}

export interface Both extends Isolate {
  readonly host: World;
  /** What the site hears from the host instead of its own answer; undefined: that answer. */
  jwks: (() => Promise<Response>) | undefined;
  /** Milliseconds by which the site's clock is ahead of the host's. */
  ahead: number;
  readonly log: string[];
  newIsolate(keys?: SiteConfig["signIn"]["keys"]): Isolate;
  /** Everything that answers did not wait for. */
  settle(): Promise<void>;
}

/** The real sign-in host and the real site, with one browser. */
export async function both(change: Record<string, unknown> = {}): Promise<Both> {
  const host = await createWorld(change);
  const browser = new Browser(host);
  const waiting: Promise<unknown>[] = [];
  const log: string[] = [];
  const jar = new Map<string, string>();
  const deps = {
    now: () => host.clock.now + world.ahead,
    fetch: (input: unknown) => world.jwks?.() ?? host.fetch(new Request(String(input))),
    random: (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes)),
    log: (line: string) => void log.push(line),
  };
  const newIsolate = (keys: SiteConfig["signIn"]["keys"] = []): Isolate => {
    const gate = createSiteGate(
      { ...config, signIn: { origin: hostOrigin, keys }, policy: { ...policy, rules } },
      deps,
    );
    const visit: Visit = async (path, init = {}) => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const headers = { ...navigation, cookie, ...(init.headers as Record<string, string>) };
      const answer = await gate.handle({
        request: new Request(site + path, { ...init, headers }),
        waitUntil: (promise) => void waiting.push(promise),
        next: async (_, visitor) => new Response(`content for ${visitor?.oid}`),
      });
      for (const [name, value] of cookiesOf(answer)) jar.set(name, value);
      return answer;
    };
    return {
      visit,
      async arrive(first) {
        const login = await visit("/.auth/login?return_to=/docs");
        const asked = login.headers.get("location") ?? "";
        const form = await formOf(first ? await browser.signIn(asked) : await browser.visit(asked));
        const body = new URLSearchParams({ ticket: form?.ticket ?? "", tx: form?.tx ?? "" });
        return visit("/.auth/accept", {
          method: "POST",
          body,
          headers: { origin: hostOrigin, "content-type": "application/x-www-form-urlencoded" },
        });
      },
    };
  };
  const world: Both = {
    ...newIsolate(),
    host,
    jwks: undefined,
    ahead: 0,
    log,
    newIsolate,
    async settle() {
      await Promise.all(waiting.splice(0));
    },
  };
  return world;
}
