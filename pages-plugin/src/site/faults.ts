import { type SiteErrorCode, siteAnswers } from "../../../contract/errors/site-answers.ts";
import { authPrefix } from "../../../contract/names/endpoints.ts";
import { GateFault } from "../http/fault.ts";
import { newReference } from "../http/reference.ts";
import { tryingAgain } from "../http/retry.ts";
import type { Exchange, SiteServices } from "./exchange.ts";
import { loginLink } from "./refusals.ts";

type Needed = Pick<SiteServices, "deps" | "refuse"> & Partial<Pick<SiteServices, "recorder">>;

/** Answers what was thrown: code and reference to the visitor, all of it to the log. Never throws itself. */
export function answerFault(
  services: Needed,
  exchange: Pick<Exchange, "request" | "waitUntil">,
  error: unknown,
): Response {
  try {
    const known = error instanceof GateFault && Object.hasOwn(siteAnswers, error.code);
    const code = known ? (error.code as SiteErrorCode) : "site-fault";
    const detail = error instanceof GateFault ? error.detail : stackOf(error);
    const reference = newReference(services.deps.random);
    const { status, visitor } = siteAnswers[code];
    services.deps.log(JSON.stringify({ level: "error", code, reference, detail }));
    const { request, waitUntil } = exchange;
    const decision = { allowed: false, reason: code } as const;
    services.recorder?.request(request, { decision, status, reference }, waitUntil);
    const url = new URL(request.url);
    // Signing in asks for the keys anew; the gate's own addresses are nothing to come back to.
    const again =
      code === "keys-unavailable" && !url.pathname.startsWith(authPrefix)
        ? tryingAgain(request, visitor, loginLink({ url, origin: url.origin }), 0)
        : {};
    return services.refuse(request, code, { reference, ...again });
  } catch {
    return new Response("Service unavailable", { status: 503, headers: { "cache-control": "no-store" } });
  }
}

function stackOf(error: unknown): string {
  return (error instanceof Error ? (error.stack ?? error.message) : String(error)).slice(0, 2000);
}
