import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CallLog } from "../call-log.ts";
import { type Clock, systemClock } from "../clock.ts";
import { type CloudflareStandIn, startCloudflare } from "../cloudflare/cloudflare.ts";
import type { Timing } from "../cloudflare/options.ts";
import { type EntraStandIn, startEntra } from "../entra/entra.ts";
import { Faults } from "../faults.ts";
import { createRunner, type GitHubStandIn, type Runner, startGitHub } from "../github/index.ts";
import { createDemo, type Demo, demo } from "./demo.ts";
import { copyAction, warmToolCache } from "./machine.ts";

/** Entra, Cloudflare and GitHub on this machine, a runner with the built action, and the demo repository. */
export interface World {
  readonly clock: Clock;
  readonly log: CallLog;
  readonly faults: Faults;
  readonly entra: EntraStandIn;
  readonly cloudflare: CloudflareStandIn;
  readonly github: GitHubStandIn;
  readonly runner: Runner;
  readonly demo: Demo;
  /** Folder that everything of this world is kept in, the call log (`calls.ndjson`) among it. */
  readonly folder: string;
  close(): Promise<void>;
}

export interface WorldOptions {
  /** Drawn for this run and stamped into the site's content. */
  readonly nonce: string;
  readonly clock?: Clock;
  /** Wanted ports; free ones where they are missing or taken. */
  readonly ports?: { readonly entra: number; readonly cloudflare: number; readonly github: number };
  readonly timing?: Partial<Timing>;
  /** Files that the demo's repository has beside its own, or instead of them. */
  readonly files?: Readonly<Record<string, string>>;
  /** Leave the folder behind when the world ends. */
  readonly keepFolder?: boolean;
}

const root = join(import.meta.dirname, "..", "..");

/** Brings the stand-ins up and puts everything in place that a company's administrators would have, once. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "entra-gate-"));
  const clock = options.clock ?? systemClock;
  const log = new CallLog(join(folder, "calls.ndjson"), options.nonce);
  const faults = new Faults();
  const common = { clock, log, faults };
  const port = (of: "entra" | "cloudflare" | "github") => (options.ports ? { port: options.ports[of] } : {});
  const github = await startGitHub({ ...common, ...port("github") });
  const subject = `repo:${demo.owner}/${demo.repository}:environment:${demo.environment}`;
  const testSubject = `repo:${demo.owner}/${demo.repository}:environment:${demo.testEnvironment}`;
  const entra = await startEntra({
    ...common,
    ...port("entra"),
    github: { issuer: github.issuer, subject, testSubjects: [subject, testSubject] },
  });
  const assetServer = await readFile(join(root, "dist", "pages-runtime", "asset-server.js"), "utf8");
  const cloudflare = await startCloudflare({
    ...common,
    ...port("cloudflare"),
    accountId: demo.cloudflareAccountId,
    apiTokens: [
      { value: demo.cloudflareToken(options.nonce), kind: "account", permissions: ["pages", "d1"] },
    ],
    assetServer,
    ...(options.timing === undefined ? {} : { timing: options.timing }),
  });
  const runner = await createRunner({
    github,
    action: { ref: demo.action, folder: await copyAction(folder) },
    toolCache: await warmToolCache(folder),
    npm: { nodeModules: join(root, "node_modules") },
  });
  const created = await createDemo(
    { entra, cloudflare, github },
    join(root, "examples", "demo"),
    options.nonce,
    options.files,
  );
  return {
    ...common,
    entra,
    cloudflare,
    github,
    runner,
    demo: created,
    folder,
    async close() {
      await runner.close();
      await Promise.all([cloudflare.close(), entra.close(), github.close()]);
      if (options.keepFolder !== true) await rm(folder, { recursive: true, force: true });
    },
  };
}
