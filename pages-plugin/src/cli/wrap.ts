import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { tarEntries } from "../../../contract/bundle/names.ts";
import { rewriteProblems } from "../../../contract/bundle/rewrites.ts";
import { type WrappedFile, withRoutes, wrapFiles } from "../../../contract/bundle/wrap.ts";
import type { SiteConfig } from "../../../contract/config/site.ts";
import { CommandFault } from "./fault.ts";
import { type PackedSite, packSite } from "./site.ts";
import { readWrapSettings, type WrapSettings } from "./wrap-settings.ts";
import { withoutWrapping, wrappedBefore } from "./wrapped-before.ts";

export interface WrapOptions extends WrapSettings {
  /** Folder that the command runs in. */
  readonly project: string;
  /** The build's output folder. */
  readonly directory: string;
  /** Where the wrapped deployment is written; by default the output folder itself. */
  readonly out?: string;
  /** Code of the prebuilt site gate, with or without what verifies bearer tokens. */
  gate(kind: "plain" | "bearer"): string;
}

/**
 * `entra-gate wrap`: does by hand what the action does before it deploys. The same input gives the same files, and
 * wrapping a wrapped folder again gives what wrapping the build gives.
 *
 * @returns what to tell the person at the keyboard
 * @throws CommandFault before anything was written
 */
export async function wrap(options: WrapOptions): Promise<string> {
  const directory = resolve(options.project, options.directory);
  const out = options.out === undefined ? directory : resolve(options.project, options.out);
  const settings = await readWrapSettings(options);
  const before = wrappedBefore(directory);
  if (before !== undefined && out !== directory) {
    throw new CommandFault(
      "wrapped-already",
      `${directory} is wrapped already. Wrap it in place, or build the site again.`,
    );
  }
  if (out.startsWith(directory + sep)) {
    throw new CommandFault(
      "out-inside",
      `${out} lies in ${directory}, and would be served as a part of it. Name a folder beside it.`,
    );
  }
  if (out !== directory && existsSync(out) && readdirSync(out).length > 0) {
    throw new CommandFault("out-not-empty", `${out} is not empty.`);
  }
  const putInFront = async () => {
    const packed = await packSite(options.project, directory, before);
    checkRewrites(packed, settings.policy);
    const gate = options.gate(settings.policy.bearer ? "bearer" : "plain");
    write(wrapFiles(packed.manifest, gate, configOf(packed, settings, gate)), packed, out, out === directory);
  };
  if (before === undefined) await putInFront();
  else await withoutWrapping(directory, putInFront);
  return `Wrapped ${directory} for ${settings.policy.environment}, policy ${settings.policy.digest.slice(0, 12)}.\n${settings.policy.report ? "REPORT MODE: nothing is closed; what the rules would deny is only logged.\n" : ""}Deploy it from an empty folder with: wrangler pages deploy ${out} --no-bundle --project-name <project> --branch <branch>`;
}

function configOf(site: PackedSite, settings: Omit<SiteConfig, "bundle">, gate: string): SiteConfig {
  return withRoutes({ ...settings, bundle: bundleId(site, gate, settings) }, site.routes);
}

function checkRewrites(site: PackedSite, policy: SiteConfig["policy"]): void {
  const redirects = site.entries.find(({ name }) => name === `${tarEntries.assets}_redirects`);
  if (redirects === undefined) return;
  const problems = rewriteProblems(redirects.content.toString("utf8"), policy);
  if (problems.length > 0) {
    throw new CommandFault(
      "rewrite-widens",
      problems.map(({ place, message, remedy }) => `${place}: ${message}. ${remedy}`).join("\n"),
    );
  }
}

/** Made of all that goes into the deployment, so that the same deployment has the same id. */
function bundleId(site: PackedSite, gate: string, settings: object): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([site.manifest, site.routes, settings]))
    .update(gate);
  return hash.digest("hex").slice(0, 32);
}

function write(files: readonly WrappedFile[], site: PackedSite, out: string, inPlace: boolean): void {
  // A framework's worker file stands where the folder goes; what was in it is part of the pack.
  if (inPlace) rmSync(join(out, "_worker.js"), { recursive: true, force: true });
  const contents = new Map(site.entries.map(({ name, content }) => [name, content]));
  for (const file of files) {
    const isAsset = "from" in file && file.from.startsWith(tarEntries.assets);
    if (inPlace && isAsset) continue;
    const path = join(out, file.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "text" in file ? file.text : (contents.get(file.from) ?? ""));
  }
}
