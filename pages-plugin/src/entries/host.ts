import { refuse } from "../host/answers.ts";
import { logFault } from "../host/fault-log.ts";
import { createHost, type Host } from "../host/host.ts";
import { readHostSettings } from "../host/settings.ts";
import { type Deps, workerDeps } from "../http/deps.ts";
import { newReference } from "../http/reference.ts";

/** What is baked into a deployment of the sign-in host as `_worker.js/config.js`. */
export interface HostConfig {
  /** Digest of its code and settings; `/.auth/status` tells it. */
  readonly bundle: string;
}

export interface HostWorker {
  fetch(
    request: Request,
    env: Readonly<Record<string, unknown>>,
    context: { waitUntil(promise: Promise<unknown>): void },
  ): Promise<Response>;
}

type Prepared = { readonly host: Host } | { readonly problems: readonly string[] };

/**
 * The worker of a sign-in host. `_worker.js/index.js` is
 * `import { createHostWorker } from "./gate.js"; import config from "./config.js"; export default createHostWorker(config);`
 *
 * With anything wrong in its settings it answers everything with 503; what is wrong stands in the log only.
 */
export function createHostWorker(config: HostConfig, deps: Deps = workerDeps): HostWorker {
  // An isolate is given one env object for all its requests; its settings are read and its keys imported once.
  let prepared: { readonly env: object; readonly result: Prepared } | undefined;
  return {
    async fetch(request, env, context) {
      try {
        if (prepared?.env !== env) prepared = { env, result: await prepare(config, env, deps) };
        const { result } = prepared;
        return "host" in result
          ? await result.host.handle(request, (promise) => context.waitUntil(promise))
          : unfit(request, deps, result.problems);
      } catch {
        return new Response(null, { status: 503, headers: { "cache-control": "no-store" } });
      }
    },
  };
}

async function prepare(
  config: HostConfig,
  env: Readonly<Record<string, unknown>>,
  deps: Deps,
): Promise<Prepared> {
  const read = await readHostSettings(env, config);
  return read.ok ? { host: createHost(read.settings, deps) } : { problems: read.problems };
}

function unfit(request: Request, deps: Deps, problems: readonly string[]): Response {
  const code = "host-settings-invalid";
  const reference = newReference(deps.random);
  logFault(deps.log, { code, reference, path: "", problems });
  return refuse(request, code, { reference });
}
