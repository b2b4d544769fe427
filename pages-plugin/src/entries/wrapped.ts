import { auditBinding } from "../../../contract/names/variables.ts";
import { type Deps, workerDeps } from "../http/deps.ts";
import type { CreateBearerTokens } from "../site/bearer.ts";
import { createClosedGate } from "../site/closed-gate.ts";
import { type CodeBehind, codeBehind, type SiteEnv, type WorkerContext } from "../site/code-behind.ts";
import { createSiteGate, type SiteGate } from "../site/gate.ts";
import { withDecision } from "../site/handed-decision.ts";
import { createPathMatcher } from "../site/path-matcher.ts";
import { readSiteConfig } from "../site/site-config.ts";

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
export function createGate(
  config: unknown,
  site: unknown,
  deps: Deps = workerDeps,
  createBearerTokens?: CreateBearerTokens,
): GatedWorker {
  const read = readSiteConfig(config);
  const code = codeBehind(site);
  const gate = gateFor(read, code, deps, createBearerTokens);
  const { staticPaths, workerPaths } = read.ok ? read.config : {};
  const isExcluded = createPathMatcher(staticPaths ?? []);
  const isIncluded = createPathMatcher(workerPaths ?? ["/*"]);
  const everyPath = !staticPaths?.length && workerPaths === undefined;

  return {
    fetch(request, env, context) {
      const assets = env.ASSETS;
      return gate.handle({
        request,
        assets,
        waitUntil: context.waitUntil.bind(context),
        audit: Reflect.get(env, auditBinding),
        async next(behind, visitor) {
          if (assets !== undefined && !everyPath) {
            const { pathname } = new URL(behind.url);
            if (isExcluded(pathname) || !isIncluded(pathname)) return assets.fetch(behind);
          }
          // With no code there is a closed gate, and nothing calls this.
          return (code as CodeBehind)(behind, withDecision(env, { visitor: visitor ?? null }), context);
        },
      });
    },
  };
}

function gateFor(
  read: ReturnType<typeof readSiteConfig>,
  code: CodeBehind | undefined,
  deps: Deps,
  createBearerTokens: CreateBearerTokens | undefined,
): SiteGate {
  const problems = read.ok ? [] : [...read.problems];
  if (code === undefined) problems.push("the site's worker exports neither an object nor a class with fetch");
  if (!read.ok || problems.length > 0) return createClosedGate(problems, deps);
  try {
    return createSiteGate(read.config, deps, undefined, createBearerTokens);
  } catch (error) {
    return createClosedGate([`config can't be used: ${String(error)}`], deps);
  }
}
