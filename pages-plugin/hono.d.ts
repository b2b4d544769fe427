import type { MiddlewareHandler } from "hono";
import type { EntraGateIdentity } from "./index.js";

/**
 * The gate as Hono middleware. It has to be the first of the app, for every path:
 *
 * ```ts
 * import { entraGate } from "pages-plugin-entra-gate/hono";
 * app.use(entraGate(policy));
 * app.get("/me", (c) => c.json(c.get("entraGate")));
 * ```
 *
 * @param policy the content of gate.json. One that is invalid closes every path with 503; the log says what is wrong.
 */
export function entraGate(
  policy: unknown,
): MiddlewareHandler<{ Variables: { entraGate: EntraGateIdentity | null } }>;
