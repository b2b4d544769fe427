import type { SiteConfig } from "../contract/config/site.ts";
import type { createGate, GatedWorker } from "../pages-plugin/src/entries/wrapped.ts";
import { accessRequestHeaders, browserHeaders, pageUrl } from "./browser.ts";
import { type Moment, oidcAuthEnv, type Task } from "./names.ts";
import { accessMiddleware, oidcAuthApp } from "./peers.ts";
import { site } from "./site.ts";

interface Env {
  readonly CLOCK: { fetch(url: string): Promise<Response> };
}

interface Context {
  waitUntil(promise: Promise<unknown>): void;
}

/** What Node prepared, as a module of this worker. */
interface Prepared {
  readonly sessions: readonly string[];
  readonly configs: Readonly<Record<number, SiteConfig>>;
  readonly oidcAuthCookie: string;
  readonly accessToken: string;
}

type Handler = (request: Request) => unknown;

/**
 * The worker in which everything is timed. A task's requests are made first; then the clock outside is told, the
 * subject is called for one after the other, the clock is told, what was put off is waited for, the clock is told.
 */
export function createBench(gateMaker: typeof createGate, prepared: Prepared) {
  const gates = new Map<string, GatedWorker>();
  const oidcAuth = oidcAuthApp();
  let lines = 0;

  const newGate = (rules: number): GatedWorker =>
    gateMaker(prepared.configs[rules], site, {
      now: () => Date.now(),
      fetch: (input, init) => fetch(input, init),
      random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
      // The event is made and written out as JSON; where it then goes is the platform's work and not the gate's.
      log: (line) => {
        lines += line.length > 0 ? 1 : 0;
      },
    });

  const gateFor = async (task: Task, env: object, context: Context): Promise<GatedWorker> => {
    const known = gates.get(task.gate);
    if (known !== undefined) return known;
    const gate = newGate(task.rules);
    gates.set(task.gate, gate);
    // The first visitor makes it fetch its keys; in the tasks he does not appear.
    const [stranger = ""] = prepared.sessions.slice(-1);
    await gate.fetch(new Request(pageUrl, { headers: browserHeaders(stranger) }), env, context);
    return gate;
  };

  const handlerFor = async (task: Task, env: object, context: Context): Promise<Handler> => {
    switch (task.subject) {
      case "empty":
        return () => undefined;
      case "bare":
        return (request) => site.fetch(request, env, context);
      case "gate": {
        const gate = await gateFor(task, env, context);
        return (request) => gate.fetch(request, env, context);
      }
      case "oidc-auth": {
        const settings = { ...env, ...oidcAuthEnv };
        return (request) => oidcAuth.fetch(request, settings, context as never);
      }
      case "access":
        return accessMiddleware(env, context);
    }
  };

  const headersFor = (task: Task, index: number): Record<string, string> => {
    if (task.subject === "oidc-auth") return browserHeaders(prepared.oidcAuthCookie);
    if (task.subject === "access") return accessRequestHeaders(prepared.accessToken);
    return browserHeaders(prepared.sessions[task.first + (index % task.sessions)] ?? "");
  };

  return {
    async fetch(request: Request, env: Env, real: Context): Promise<Response> {
      const task = (await request.json()) as Task;
      const later: Promise<unknown>[] = [];
      const context = {
        waitUntil(promise: Promise<unknown>) {
          later.push(promise);
          real.waitUntil(promise);
        },
        passThroughOnException() {},
      };
      const tell = async (moment: Moment) => (await env.CLOCK.fetch(`http://clock/${moment}`)).text();
      const handler = await handlerFor(task, siteEnv, context);
      const requests = Array.from(
        { length: task.count },
        (_, index) => new Request(pageUrl, { headers: headersFor(task, index) }),
      );
      await Promise.all(later.splice(0));
      lines = 0;
      let answered = 0;

      await tell("start");
      const release = holdTimers();
      for (const one of requests) {
        const response = (await handler(one)) as Response | undefined;
        if (response?.status === 200) answered += 1;
      }
      await tell("answered");
      release();
      await Promise.all(later);
      await tell("done");
      return Response.json({ answered, lines });
    },
  };
}

/**
 * Timers that are set from now on only run once they are released, else what was put off would be done while the clock
 * is told that the last answer is there.
 */
function holdTimers(): () => void {
  const { setTimeout } = globalThis;
  const held: Parameters<typeof setTimeout>[] = [];
  globalThis.setTimeout = ((...timer: Parameters<typeof setTimeout>) => held.push(timer)) as never;
  return () => {
    globalThis.setTimeout = setTimeout;
    for (const timer of held) setTimeout(...timer);
  };
}

const siteEnv = {
  ASSETS: {
    fetch: () => Promise.reject(new Error("nobody asks for a file here")),
  },
  API_URL: "https://api.example",
  FEATURES: "search,comments",
  RELEASE: "2026.11.1",
};
