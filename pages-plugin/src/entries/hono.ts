import { type Deps, workerDeps } from "../http/deps.ts";
import { entraGate as plugin } from "./plugin.ts";

/** The part of Hono's Context that the gate uses. */
interface HonoContext {
  readonly req: { raw: Request };
  readonly env: unknown;
  readonly executionCtx: { waitUntil(promise: Promise<unknown>): void };
  get res(): Response;
  set res(response: Response | undefined);
  set(key: "entraGate", value: unknown): void;
}

/**
 * The gate as Hono middleware, the first of an app: `app.use(entraGate(policy))`. What stands behind it finds who is
 * signed in as `c.get("entraGate")`.
 *
 * @param policy gate.json's content
 */
export function entraGate(policy: unknown, deps: Deps = workerDeps) {
  const onRequest = plugin(policy, deps);
  return async function entraGateMiddleware(c: HonoContext, next: () => Promise<void>): Promise<void> {
    const { raw } = c.req;
    const data: Record<string, unknown> = {};
    const response = await onRequest({
      request: raw,
      env: c.env as Readonly<Record<string, unknown>>,
      data,
      waitUntil: (promise) => c.executionCtx.waitUntil(promise),
      async next(behind = raw) {
        // Hono has chosen its routes by the address as it was sent (`/open/../admin`); what was decided about is the
        // address as it is read. Where they differ the visitor is sent to the latter.
        if (behind.url !== raw.url) return Response.redirect(behind.url, 307);
        c.req.raw = behind;
        c.set("entraGate", data["entraGate"] ?? null);
        await next();
        return c.res;
      },
    });
    // Set on top of another response, Hono would copy that one's headers over those that the gate has changed.
    c.res = undefined;
    c.res = response;
  };
}
