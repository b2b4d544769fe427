import type { BearerConfig } from "../../../contract/config/site.ts";
import { type Cloud, clouds } from "../../../contract/names/clouds.ts";
import { variables } from "../../../contract/names/variables.ts";
import { parseOrigin } from "../http/origin.ts";

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Reads whose access tokens a production takes, for which application; none of it is secret.
 *
 * @param env `ENTRA_TENANT_ID`, `ENTRA_CLIENT_ID`, and `ENTRA_CLOUD` or `ENTRA_AUTHORITY` (the global cloud without)
 * @param problems gets a line for each; never quotes a value
 */
export function readBearerSettings(
  env: Readonly<Record<string, unknown>>,
  problems: string[],
): BearerConfig | undefined {
  const text = (name: string): string => {
    const value = env[name];
    return typeof value === "string" ? value : "";
  };
  const before = problems.length;
  const tenantId = text(variables.tenantId);
  const clientId = text(variables.clientId);
  const cloud = text(variables.cloud) || "global";
  const own = Object.hasOwn(clouds, cloud) ? clouds[cloud as Cloud].authority : undefined;
  const authority = text(variables.authority) === "" ? own : parseOrigin(text(variables.authority));
  if (!guid.test(tenantId)) problems.push(`${variables.tenantId} must be the tenant's GUID, for bearer`);
  if (!guid.test(clientId)) problems.push(`${variables.clientId} must be the application's GUID, for bearer`);
  if (own === undefined) problems.push(`${variables.cloud} must be one of ${Object.keys(clouds).join(", ")}`);
  else if (authority === undefined) problems.push(`${variables.authority} must be an https origin, no path`);
  if (problems.length > before || authority === undefined) return undefined;
  return { tenantId: tenantId.toLowerCase(), clientId: clientId.toLowerCase(), authority };
}
