/** A Worker's handlers, as its default export. */
export interface Handlers {
  fetch(request: Request, env: never, context: never): Response | Promise<Response>;
}

/** What Cloudflare calls instead: the Worker's other handlers (scheduled, queue, …) stay as they are. */
export type GatedWorker<Worker> = Omit<Worker, "fetch"> & {
  fetch(request: Request, env: unknown, context: unknown): Promise<Response>;
};

/**
 * The gate in front of a plain Worker.
 *
 * ```ts
 * import { withEntraGate } from "pages-plugin-entra-gate/worker";
 * import policy from "../gate.json";
 * interface Env { ASSETS: { fetch(request: Request): Promise<Response> } }
 * export default withEntraGate({ fetch: (request: Request, env: Env) => env.ASSETS.fetch(request) }, policy);
 * ```
 *
 * The wrangler file must have `assets.run_worker_first: true`: else static files are served without the gate.
 *
 * @param worker the Worker's default export: an object with `fetch`, a Hono app, or a class that extends WorkerEntrypoint
 * @param policy the content of gate.json. One that is invalid closes every path with 503; the log says what is wrong.
 */
export function withEntraGate<Worker extends Handlers | (abstract new (...args: never[]) => Handlers)>(
  worker: Worker,
  policy: unknown,
): GatedWorker<Worker extends Handlers ? Worker : Handlers>;
