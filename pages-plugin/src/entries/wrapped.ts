import { type Deps, workerDeps } from "../http/deps.ts";
import { createClosedGate } from "../site/closed-gate.ts";
import type { Assets } from "../site/exchange.ts";
import { createSiteGate, type SiteGate } from "../site/gate.ts";
import { withDecision } from "../site/handed-decision.ts";
import { readSiteConfig } from "../site/site-config.ts";
import { createStaticPaths } from "../site/static-paths.ts";

/** What Pages gives a `_worker.js`: variables and bindings, the asset server among them. */
interface SiteEnv {
  readonly ASSETS?: Assets;
}

interface WorkerContext {
  waitUntil(promise: Promise<unknown>): void;
}

/** What a build's own worker exports. */
interface SiteWorker {
  fetch(request: Request, env: SiteEnv, context: WorkerContext): Response | Promise<Response>;
}

/** A worker as Pages calls it. */
export interface GatedWorker {
  fetch(request: Request, env: SiteEnv, context: WorkerContext): Promise<Response>;
}

/**
 * Puts the gate in front of what a build emitted (docs/architecture.md, "A wrapped deployment").
 *
 * @param config what was baked into `_worker.js/config.js`; anything that is no SiteConfig makes a worker that answers
 *   503 to everything
 * @param site the default export of the build's worker, or of the module that only asks env.ASSETS
 */
export function createGate(config: unknown, site: unknown, deps: Deps = workerDeps): GatedWorker {
  const read = readSiteConfig(config);
  const gate = gateFor(read, site, deps);
  const isStatic = createStaticPaths((read.ok && read.config.staticPaths) || []);

  return {
    fetch(request, env, context) {
      const assets = env.ASSETS;
      const waitUntil = context.waitUntil.bind(context);
      return gate.handle({
        request,
        assets,
        waitUntil,
        async next(behind, visitor) {
          if (assets !== undefined && isStatic(new URL(behind.url).pathname)) return assets.fetch(behind);
          const handed = withDecision(env, { visitor: visitor ?? null });
          return (site as SiteWorker).fetch(behind, handed, contextFor(context));
        },
      });
    },
  };
}

function gateFor(read: ReturnType<typeof readSiteConfig>, site: unknown, deps: Deps): SiteGate {
  const problems = read.ok ? [] : [...read.problems];
  if (!isWorker(site)) problems.push("the site's worker exports no object with a fetch function");
  if (!read.ok || problems.length > 0) return createClosedGate(problems, deps);
  try {
    return createSiteGate(read.config, deps);
  } catch (error) {
    return createClosedGate([`config can't be used: ${String(error)}`], deps);
  }
}

function isWorker(value: unknown): value is SiteWorker {
  return typeof value === "object" && value !== null && typeof (value as SiteWorker).fetch === "function";
}

/**
 * The context as the site may have it: without `passThroughOnException`, which holds for the whole request and would
 * have the asset server answer in the gate's place.
 */
function contextFor(context: WorkerContext): WorkerContext {
  return new Proxy(context, {
    get(target, name) {
      if (name === "passThroughOnException") return () => undefined;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
