import { variables } from "../../../contract/names/variables.ts";
import type { Visitor } from "../../../contract/policy/model.ts";
import type { Assets } from "../site/exchange.ts";
import type { SiteGate } from "../site/gate.ts";
import { decisionIn } from "../site/handed-decision.ts";

/** The part of Pages' EventContext that the plugin uses. */
export interface PluginContext {
  readonly request: Request;
  readonly env: Readonly<Record<string, unknown>>;
  readonly data: Record<string, unknown>;
  next(request?: Request): Promise<Response>;
  waitUntil(promise: Promise<unknown>): void;
}

export type Middleware = (context: PluginContext) => Promise<Response>;

/**
 * Middleware that answers with a gate, made anew only where the settings are others. Behind a wrapping gate it decides
 * nothing again: it hands on the identity.
 *
 * @param namesIn the variables that the gate is made with
 * @param gateFor never rejects: what is wrong makes a gate that is closed
 */
export function createMiddleware(
  namesIn: (env: PluginContext["env"]) => readonly string[],
  gateFor: (env: PluginContext["env"]) => Promise<SiteGate>,
): Middleware {
  let kept: { readonly key: string; readonly gate: SiteGate } | undefined;

  return async function onRequest(context) {
    // context.data is the same object for all middleware of a request and must be changed, not replaced.
    const { data, env } = context;
    const handed = decisionIn(env);
    if (handed !== undefined) {
      data["entraGate"] = handed.visitor;
      return context.next();
    }
    const key = namesIn(env)
      .map((name) => `${name} ${keyOf(env[name])}`)
      .join("\n");
    if (kept?.key !== key) kept = { key, gate: await gateFor(env) };
    return kept.gate.handle({
      request: context.request,
      assets: env["ASSETS"] as Assets | undefined,
      waitUntil: context.waitUntil.bind(context),
      audit: env[variables.audit],
      next(request: Request, visitor: Visitor | undefined) {
        data["entraGate"] = visitor ?? null;
        return context.next(request);
      },
    });
  };
}

/** A binding or a JSON variable is no setting, whatever it is; some can't be made text without an error. */
function keyOf(value: unknown): string {
  return typeof value === "string" ? `text ${value}` : typeof value;
}

/** What the operator's log says of a policy that can't be read; what is wrong with it says the command. */
export function policyProblem(places: readonly string[]): string {
  return `gate.json is wrong at ${places.map((place) => place || "its start").join(", ")}: run "npx entra-gate test"`;
}
