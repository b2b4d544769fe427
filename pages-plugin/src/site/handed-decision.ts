import { decisionSymbol } from "../../../contract/names/endpoints.ts";
import type { Visitor } from "../../../contract/policy/model.ts";

/** What a wrapping gate hands on to a plugin behind it: that it has decided, and who the visitor is. */
export interface HandedDecision {
  readonly visitor: Visitor | null;
}

/**
 * A copy of `env`, for one request only, that carries the gate's decision under a symbol: no variable and no header can
 * make a symbol, and the functions router hands `env` on as it is.
 */
export function withDecision<Env extends object>(env: Env, decision: HandedDecision): Env {
  return { ...env, [decisionSymbol]: decision };
}

/** The decision of a wrapping gate, if there is one in front of this code. */
export function decisionIn(env: object): HandedDecision | undefined {
  return (env as { readonly [decisionSymbol]?: HandedDecision })[decisionSymbol];
}
