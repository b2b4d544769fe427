import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const packageFolder = join(import.meta.dirname, "..", "..", "..", "pages-plugin");

export interface PackedPackage {
  /** What `npm publish` would upload. */
  readonly tarball: Uint8Array;
  /** Paths inside it, below `package/`. */
  readonly files: readonly string[];
}

async function npmPack<T>(use: (tarball: string, files: readonly string[]) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "entra-gate-pack-"));
  try {
    const { stdout } = await run(
      "npm",
      ["pack", "--json", "--ignore-scripts", "--pack-destination", folder],
      {
        cwd: packageFolder,
      },
    );
    // npm 11 answers with a list, npm 12 with an object by name.
    const told = JSON.parse(stdout) as object;
    const [packed] = Object.values(told) as { filename: string; files: { path: string }[] }[];
    if (packed === undefined) throw new Error("npm pack packed nothing");
    return await use(
      join(folder, packed.filename),
      packed.files.map(({ path }) => path),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Packs the plugin's package as `npm publish` does. */
export function packPublished(): Promise<PackedPackage> {
  return npmPack(async (tarball, files) => ({ tarball: await readFile(tarball), files }));
}

/** Installs the plugin's package from its tarball into a project, as its users do; it depends on nothing. */
export async function installPublished(project: string): Promise<void> {
  await npmPack(async (tarball) => {
    const quiet = [
      "--offline",
      "--ignore-scripts",
      "--legacy-peer-deps",
      "--no-audit",
      "--no-fund",
      "--no-save",
    ];
    await run("npm", ["install", ...quiet, tarball], { cwd: project });
  });
}
