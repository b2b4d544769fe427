import { styleText } from "node:util";
import { hostEndpoints } from "../../contract/names/endpoints.ts";
import type { Progress } from "../github/index.ts";
import { demo } from "../world/demo.ts";
import type { World } from "../world/world.ts";
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

/** What to open, and whom to sign in as. */
export function tellWhatToOpen(
  account: Account,
  world: World,
  places: { readonly production: Deployed; readonly preview: Deployed; readonly page: string },
): void {
  const signInHost = `http://${world.cloudflare.project(demo.signInHostProject)?.subdomain}`;
  account.heading("Everything is running. Open");
  account.line(`the preview        ${places.preview.alias}`);
  account.line(`production         ${places.production.alias || places.production.url}`);
  account.line(`the pull request   ${places.page}`);
  account.line(
    `who saw what       ${signInHost}${hostEndpoints.audit} (as ${world.entra.cast.people.admin.name})`,
  );
  account.line(`the call log       ${world.folder}/calls.ndjson`);
  account.heading("Sign in as");
  const { people } = world.entra.cast;
  account.line(`${people.reviewer.name} (in the group reviewers): sees the preview, but not /admin/`);
  account.line(`${people.admin.name} (role Site.Admin): sees /admin/ too`);
  account.line(`${people.outsider.name} (member of the tenant, no group): is refused`);
  account.line(`${people.guest.name} (guest of the tenant): is refused`);
  account.line(
    `${people.manyGroups.name} (in reviewers and 249 more groups): sees the preview; Graph is asked`,
  );
  account.line(`${people.disabled.name} (account disabled): Entra itself refuses`);
  account.heading("Ctrl-C ends all of it.");
}
