import { cookies as cookieNames } from "../../../contract/names/cookies.ts";
import { cookieValues } from "../http/cookies.ts";
import { sessionCounts } from "../http/fetch-metadata.ts";
import type { SessionReading } from "../session/site-session.ts";
import type { BearerReading } from "./bearer.ts";
import type { CorsVisit } from "./cors.ts";
import type { SiteServices, Visit } from "./exchange.ts";

export type VisitSession =
  | BearerReading
  | Extract<SessionReading, { ok: true }>
  | {
      readonly ok: false;
      readonly code: "sign-in-required" | "session-not-counted" | "session-expired" | "session-invalid";
      readonly detail?: string;
    };

/**
 * The session that counts for a request: that of its bearer token, where the site takes any, else that of its cookie. No
 * browser sends a token by itself, so where a request with one comes from does not matter.
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
  const bearer = services.bearer?.read(visit, values.length > 0);
  if (bearer !== undefined) return bearer;
  if (values.length === 0) return { ok: false, code: "sign-in-required" };
  if (!sessionCounts(visit.request, visit.origin) && !cors?.countsSession)
    return { ok: false, code: "session-not-counted" };
  const [value] = values;
  // A browser sends a __Host- cookie once; two were put there by somebody else.
  if (values.length !== 1 || value === undefined)
    return { ok: false, code: "session-invalid", detail: "sent twice" };
  return services.readSession(value, visit.origin, visit.waitUntil);
}
