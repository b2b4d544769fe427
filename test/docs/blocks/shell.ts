import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Block, placeholder, root } from "./block.ts";
import { gateCommandProblems } from "./gate-command.ts";
import { runHere } from "./run-here.ts";
import { commandsOf, type Words } from "./shell-words.ts";
import { wranglerProblems } from "./wrangler-command.ts";

const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };

/** What a reader's own project has: its build, its dev server, its tests. */
const ownScripts = ["build", "dev", "test"];
const packages = ["pages-plugin-entra-gate", "wrangler", "hono", "playwright-core", "lighthouse"];

/** Programs of others, of which a test can't know the options without their services; their syntax is the shell's to say. */
const others = ["cd", "git", "jq", "export", "bash", "curl", "az", "gh", "node", "mkdir", "echo", "printf"];

/** A shell reads it; each program is known, and what it is told, too. What needs nothing but a policy is run. */
export function shellProblems({ page, text }: Block): readonly string[] {
  const script = text.replace(placeholder, "placeholder").replaceAll("…", "etc");
  const { status, stderr } = spawnSync("bash", ["-n"], { input: script, encoding: "utf8" });
  if (status !== 0) return [stderr];
  return commandsOf(script)
    .map((words) => words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word))))
    .flatMap((words) => [...problemsOf(words), ...runHere(page, words)]);
}

function problemsOf([program = "", ...rest]: Words): readonly string[] {
  if (program === "npx") return problemsOf(rest.filter((word) => word !== "--yes"));
  if (program === "entra-gate") return gateCommandProblems(rest);
  if (program === "wrangler") return wranglerProblems(rest);
  if (program === "npm") return npmProblems(rest);
  if (program === "vitest")
    return rest
      .slice(1)
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `there is no ${path}`);
  return others.includes(program) ? [] : [`the program ${program} is not known to this test`];
}

function npmProblems([command = "", ...rest]: Words): readonly string[] {
  if (command === "run") {
    const name = rest[0] ?? "";
    return name in scripts || ownScripts.includes(name) ? [] : [`there is no script ${name}`];
  }
  if (command === "start" || command === "test")
    return command in scripts ? [] : [`there is no script ${command}`];
  if (command === "ci") return [];
  if (command !== "install") return [`npm ${command} is not known to this test`];
  return rest
    .filter((word) => !word.startsWith("-") && !packages.includes(word))
    .map((word) => `what is ${word}?`);
}
