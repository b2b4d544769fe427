import { compilePolicy } from "../../../contract/policy/compile.ts";
import { readPolicy } from "../../../contract/policy/reader.ts";
import { type Deps, workerDeps } from "../http/deps.ts";
import { createClosedGate } from "../site/closed-gate.ts";
import type { SiteGate } from "../site/gate.ts";
import { createStandaloneGate } from "../standalone/gate.ts";
import { readStandaloneSettings } from "../standalone/settings.ts";
import { createMiddleware, type Middleware, type PluginContext, policyProblem } from "./middleware.ts";
import { inFrontOf } from "./worker.ts";

/**
 * The gate of a production deployment that signs in for itself, as root middleware of a Pages project
 * (`functions/_middleware.ts`). Behind a wrapping gate it decides nothing again.
 *
 * Settings come from variables and secrets (docs/standalone.md); whatever is missing, wrong or contradictory closes
 * every path with 503, and so does every other origin than its own.
 *
 * @param policy gate.json's content
 */
export default function entraGate(policy: unknown, deps: Deps = workerDeps): Middleware {
  const parsed = readPolicy(policy);

  const gateFor = async (env: PluginContext["env"]): Promise<SiteGate> => {
    const problems = parsed.ok ? [] : [policyProblem(parsed.places)];
    try {
      const read = await readStandaloneSettings(env);
      if (!read.ok) problems.push(...read.problems);
      if (!parsed.ok || !read.ok) return createClosedGate(problems, deps);
      return await createStandaloneGate(
        read.settings,
        await compilePolicy(parsed.policy, "production"),
        deps,
      );
    } catch (error) {
      return createClosedGate(
        [...problems, `the gate can't be made: ${error instanceof Error ? error.name : typeof error}`],
        deps,
      );
    }
  };

  return createMiddleware((env) => Object.keys(env).filter((name) => settings.test(name)), gateFor);
}

/** Every name that a setting of any role may have. */
const settings = /^(GATE|ENTRA|GRAPH)_/;

/**
 * The same in front of a plain Worker; see `withEntraGate` of `pages-plugin-entra-gate/worker`.
 *
 * @param worker the Worker's default export
 * @param policy gate.json's content
 */
export function withEntraGate(worker: unknown, policy: unknown, deps: Deps = workerDeps) {
  return inFrontOf(worker, policy, (given) => entraGate(given, deps));
}
