import { authPrefix, siteEndpoints } from "../../../contract/names/endpoints.ts";
import type { PathReading } from "../../../contract/paths/reading.ts";
import { answerAccept, showAccepted } from "./endpoints/accept.ts";
import { showCard } from "./endpoints/card.ts";
import { login } from "./endpoints/login.ts";
import { askLogout, logout, showSignedOut } from "./endpoints/logout.ts";
import { showMe } from "./endpoints/me.ts";
import { makeSession } from "./endpoints/session.ts";
import { showStatus } from "./endpoints/status.ts";
import type { Endpoint, SiteServices, Visit } from "./exchange.ts";
import { refuseVisit } from "./refusals.ts";

/** Of a site whose people a sign-in host signs in. */
export const endpoints: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  [siteEndpoints.login, { get: login }],
  [siteEndpoints.accept, { get: showAccepted, post: answerAccept }],
  [siteEndpoints.session, { post: makeSession }],
  [siteEndpoints.me, { get: showMe }],
  [siteEndpoints.logout, { get: askLogout, post: logout }],
  [siteEndpoints.signedOut, { get: showSignedOut }],
  [siteEndpoints.status, { get: showStatus }],
  [siteEndpoints.card, { get: showCard }],
]);

const own = new RegExp(`^${authPrefix.slice(0, -1).replace(".", "\\.")}(?:/|$)`, "i");

/** Whether a path is the gate's own under any reading of it: none of those may reach the code behind. */
export function isAuthPath(reading: PathReading, pathname: string): boolean {
  return (
    own.test(pathname) ||
    (reading.ok && (own.test(reading.path) || reading.alternatives.some((path) => own.test(path))))
  );
}

/** Answers below `/.auth/`: an endpoint under its one exact name, else 404. */
export async function answerAuthPath(services: SiteServices, visit: Visit): Promise<Response> {
  const endpoint = services.endpoints.get(visit.pathname);
  if (endpoint === undefined) return refuseVisit(services, visit, "auth-path-unknown");
  const { method } = visit.request;
  const handler =
    method === "GET" || method === "HEAD" ? endpoint.get : method === "POST" ? endpoint.post : undefined;
  if (handler !== undefined) return handler(services, visit);
  const allow = [...(endpoint.get ? ["GET, HEAD"] : []), ...(endpoint.post ? ["POST"] : [])].join(", ");
  return refuseVisit(services, visit, "site-method-refused", { headers: { allow } });
}
