import { mkdir, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { wrappedNames } from "../../contract/bundle/wrap.ts";
import { ActionError } from "../errors.ts";
import type { CardText, RehearsalBindings, RehearsalJob, RehearsalResult } from "../rehearsal/job.ts";
import { runProcess } from "../tools/process.ts";
import { digestOf, listFiles } from "./folder.ts";
import { describeReport } from "./probe-report.ts";
import type { Bundle, ProbeReport } from "./types.ts";

export interface RehearseOptions {
  /** The action's dist folder. */
  readonly dist: string;
  /** Script that rehearses; dist/rehearsal/index.js unless told otherwise. */
  readonly script?: string;
  /** Folder that holds `node_modules/miniflare`: `Tools.folder`. */
  readonly tools: string;
  /** As the project's settings have them for this environment. */
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  /** Likewise. */
  readonly bindings: RehearsalBindings;
  readonly card: CardText;
  /** Milliseconds for all of it, a quarter of them for the worker to be loaded. Default 180 s. */
  readonly timeout?: number;
}

export interface Rehearsal {
  /** The same bundle, now with the link card, and marked with the digest of what was rehearsed. */
  readonly bundle: Bundle;
  readonly report: ProbeReport;
}

/**
 * Runs a wrapped bundle in real workerd, in a process of its own with an empty environment, and makes every probe
 * against it. The link card is rendered in the same process.
 *
 * @throws ActionError `rehearsal-open` with what was open, `site-does-not-start` with what the site's code said,
 *   `rehearsal-failed` where the rehearsal went wrong or a probe had no clear answer
 */
export async function rehearse(bundle: Bundle, options: RehearseOptions): Promise<Rehearsal> {
  const job: RehearsalJob = {
    bundle,
    tools: options.tools,
    assetServer: join(options.dist, "pages-runtime", "asset-server.js"),
    compatibilityDate: options.compatibilityDate,
    compatibilityFlags: options.compatibilityFlags,
    bindings: options.bindings,
    ...(options.timeout === undefined ? {} : { loading: options.timeout / 4 }),
    card: { folder: join(options.dist, "card"), out: `${bundle.folder}.card.png`, text: options.card },
  };
  const result = await runJob(job, options);
  if (!result.ok)
    throw new ActionError(
      result.site ? "site-does-not-start" : "rehearsal-failed",
      [result.message, ...result.said].join("\n"),
    );
  if (result.digest !== digestOf(bundle.files))
    throw new ActionError("rehearsal-failed", "Another bundle was rehearsed than the one that was made.");
  const { report } = result;
  if (report.open > 0) throw new ActionError("rehearsal-open", describeReport(report));
  if (!report.ok)
    throw new ActionError("rehearsal-failed", [describeReport(report), ...result.said].join("\n"));
  const carded = await withCard(bundle, job.card.out, result.digest);
  return { bundle: { ...carded, modules: result.modules }, report };
}

async function runJob(job: RehearsalJob, options: RehearseOptions): Promise<RehearsalResult> {
  const script = options.script ?? join(options.dist, "rehearsal", "index.js");
  const timeout = options.timeout ?? 180_000;
  const ended = await runProcess(process.execPath, [script], {
    cwd: tmpdir(),
    env: {},
    input: JSON.stringify(job),
    timeout,
  });
  if (ended.timedOut)
    return { ok: false, site: false, message: `It did not end within ${timeout / 1000} s.`, said: [] };
  try {
    return JSON.parse(ended.stdout) as RehearsalResult;
  } catch {
    return {
      ok: false,
      site: false,
      message: `It ended with ${ended.code} and no result.`,
      said: [ended.stderr.slice(-2_000)],
    };
  }
}

async function withCard(bundle: Bundle, picture: string, digest: string): Promise<Bundle> {
  const place = join(bundle.folder, wrappedNames.card);
  await mkdir(dirname(place), { recursive: true });
  await rename(picture, place);
  const files = await listFiles(bundle.folder);
  if (digestOf(files.filter(({ path }) => path !== wrappedNames.card)) !== digest) {
    throw new ActionError("rehearsal-failed", "The bundle changed while it was rehearsed.");
  }
  return { ...bundle, files, rehearsed: digest };
}
