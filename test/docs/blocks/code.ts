import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Block, root } from "./block.ts";

const config = {
  compilerOptions: {
    target: "es2023",
    module: "esnext",
    moduleResolution: "bundler",
    moduleDetection: "force",
    lib: ["es2024", "dom", "dom.iterable"],
    types: ["node"],
    strict: true,
    allowJs: true,
    checkJs: true,
    resolveJsonModule: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ["*/*"],
};

/** Packages that a reader's project has. */
const installed = ["hono", "playwright-core", "@types"];

/**
 * Compiles all blocks at once, each in a folder of its own below a gate.json, as functions/ and src/ are.
 *
 * @returns what the compiler says of each
 */
export function codeProblems(blocks: readonly Block[]): Map<Block, readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "docs-code-"));
  try {
    mkdirSync(join(folder, "node_modules"));
    for (const name of installed)
      symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
    symlinkSync(join(root, "pages-plugin"), join(folder, "node_modules", "pages-plugin-entra-gate"));
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    writeFileSync(join(folder, "gate.json"), "{}");
    blocks.forEach(({ language, text }, index) => {
      mkdirSync(join(folder, `block-${index}`));
      writeFileSync(join(folder, `block-${index}`, `block.${language}`), text);
    });
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    const { stdout } = spawnSync(process.execPath, [compiler, "--pretty", "false"], {
      cwd: folder,
      encoding: "utf8",
    });
    const said = stdout.split("\n");
    if (said.some((line) => line !== "" && !/^( |block-\d+\/)/.test(line))) throw new Error(stdout);
    return new Map(
      blocks.map((block, index) => [block, said.filter((line) => line.startsWith(`block-${index}/`))]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
