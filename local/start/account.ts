import { styleText } from "node:util";
import type { Progress } from "../github/index.ts";
import type { EndPage } from "./end-page.ts";
import type { Deployed } from "./scenario.ts";
import type { SignInResult } from "./sign-ins.ts";

/** Tells a person at a terminal what happens, while it does. */
export interface Account {
  heading(text: string): void;
  line(text: string): void;
  progress(progress: Progress): void;
}

/** Lines that the build tool chain prints and nobody watching the demo needs. */
const shown = new Set(["gate"]);

/** @param stream where the account goes; with `--json` standard output is the result's alone */
export function createAccount(stream: NodeJS.WritableStream): Account {
  const write = (text: string) => stream.write(`${text}\n`);
  return {
    heading: (text) => write(`\n${styleText("bold", text)}`),
    line: (text) => write(`  ${text}`),
    progress(progress) {
      if (progress.kind === "run-started") {
        write(`  ${progress.workflow} ${styleText("dim", `on ${progress.event}`)}`);
      } else if (progress.kind === "line" && shown.has(progress.job) && progress.text.trim() !== "") {
        write(styleText("dim", `    │ ${progress.text}`));
      } else if (progress.kind === "step-finished") {
        const { conclusion, name, seconds, log } = progress.step;
        if (conclusion === "skipped") return;
        if (conclusion !== "success" && !shown.has(progress.job)) write(log);
        write(`    ${mark(conclusion === "success")} ${name} ${styleText("dim", `${seconds.toFixed(1)} s`)}`);
      } else if (progress.kind === "job-finished" && progress.job.reason !== undefined) {
        write(`    ${mark(false)} ${progress.job.reason}`);
      }
    },
  };
}

export function mark(held: boolean): string {
  return held ? styleText("green", "✓") : styleText("red", "✗");
}

export function tellDeployment(account: Account, what: string, deployed: Deployed): void {
  account.line(`${mark(deployed.gated)} ${what}: ${deployed.alias || deployed.url || "not deployed"}`);
}

export function tellSignIn(account: Account, { as, path, status, expected }: SignInResult): void {
  account.line(
    `${mark(status === expected)} ${as} opens ${path}: ${status === 0 ? "arrived nowhere" : status}`,
  );
}

/** What to open, and whom to sign in as: the page has it all, with links. */
export function tellWhatToOpen(account: Account, address: string, { folder, places, people }: EndPage): void {
  account.heading("Everything is running");
  for (const { name, url } of places) account.line(`${name.padEnd(18)} ${url}`);
  account.line(`${"Call log".padEnd(18)} ${folder}/calls.ndjson`);
  account.heading("Sign in as");
  for (const { name, who, sees } of people) account.line(`${name} (${who}): ${sees}`);
  account.heading(`Open ${address} for all of it, with links. Ctrl-C ends it.`);
}
