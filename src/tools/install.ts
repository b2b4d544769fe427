import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cacheDir, find } from "@actions/tool-cache";
import { ActionError } from "../errors.ts";
import { runProcess } from "./process.ts";

/** wrangler and, beside it, the Miniflare it came with, at exactly the versions that dist/tools pins. */
export interface Tools {
  /** Folder that holds `node_modules`. */
  readonly folder: string;
  /** wrangler's entry, to be started with `process.execPath`. */
  readonly wrangler: string;
}

export interface ToolOptions {
  /** dist/tools: package.json, package-lock.json, .npmrc. */
  readonly pinned: string;
  readonly log: (line: string) => void;
  /** The runner's environment; the proxy settings and PATH of it reach npm, nothing else does. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds for the installation. */
  readonly timeout: number;
}

export const toolName = "entra-gate-tools";

/** Name and version under which the tool cache keeps what this lock file describes. */
export async function toolVersion(pinned: string): Promise<string> {
  const lock = await readFile(join(pinned, "package-lock.json"));
  const manifest = JSON.parse(await readFile(join(pinned, "package.json"), "utf8")) as {
    dependencies: { wrangler: string };
  };
  return `${manifest.dependencies.wrangler}-lock.${createHash("sha256").update(lock).digest("hex").slice(0, 16)}x`;
}

/**
 * Gives the pinned tools, from the runner's tool cache where they are, else by `npm ci` from the lock file, in a
 * folder of its own and under its own `.npmrc`: no repository's configuration has a say in what is installed.
 * Install scripts don't run; workerd and esbuild bring their programs as packages and need none.
 *
 * @throws ActionError `tool-install-failed`
 */
export async function installTools(options: ToolOptions): Promise<Tools> {
  try {
    const version = await toolVersion(options.pinned);
    const cached = find(toolName, version);
    const [wanted = ""] = version.split("-lock.");
    const spoilt = cached === "" ? undefined : await problemIn(cached, wanted);
    if (cached !== "" && spoilt === undefined) return toolsIn(cached);
    if (spoilt !== undefined) options.log(`In the tool cache, ${spoilt}: installed anew.`);
    options.log(`Installing wrangler from the pinned lock file (${version}).`);
    const folder = await mkdtemp(join(tmpdir(), "entra-gate-tools-"));
    try {
      await cp(options.pinned, folder, { recursive: true });
      await install(folder, options);
      const problem = await problemIn(folder, wanted);
      if (problem !== undefined) throw new ActionError("tool-install-failed", `After npm ci, ${problem}.`);
      return toolsIn(await cacheDir(folder, toolName, version));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } catch (error) {
    if (error instanceof ActionError) throw error;
    throw new ActionError("tool-install-failed", (error as Error).message, { cause: error });
  }
}

function toolsIn(folder: string): Tools {
  return { folder, wrangler: join(folder, "node_modules", "wrangler", "bin", "wrangler.js") };
}

/** What is wrong with the wrangler in a folder: a tool cache outlives runs, and others may write into it. */
async function problemIn(folder: string, version: string): Promise<string | undefined> {
  const { wrangler } = toolsIn(folder);
  if (!existsSync(wrangler)) return `${wrangler} is missing`;
  const manifest = await readFile(join(dirname(wrangler), "..", "package.json"), "utf8").catch(() => "{}");
  const { version: found } = JSON.parse(manifest) as { readonly version?: unknown };
  return found === version ? undefined : `wrangler is of version ${String(found)} and not ${version}`;
}

const handedOn = [
  "PATH",
  "HOME",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "NODE_EXTRA_CA_CERTS",
];

async function install(folder: string, { env, timeout }: ToolOptions): Promise<void> {
  const clean = Object.fromEntries(
    handedOn.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  ) as Record<string, string>;
  // The runner brings npm beside its node; elsewhere npm is the system's.
  const beside = join(dirname(process.execPath), "..", "lib", "node_modules", "npm", "bin", "npm-cli.js");
  const [command, first] = existsSync(beside) ? [process.execPath, [beside]] : ["npm", []];
  const result = await runProcess(command, [...first, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: folder,
    env: clean,
    timeout,
  });
  if (result.code !== 0) {
    const words = `${result.stdout}\n${result.stderr}`.trim().slice(-2_000);
    throw new ActionError(
      "tool-install-failed",
      result.timedOut ? `npm ci did not end within ${timeout} ms.` : words,
    );
  }
}
