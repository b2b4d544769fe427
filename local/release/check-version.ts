import { readFileSync } from "node:fs";
import { join } from "node:path";
import { versionProblems } from "./version-problems.ts";

const root = join(import.meta.dirname, "..", "..");
const problems = versionProblems(process.argv[2] ?? "", (path) => readFileSync(join(root, path), "utf8"));
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
