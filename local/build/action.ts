import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { run } from "./process.ts";

/** Bundles of the action that Node runs: `entry` below src/, `output` below dist/. */
const bundles = [
  { entry: "src/main.js", output: "." },
  { entry: "src/rehearsal/main.js", output: "rehearsal" },
] as const;

/**
 * Compiles src/ and contract/ with tsc, then bundles with ncc: one file an entry, no dependency left outside.
 * ncc's own TypeScript loader does not know TypeScript 7, hence the two steps.
 */
export async function buildAction(root: string, out: string): Promise<void> {
  // The scratch folder's place relative to the repository is part of what webpack hashes, so it never varies.
  const scratch = join(root, ".local", "build");
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  writeFileSync(join(scratch, "package.json"), '{ "type": "module" }\n');
  const require = createRequire(join(root, "package.json"));
  const tsc = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
  await run(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", scratch], root);
  const ncc = require.resolve("@vercel/ncc/dist/ncc/cli.js");
  for (const { entry, output } of bundles) {
    const target = join(scratch, "ncc", output);
    await run(
      process.execPath,
      [ncc, "build", join(scratch, entry), "-o", target, "--minify", "--no-cache", "-q"],
      root,
    );
    mkdirSync(join(out, output), { recursive: true });
    cpSync(join(target, "index.js"), join(out, output, "index.js"));
    writeFileSync(join(out, output, "package.json"), '{ "type": "module" }\n');
  }
  cpSync(join(root, "src", "tools", "pinned"), join(out, "tools"), { recursive: true });
  const size = readFileSync(join(out, "index.js")).length;
  if (size > 1_500_000) throw new Error(`dist/index.js has ${size} bytes; it may have 1,500,000.`);
}
