import { randomBytes } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { tarEntries } from "../../contract/bundle/names.ts";
import { rewriteProblems } from "../../contract/bundle/rewrites.ts";
import {
  denyAllFiles,
  type WrappedFile,
  withRoutes,
  wrapFiles,
  wrappedNames,
} from "../../contract/bundle/wrap.ts";
import type { SiteConfig } from "../../contract/config/site.ts";
import type { Environment } from "../../contract/policy/model.ts";
import { ActionError } from "../errors.ts";
import { listFiles, writeFiles } from "./folder.ts";
import type { Bundle, Pack } from "./types.ts";

/** 128 random bits in hex, by which the outside check knows a deployment before Cloudflare has named it. */
export function newBundleId(): string {
  return randomBytes(16).toString("hex");
}

/**
 * Puts the gate in front of what a build made.
 *
 * @param pack an unpacked and checked artifact
 * @param config what the gate is made with; which paths are the assets' is taken from the pack
 * @param into a folder that does not exist yet
 * @param gate path of dist/gate/site.js, or of site-bearer.js where the policy has `bearer`
 * @throws ActionError `rewrite-widens`
 */
export async function wrapPack(pack: Pack, config: SiteConfig, into: string, gate: string): Promise<Bundle> {
  await checkRewrites(pack, config);
  const baked: SiteConfig = withRoutes(config, pack.routes);
  const files = wrapFiles(pack.manifest, await readFile(gate, "utf8"), baked);
  const made = await make(files, pack.folder, into, "gated", config.bundle, config.policy.environment);
  return { ...made, config: baked };
}

/** As the build made it, for a production that the default branch's policy leaves open to anyone. */
export async function assembleOpen(pack: Pack, environment: Environment, into: string): Promise<Bundle> {
  const { kind, files: packed, main } = pack.manifest;
  const files: WrappedFile[] = packed.flatMap(({ path }) => {
    if (path.startsWith(tarEntries.assets))
      return [{ path: path.slice(tarEntries.assets.length), from: path }];
    return path.startsWith(tarEntries.worker)
      ? [{ path: `${wrappedNames.site}${path.slice(tarEntries.worker.length)}`, from: path }]
      : [];
  });
  if (kind !== "static") {
    const { include = ["/*"], exclude } = pack.routes;
    const routes = `${JSON.stringify({ version: 1, include, exclude })}\n`;
    files.push({
      path: wrappedNames.index,
      text: `export { default } from ${JSON.stringify(`./site/${main ?? "index.js"}`)};\n`,
    });
    files.push({ path: wrappedNames.routes, text: routes });
  }
  return make(files, pack.folder, into, "open", newBundleId(), environment);
}

/** A deployment that shows nothing to anybody, to take the place of one that could not be proved closed. */
export async function makeDenyAll(environment: Environment, into: string): Promise<Bundle> {
  const id = newBundleId();
  return make(denyAllFiles(id), into, into, "deny-all", id, environment);
}

async function make(
  files: readonly WrappedFile[],
  from: string,
  into: string,
  kind: Bundle["kind"],
  id: string,
  environment: Environment,
): Promise<Bundle> {
  await mkdir(into, { recursive: true });
  await writeFiles(files, from, into);
  return { kind, folder: into, id, environment, files: await listFiles(into) };
}

async function checkRewrites({ folder, manifest }: Pack, config: SiteConfig): Promise<void> {
  const path = `${tarEntries.assets}_redirects`;
  if (!manifest.files.some((file) => file.path === path)) return;
  const problems = rewriteProblems(await readFile(join(folder, path), "utf8"), config.policy);
  if (problems.length === 0) return;
  throw new ActionError(
    "rewrite-widens",
    problems.map(({ place, message, remedy }) => `${place}: ${message}. ${remedy}`).join("\n"),
  );
}
