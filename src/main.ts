import { setTimeout as sleep } from "node:timers/promises";
import * as core from "@actions/core";
import { distFolder } from "./context.ts";
import { asActionError } from "./errors.ts";
import { runnerLog } from "./log.ts";
import { start } from "./start.ts";

// Cancelled, the runner sends SIGINT: only a real exit ends wrangler and workerd, which run in groups of their own.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

/** What the runner starts: one run, one annotation where it fails, exit code 1. */
try {
  await start({
    env: process.env,
    log: runnerLog,
    dist: distFolder(process.argv[1]),
    now: Date.now,
    sleep: async (milliseconds) => {
      await sleep(milliseconds);
    },
    random: Math.random,
    setOutput: core.setOutput,
    addSummary: async (markdown) => {
      await core.summary.addRaw(markdown, true).write();
    },
  });
} catch (thrown) {
  const error = asActionError(thrown);
  runnerLog.error(`Entra Gate: ${error.code}`, error.explanation);
  if (error.code === "unexpected-fault" && thrown instanceof Error) runnerLog.info(thrown.stack ?? "");
  process.exitCode = 1;
}
