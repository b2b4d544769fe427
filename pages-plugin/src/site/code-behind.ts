import type { Assets } from "./exchange.ts";

/** What a platform gives a worker: variables and bindings, the asset server among them. */
export interface SiteEnv {
  readonly ASSETS?: Assets;
}

export interface WorkerContext {
  waitUntil(promise: Promise<unknown>): void;
}

/** Answers a request with the site's own code. */
export type CodeBehind = (
  request: Request,
  env: SiteEnv,
  context: WorkerContext,
) => Response | Promise<Response>;

interface Fetcher {
  fetch: CodeBehind;
}

type FetcherClass = new (context: WorkerContext, env: SiteEnv) => Fetcher;

/**
 * The code of a worker's default export: an object with `fetch`, or a class that extends `WorkerEntrypoint`, of which
 * the platform makes an instance for each request.
 *
 * @returns undefined for anything else
 * @see developers.cloudflare.com/workers/runtime-apis/bindings/service-bindings/rpc, "The WorkerEntrypoint class"
 */
export function codeBehind(site: unknown): CodeBehind | undefined {
  if (typeof site === "function") {
    if (typeof (site.prototype as Partial<Fetcher> | undefined)?.fetch !== "function") return undefined;
    return (request, env, context) =>
      new (site as FetcherClass)(disarmed(context), env).fetch(request, env, context);
  }
  if (typeof (site as Partial<Fetcher> | null | undefined)?.fetch !== "function") return undefined;
  return (request, env, context) => (site as Fetcher).fetch(request, env, disarmed(context));
}

/**
 * The context as the site may have it: without `passThroughOnException`, which holds for the whole request and would
 * have the asset server answer in the gate's place. It stays the platform's own object, since `WorkerEntrypoint` takes
 * no other.
 */
function disarmed(context: WorkerContext): WorkerContext {
  const value = () => undefined;
  return Object.defineProperty(context, "passThroughOnException", {
    value,
    configurable: true,
    writable: true,
  });
}
