import { siteEndpoints } from "../../contract/names/endpoints.ts";
import { answerHeaders } from "../../contract/names/headers.ts";
import { openProbeClient } from "../../contract/probes/client.ts";

export type Gating = "gated" | "ungated" | "unclear";

/**
 * Asks a deployment's own address whether a gate is in front. Whatever else answers, a page or a 404 of somebody
 * else's, says that none is; no answer, a fault or a challenge says nothing.
 *
 * @param timeout milliseconds
 */
export async function gatingOf(url: string, timeout: number): Promise<Gating> {
  const client = openProbeClient(new URL(url).origin, timeout);
  try {
    const { status, headers, body } = await client.send({
      method: "GET",
      target: siteEndpoints.status,
      headers: {},
    });
    if (headers[answerHeaders.code] !== undefined) return "gated";
    if (headers["cf-mitigated"] !== undefined || status >= 500) return "unclear";
    return status === 200 && namesRole(body.toString("utf8")) ? "gated" : "ungated";
  } catch {
    return "unclear";
  } finally {
    client.close();
  }
}

function namesRole(text: string): boolean {
  try {
    const { role, environment } = JSON.parse(text) as { role?: unknown; environment?: unknown };
    return typeof role === "string" && typeof environment === "string";
  } catch {
    return false;
  }
}
