import type { Visitor } from "../../../contract/policy/model.ts";
import { type Deps, workerDeps } from "../http/deps.ts";
import { type CodeBehind, codeBehind, type SiteEnv, type WorkerContext } from "../site/code-behind.ts";
import { withDecision } from "../site/handed-decision.ts";
import type { Middleware } from "./middleware.ts";
import { entraGate } from "./plugin.ts";

/** Handlers of a Worker that no visitor's request reaches; the gate leaves them as they are. */
const otherHandlers = ["scheduled", "queue", "email", "tail", "tailStream", "trace"] as const;

type Handlers = Readonly<Record<string, unknown>>;

/**
 * The gate in front of a plain Worker. Static assets have to come through it, too: `assets.run_worker_first: true` in
 * the wrangler file, else Cloudflare answers with them before any Worker runs.
 *
 * Settings come from variables; whatever is missing, wrong or contradictory closes every path with 503.
 *
 * @param worker the Worker's default export: an object with `fetch`, a Hono app, or a class that extends
 *   `WorkerEntrypoint`. Methods of such a class that only other Workers call (RPC) are not handed on; put them into a named
 *   entrypoint, which the gate doesn't touch.
 * @param policy gate.json's content
 */
export function withEntraGate(worker: unknown, policy: unknown, deps: Deps = workerDeps) {
  return inFrontOf(worker, policy, (given) => entraGate(given, deps));
}

/**
 * Puts a middleware in front of a Worker.
 *
 * @param make the middleware of a policy; undefined, where the Worker is none, makes one that is closed
 */
export function inFrontOf(worker: unknown, policy: unknown, make: (policy: unknown) => Middleware) {
  const code = codeBehind(worker);
  const onRequest = make(code === undefined ? undefined : policy);
  return {
    ...handlersOf(worker),
    fetch(request: Request, env: SiteEnv, context: WorkerContext): Promise<Response> {
      const data: Record<string, unknown> = {};
      return onRequest({
        request,
        env: env as Handlers,
        data,
        waitUntil: context.waitUntil.bind(context),
        async next(behind = request) {
          const visitor = (data["entraGate"] ?? null) as Visitor | null;
          return (code as CodeBehind)(behind, withDecision(env, { visitor }), context);
        },
      });
    },
  };
}

/** An object's handlers are its own methods; a class is made anew for each event, as the platform does. */
function handlersOf(worker: unknown): Handlers {
  const isClass = typeof worker === "function";
  const methods = (isClass ? worker.prototype : worker) as Handlers | null | undefined;
  return Object.fromEntries(
    otherHandlers.flatMap((name) => {
      const handler = methods?.[name];
      if (typeof handler !== "function") return [];
      if (!isClass) return [[name, handler.bind(worker)]];
      const made = worker as new (context: unknown, env: unknown) => object;
      return [
        [
          name,
          (event: unknown, env: unknown, context: unknown) =>
            handler.call(new made(context, env), event, env, context),
        ],
      ];
    }),
  );
}
