import type { SiteStatus } from "../../../../contract/config/site.ts";
import { jsonAnswer } from "../../http/answers.ts";
import { version } from "../../http/version.ts";
import type { SiteServices, Visit } from "../exchange.ts";

/** Public: which gate, which policy and which bundle answer here, and what became of audit events. */
export function showStatus(services: SiteServices, visit: Visit): Response {
  const { policy, bundle } = services.config;
  const status: SiteStatus = {
    version,
    role: "site",
    environment: policy.environment,
    policy: policy.digest,
    bundle,
    ...(policy.report ? { mode: "report" } : {}),
    audit: services.recorder.status(),
  };
  return jsonAnswer(visit.request, status);
}
