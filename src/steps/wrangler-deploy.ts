import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ActionError } from "../errors.ts";
import type { Tools } from "../tools/install.ts";
import { runProcess } from "../tools/process.ts";
import type { Bundle, DeployTarget } from "./types.ts";

export interface WranglerSettings {
  readonly tools: Tools;
  readonly apiToken: string;
  readonly accountId: string;
  /** CLOUDFLARE_API_BASE_URL; wrangler's own where it is absent. */
  readonly apiBaseUrl?: string;
  /** Milliseconds that an upload may take from now. Default 300 s. */
  readonly timeout?: () => number;
}

export interface WranglerOutcome {
  /** wrangler's word for it; whether there is a deployment is asked of Cloudflare. */
  readonly succeeded: boolean;
  /** The end of what it printed, without the token. */
  readonly words: string;
}

/** Found from a folder upwards, wrangler would obey them: names from its source (`findWranglerConfig`). */
const obeyed = [
  "wrangler.json",
  "wrangler.jsonc",
  "wrangler.toml",
  join(".wrangler", "deploy", "config.json"),
];

/** Cloudflare keeps 384 bytes of a commit message; the bundle's id must be among them. */
const longestMessage = 200;

/**
 * Uploads a folder with the real wrangler: from an empty folder outside any repository, with nothing of this
 * process's environment, and as it stands (`--no-bundle`).
 *
 * @throws ActionError `deploy-failed` where wrangler could not be started as it must be
 */
export async function runWranglerDeploy(
  bundle: Bundle,
  target: DeployTarget,
  settings: WranglerSettings,
): Promise<WranglerOutcome> {
  const scratch = await mkdtemp(join(tmpdir(), "entra-gate-deploy-"));
  try {
    const cwd = join(scratch, "empty");
    const home = join(scratch, "home");
    await mkdir(cwd);
    await mkdir(home);
    refuseForeignConfiguration(cwd);
    const env = {
      CLOUDFLARE_API_TOKEN: settings.apiToken,
      CLOUDFLARE_ACCOUNT_ID: settings.accountId,
      ...(settings.apiBaseUrl === undefined ? {} : { CLOUDFLARE_API_BASE_URL: settings.apiBaseUrl }),
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_HIDE_BANNER: "true",
      CI: "true",
      NO_COLOR: "1",
      HOME: home,
      TMPDIR: scratch,
    };
    const timeout = settings.timeout?.() ?? 300_000;
    const args = [settings.tools.wrangler, ...deployArguments(bundle, target)];
    const result = await runProcess(process.execPath, args, { cwd, env, timeout });
    const words = masked(`${result.stdout}\n${result.stderr}`, settings.apiToken).trim().slice(-3_000);
    return {
      succeeded: result.code === 0,
      words: result.timedOut ? `wrangler did not end within ${timeout / 1000} s.\n${words}` : words,
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function deployArguments(bundle: Bundle, target: DeployTarget): string[] {
  return [
    "pages",
    "deploy",
    bundle.folder,
    "--no-bundle",
    `--project-name=${target.project}`,
    `--branch=${target.branch}`,
    `--commit-hash=${target.commit}`,
    `--commit-message=${deployMessage(bundle, target)}`,
    "--commit-dirty=false",
  ];
}

/** How every commit message begins that this action deploys with. */
export const messageStart = "[entra-gate ";

/** What the deployment is found again by, whatever wrangler says: the id is in Cloudflare's list of deployments. */
export function deployMessage(bundle: Bundle, target: DeployTarget): string {
  const line = target.message.split(/[\r\n]/)[0] ?? "";
  return `${messageStart}${bundle.id}] ${[...line].slice(0, longestMessage).join("")}`.trim();
}

function refuseForeignConfiguration(folder: string): void {
  for (let at = folder; ; at = dirname(at)) {
    const found = obeyed.map((name) => join(at, name)).find((path) => existsSync(path));
    if (found !== undefined)
      throw new ActionError("deploy-failed", `wrangler would obey ${found}; remove it from the runner.`);
    if (at === dirname(at)) return;
  }
}

function masked(text: string, secret: string): string {
  return secret === "" ? text : text.replaceAll(secret, "***");
}
