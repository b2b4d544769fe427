import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { tarEntries } from "../../../contract/bundle/names.ts";
import { outputFolder } from "./output-folder.ts";
import { packSite } from "./site.ts";
import { writeTar } from "./tar.ts";

export interface PackOptions {
  /** Folder that the command runs in: `functions/` and the wrangler file are looked for here. */
  readonly project: string;
  /** Output folder; by default what the wrangler file says. */
  readonly output?: string;
  /** Path of the tar. */
  readonly out: string;
}

/**
 * `entra-gate pack`: compiles functions, collects the output and writes one file for the job that deploys.
 *
 * @returns what to tell the person at the keyboard
 */
export async function pack(options: PackOptions): Promise<string> {
  const output = outputFolder(options.project, options.output);
  const { manifest, entries } = await packSite(options.project, output);
  const out = resolve(options.project, options.out);
  const listing = {
    name: tarEntries.manifest,
    content: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`),
  };
  await writeTar([listing, ...entries], out);
  const count = (prefix: string) => entries.filter(({ name }) => name.startsWith(prefix)).length;
  const ignored = manifest.kind === "worker" && existsSync(join(options.project, "functions"));
  const hint = ignored ? "\nfunctions/ is left out, as by Pages: the build made a _worker.js." : "";
  return `Packed ${count(tarEntries.assets)} files and ${count(tarEntries.worker)} modules (${manifest.kind}) into ${out}${hint}`;
}
