import { siteAnswers } from "../../../contract/errors/site-answers.ts";
import { siteTexts } from "../../../contract/texts/site.ts";
import { createAnswers } from "../http/answers.ts";
import type { Deps } from "../http/deps.ts";
import { GateFault } from "../http/fault.ts";
import { answerFault } from "./faults.ts";
import type { SiteGate } from "./gate.ts";

/**
 * A gate that lets nobody see anything, for a deployment whose settings make no sense: every path is 503.
 *
 * @param problems all of them; they stand in the log with each reference
 */
export function createClosedGate(problems: readonly string[], deps: Deps): SiteGate {
  const fault = new GateFault("site-settings-invalid", problems.join("; ").slice(0, 4000));
  const services = { deps, ...createAnswers(siteAnswers, siteTexts) };
  return { handle: async (exchange) => answerFault(services, exchange, fault) };
}
