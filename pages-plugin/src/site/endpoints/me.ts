import { jsonAnswer } from "../../http/answers.ts";
import type { SiteServices, Visit } from "../exchange.ts";
import { refuseVisit } from "../refusals.ts";
import { sessionOfVisit } from "../visit-session.ts";

/** Who is signed in, as JSON: the claims, never the ticket (CVE-2024-39315). */
export async function showMe(services: SiteServices, visit: Visit): Promise<Response> {
  const reading = await sessionOfVisit(services, visit);
  if (!reading.ok) return refuseVisit(services, visit, reading.code, { as: "json" });
  const { visitor, expires } = reading.session;
  const { kind, tid, oid, name, groups, roles, app, scopes, authTime } = visitor;
  return jsonAnswer(visit.request, {
    kind,
    tid,
    oid,
    name,
    groups,
    roles,
    app,
    scopes,
    auth_time: authTime,
    expires,
  });
}
