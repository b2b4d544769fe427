import { setTimeout as sleep } from "node:timers/promises";
import type { PagesRuntime, PagesRuntimeOptions } from "../pages-runtime/options.ts";
import { startPagesRuntime } from "../pages-runtime/runtime.ts";

type MiniflareModule = typeof import("miniflare");

/** Milliseconds in which a worker has to be loaded; Cloudflare gives its top level one second. */
const loading = 30_000;

/** What takes the place of the site's modules, to see whether the gate starts without them. */
const stub = "export default { fetch: () => new Response() };";

/** The site's own code does not start. */
export class SiteFault extends Error {}

/**
 * Starts the deployment. Where that fails it is tried with the site's modules emptied: if that starts, it is the site
 * that does not.
 *
 * @param limit milliseconds in which it has to be loaded
 * @throws SiteFault with what workerd said; Error where not even the gate starts
 */
export async function startDeployment(
  miniflare: MiniflareModule,
  options: PagesRuntimeOptions,
  limit = loading,
): Promise<PagesRuntime> {
  try {
    return await startWithin(miniflare, options, limit);
  } catch (error) {
    const { worker } = options;
    if (worker === undefined) throw error;
    const modules = worker.modules.map((module) =>
      module.name.startsWith("site/") && module.type === "esm" ? { ...module, contents: stub } : module,
    );
    const quiet = { ...options, worker: { ...worker, modules }, log: () => {} };
    await (await startWithin(miniflare, quiet, limit)).close();
    throw new SiteFault((error as Error).message);
  }
}

/** A top level that never ends keeps its workerd until this process ends, which it does with its job. */
async function startWithin(
  miniflare: MiniflareModule,
  options: PagesRuntimeOptions,
  limit: number,
): Promise<PagesRuntime> {
  const timer = new AbortController();
  const late = sleep(limit, undefined, { signal: timer.signal }).then(
    () => Promise.reject(new Error(`the worker did not end loading within ${limit / 1000} s`)),
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([startPagesRuntime(miniflare, options), late]);
  } finally {
    timer.abort();
  }
}
