import { cookies as cookieNames } from "../../../contract/names/cookies.ts";
import { cookieValues } from "../http/cookies.ts";
import { sessionCounts } from "../http/fetch-metadata.ts";
import type { SessionReading } from "../session/site-session.ts";
import type { CorsVisit } from "./cors.ts";
import type { SiteServices, Visit } from "./exchange.ts";

export type VisitSession =
  | Extract<SessionReading, { ok: true }>
  | {
      readonly ok: false;
      readonly code: "sign-in-required" | "session-not-counted" | "session-expired" | "session-invalid";
      readonly detail?: string;
    };

/**
 * The session that counts for a request.
 *
 * @param cors what the rule says of other origins, where it says anything
 * @throws GateFault keys-unavailable
 */
export async function sessionOfVisit(
  services: SiteServices,
  visit: Visit,
  cors?: CorsVisit,
): Promise<VisitSession> {
  const values = cookieValues(visit.cookie ?? "", cookieNames.siteSession);
  if (values.length === 0) return { ok: false, code: "sign-in-required" };
  if (!sessionCounts(visit.request, visit.origin) && !cors?.countsSession)
    return { ok: false, code: "session-not-counted" };
  const [value] = values;
  // A browser sends a __Host- cookie once; two were put there by somebody else.
  if (values.length !== 1 || value === undefined)
    return { ok: false, code: "session-invalid", detail: "sent twice" };
  return services.readSession(value, visit.origin, visit.waitUntil);
}
