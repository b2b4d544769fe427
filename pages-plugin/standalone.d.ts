import type { MiddlewareContext } from "./index.js";
import type { GatedWorker, Handlers } from "./worker.js";

/**
 * The gate of a production deployment that signs in for itself, as root middleware of a Cloudflare Pages project.
 *
 * ```ts
 * // functions/_middleware.ts
 * import entraGate from "pages-plugin-entra-gate/standalone";
 * import policy from "../gate.json";
 * export const onRequest = entraGate(policy);
 * ```
 *
 * Variables and secrets: `GATE_ROLE=standalone` and what docs/standalone.md lists. Anything missing, wrong or
 * contradictory, and every other origin than `GATE_HOST_ORIGIN`, is answered with 503.
 *
 * @param policy the content of gate.json; its `production` applies. One that is invalid closes every path with 503; the
 *   log says what is wrong.
 */
export default function entraGate(policy: unknown): (context: MiddlewareContext) => Promise<Response>;

/**
 * The same in front of a plain Worker, whose wrangler file must have `assets.run_worker_first: true`.
 *
 * @param worker the Worker's default export: an object with `fetch`, a Hono app, or a class that extends WorkerEntrypoint
 */
export function withEntraGate<Worker extends Handlers | (abstract new (...args: never[]) => Handlers)>(
  worker: Worker,
  policy: unknown,
): GatedWorker<Worker extends Handlers ? Worker : Handlers>;
