import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * `npm test`: style, types, dist/ and every test; `npm test -- gate` only the tests whose path holds "gate";
 * `npm run test:matrix`: every combination of what may go wrong, and nothing else.
 * Ends with the line `N passed, N failed`; each of the three checks counts as one.
 */
const root = join(import.meta.dirname, "..");
const given = process.argv.slice(2);
const matrix = given.includes("--matrix");
const filters = given.filter((argument) => argument !== "--matrix");
const scratch = mkdtempSync(join(tmpdir(), "entra-gate-test-"));

const began = Date.now();
/** Minutes after which the matrix begins no further test. */
const matrixMinutes = Number(process.env["ENTRA_GATE_MATRIX_MINUTES"] || 75);
const env = matrix
  ? { ...process.env, ENTRA_GATE_MATRIX_UNTIL: String(began + matrixMinutes * 60_000) }
  : process.env;

function run(args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit", env });
    child.once("error", () => resolve(false));
    child.once("close", (code) => resolve(code === 0));
  });
}

const modules = join(root, "node_modules");
const checks: readonly (readonly [string, readonly string[]])[] = [
  ["style", [join(modules, "@biomejs", "biome", "bin", "biome"), "ci", "."]],
  ["types", [join(modules, "typescript", "bin", "tsc"), "--noEmit"]],
  ["dist/ is what the sources build to", [join(root, "local", "build", "main.ts"), "--check"]],
];

let passed = 0;
let failed = 0;
let notRun = 0;
if (filters.length === 0 && !matrix) {
  for (const [name, args] of checks) {
    const held = await run(args);
    console.log(`${held ? "✓" : "✗"} ${name}`);
    if (held) passed += 1;
    else failed += 1;
  }
}

const report = join(scratch, "report.json");
const vitest = join(modules, "vitest", "vitest.mjs");
const held = await run([
  vitest,
  "run",
  ...(matrix ? ["--config", "vitest.matrix.config.ts"] : []),
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${report}`,
  ...filters,
]);
try {
  const counts = JSON.parse(readFileSync(report, "utf8")) as {
    numPassedTests: number;
    numFailedTests: number;
    numPendingTests: number;
  };
  notRun = counts.numPendingTests;
  passed += counts.numPassedTests;
  failed += counts.numFailedTests;
} catch {
  failed += 1;
}
// A file that does not load has no test that could fail, and must fail the run all the same.
if (!held && failed === 0) failed = 1;
rmSync(scratch, { recursive: true, force: true });
if (matrix) {
  const minutes = Math.ceil((Date.now() - began) / 60_000);
  console.log(`${minutes} minutes; ${notRun} not run for want of time`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
