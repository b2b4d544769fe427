import type { StandaloneStatus } from "../../../contract/config/site.ts";
import { jsonAnswer } from "../http/answers.ts";
import { version } from "../http/version.ts";
import type { SiteServices, Visit } from "../site/exchange.ts";
import type { Own } from "./own.ts";

/** Public: which gate and which policy answer here, and which cookie key is in use. */
export function showStatus({ settings }: Own, { config, recorder }: SiteServices, visit: Visit): Response {
  const { environment, digest, report } = config.policy;
  const status: StandaloneStatus = {
    version,
    role: "standalone",
    environment,
    policy: digest,
    bundle: "",
    ...(report ? { mode: "report" } : {}),
    keys: { cookie: settings.cookieKeys.active },
    audit: recorder.status(),
  };
  return jsonAnswer(visit.request, status);
}
