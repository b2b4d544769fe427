import type { SiteConfig } from "../../../contract/config/site.ts";
import { variables } from "../../../contract/names/variables.ts";
import { compilePolicy } from "../../../contract/policy/compile.ts";
import type { Environment } from "../../../contract/policy/model.ts";
import { readPolicy } from "../../../contract/policy/reader.ts";
import { type Deps, workerDeps } from "../http/deps.ts";
import { parseOrigin } from "../http/origin.ts";
import { createBearerTokens } from "../site/bearer.ts";
import { createClosedGate } from "../site/closed-gate.ts";
import { createSiteGate, type SiteGate } from "../site/gate.ts";
import { readPinnedKeys } from "../site/site-config.ts";
import { readBearerSettings } from "./bearer-settings.ts";
import { createMiddleware, type Middleware, type PluginContext, policyProblem } from "./middleware.ts";

type Settings = Pick<SiteConfig, "signIn"> & { readonly environment: Environment };

/**
 * The gate as root middleware of a Pages project (`functions/_middleware.ts`).
 *
 * Behind a wrapping gate it decides nothing again: it hands on the identity. Else settings come from variables, and
 * whatever is missing, wrong or contradictory closes every path with 503.
 *
 * @param policy gate.json's content
 */
export function entraGate(policy: unknown, deps: Deps = workerDeps): Middleware {
  const parsed = readPolicy(policy);

  const gateFor = async (env: PluginContext["env"]): Promise<SiteGate> => {
    const problems = parsed.ok ? [] : [policyProblem(parsed.places)];
    const settings = readSettings(env, problems);
    if (!parsed.ok || problems.length > 0) return createClosedGate(problems, deps);
    const { signIn, environment } = settings;
    try {
      const compiled = await compilePolicy(parsed.policy, environment);
      // Nothing here knows when this was deployed.
      if (compiled.expires !== undefined)
        return createClosedGate(
          ["gate.json: preview.expires needs the gate to be put in front by the action or wrap"],
          deps,
        );
      const bearer = compiled.bearer ? readBearerSettings(env, problems) : undefined;
      if (problems.length > 0) return createClosedGate(problems, deps);
      const config = { signIn, policy: compiled, ...(bearer ? { bearer } : {}), project: "", bundle: "" };
      return createSiteGate(config, deps, undefined, createBearerTokens);
    } catch (error) {
      return createClosedGate([`gate.json can't be compiled: ${String(error)}`], deps);
    }
  };

  return createMiddleware(() => settingNames, gateFor);
}

const settingNames = [
  ...[variables.role, variables.environment, variables.signInOrigin, variables.signInKeys],
  ...[variables.tenantId, variables.clientId, variables.cloud, variables.authority],
];

/** Reads the variables of a site and adds every problem; the result counts only where there is none. */
function readSettings(env: PluginContext["env"], problems: string[]): Settings {
  const role = env[variables.role];
  if (role !== undefined && role !== "" && role !== "site") {
    problems.push(
      `${variables.role} is not for a site; ${variables.signInOrigin} says where its sign-in host is`,
    );
  }
  const environment = env[variables.environment];
  if (environment !== "preview" && environment !== "production") {
    problems.push(`${variables.environment} must be preview or production`);
  }
  const origin = env[variables.signInOrigin];
  const signInOrigin = typeof origin === "string" ? parseOrigin(origin) : undefined;
  if (signInOrigin === undefined) {
    problems.push(`${variables.signInOrigin} must be the https origin of the sign-in host, without a path`);
  }
  const keys = readKeys(env[variables.signInKeys], problems);
  return { environment: environment as Environment, signIn: { origin: signInOrigin ?? "", keys } };
}

/** `GATE_SIGN_IN_KEYS` is a JWK Set (RFC 7517 section 5) or its list of keys; each key has a `not_after`. */
function readKeys(value: unknown, problems: string[]): SiteConfig["signIn"]["keys"] {
  const name = variables.signInKeys;
  if (value === undefined || value === "") return [];
  if (typeof value !== "string") {
    problems.push(`${name} must be text`);
    return [];
  }
  try {
    const json: unknown = JSON.parse(value);
    const list = Array.isArray(json) ? json : (json as { keys?: unknown } | null)?.keys;
    return readPinnedKeys(list, name, problems);
  } catch {
    problems.push(`${name} is no JSON`);
    return [];
  }
}
