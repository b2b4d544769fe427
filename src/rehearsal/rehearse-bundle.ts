import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readPagesFolder } from "../pages-runtime/folder.ts";
import type { PagesFiles } from "../pages-runtime/options.ts";
import { startableDate } from "../pages-runtime/startable-date.ts";
import { planProbes, probeOrigin } from "../probes/run.ts";
import { digestOf, listFiles, modulesOf, sameModules } from "../steps/folder.ts";
import type { Bundle } from "../steps/types.ts";
import { renderCard } from "./card.ts";
import type { RehearsalJob, RehearsalResult } from "./job.ts";
import { rehearsalNetwork } from "./outbound.ts";
import { SiteFault, startDeployment } from "./start.ts";

const keptLines = 5;

/** Runs one job. Never throws: what goes wrong is part of the result. */
export async function rehearseBundle(job: RehearsalJob): Promise<RehearsalResult> {
  const said: string[] = [];
  try {
    const { miniflare, newestDate } = loadTools(job.tools);
    const log = (line: string) =>
      void (said.length < keptLines && !isEvent(line) && said.push(line.slice(0, 300)));
    // Both are waited for, whatever becomes of either: each holds a workerd.
    const [outcome, card] = await Promise.allSettled([
      runProbes(
        { ...job, compatibilityDate: startableDate(job.compatibilityDate, newestDate) },
        miniflare,
        log,
      ),
      renderCard(miniflare, job.card),
    ]);
    if (outcome.status === "rejected") throw outcome.reason;
    if (card.status === "rejected") throw card.reason;
    return { ok: true, ...outcome.value, said };
  } catch (error) {
    return { ok: false, site: error instanceof SiteFault, message: (error as Error).message, said };
  }
}

/** The gate's audit events are one line for each probe, and say nothing that the report doesn't. */
function isEvent(line: string): boolean {
  return line.startsWith('{"metadata":');
}

type MiniflareModule = typeof import("miniflare");
interface WorkerdModule {
  readonly compatibilityDate: string;
}

/** By Node's own `require`, which no bundler sees: Miniflare is in the tool cache, not in dist. */
function loadTools(tools: string): { readonly miniflare: MiniflareModule; readonly newestDate: string } {
  const { createRequire } = process.getBuiltinModule("node:module");
  const require = createRequire(join(tools, "package.json"));
  const { compatibilityDate } = createRequire(require.resolve("miniflare"))("workerd") as WorkerdModule;
  return { miniflare: require("miniflare") as MiniflareModule, newestDate: compatibilityDate };
}

async function runProbes(
  { bundle, ...job }: RehearsalJob,
  miniflare: MiniflareModule,
  log: (line: string) => void,
) {
  if (bundle.config === undefined) throw new TypeError("only a gated bundle is rehearsed");
  const digest = digestOf(await listFiles(bundle.folder));
  if (digest !== digestOf(bundle.files)) throw new Error("the folder is not the bundle that was made");
  const files = await readPagesFolder(bundle.folder);
  const modules = checkModules(files, bundle);
  const plan = await planProbes(bundle);
  const { vars, d1, kv, r2 } = job.bindings;
  const options = {
    ...files,
    assetServer: await readFile(job.assetServer, "utf8"),
    compatibilityDate: job.compatibilityDate,
    compatibilityFlags: job.compatibilityFlags,
    vars,
    d1: { bindings: d1 },
    stores: { kv, r2 },
    outbound: rehearsalNetwork(bundle.config),
    log,
  };
  const runtime = await startDeployment(miniflare, options, job.loading);
  try {
    const origin = `http://${bundle.id.slice(0, 8)}.rehearsal.localhost:${runtime.port}`;
    const report = await probeOrigin(origin, plan, {
      timeout: 20_000,
      attempts: 2,
      statusAttempts: 2,
      pause: 200,
    });
    return { report, digest, modules };
  } finally {
    await runtime.close();
  }
}

/** The modules given to workerd are, name for name and byte for byte, those that wrangler will upload. */
function checkModules({ worker }: PagesFiles, bundle: Bundle): Record<string, string> {
  const started = Object.fromEntries(
    (worker?.modules ?? []).map(({ name, contents }) => [
      `_worker.js/${name}`,
      createHash("sha256").update(contents).digest("hex"),
    ]),
  );
  if (!sameModules(started, modulesOf(bundle.files)))
    throw new Error("the worker's modules can't be started as they would be uploaded");
  return started;
}
