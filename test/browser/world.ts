import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { launchBrowser } from "../../local/browser/launch.ts";
import type { Call } from "../../local/call-log.ts";
import type { GitHubEvent } from "../../local/github/index.ts";
import { demo } from "../../local/world/demo.ts";
import { startWorld, type World } from "../../local/world/world.ts";
import { stepUpPages, stepUpRules } from "./cases/step-up.ts";
import { hostileFiles } from "./hostile-site.ts";

/**
 * A company's world as the action left it: production, the preview of a colleague's pull request, and the preview of
 * a pull request whose author attacks whoever opens it. Everything is real but the three services.
 */
export interface BrowserWorld {
  readonly world: World;
  readonly browser: Browser;
  /** Stands on every page of the site. */
  readonly nonce: string;
  /** Origins. */
  readonly production: string;
  readonly preview: string;
  readonly hostile: string;
  readonly signInHost: string;
  /** Buttons on Entra's page. */
  readonly names: Readonly<Record<keyof World["entra"]["cast"]["people"], string>>;
  /** From now on: calls to an origin (all, where none is given) that were answered. */
  watch(origin?: string): () => readonly Call[];
  close(): Promise<void>;
}

/** Two more pages of the demo, and its policy with rules for them that want more than to know who it is. */
async function stepUpFiles(): Promise<Record<string, string>> {
  const demoFile = (path: string) =>
    readFile(join(import.meta.dirname, "..", "..", "examples", "demo", path), "utf8");
  const policy = JSON.parse(await demoFile("gate.json"));
  policy.preview.rules.unshift(...stepUpRules(Object.keys(policy.groups)));
  const page = await demoFile("site/about/index.html");
  return {
    "gate.json": JSON.stringify(policy),
    [`site${stepUpPages.recently}.html`]: page,
    [`site${stepUpPages.context}.html`]: page,
  };
}

export async function startBrowserWorld(): Promise<BrowserWorld> {
  const nonce = `release-${randomBytes(9).toString("base64url")}`;
  const files = await stepUpFiles();
  const [world, browser] = await Promise.all([startWorld({ nonce, files }), launchBrowser()]);
  const { github, cloudflare, entra, runner } = world;
  const { repository, firstPush, openPullRequest } = world.demo;

  const production = await deploy(firstPush);
  const preview = await deploy((await openPullRequest("summer")).events);
  await github.activities.push(repository, {
    branch: "winter",
    by: "mallory",
    files: hostileFiles(preview),
    message: "Decorate for winter",
  });
  const opened = await github.activities.openPullRequest(repository, { branch: "winter", by: "mallory" });
  const hostile = await deploy(opened.events);

  const { people } = entra.cast;
  return {
    world,
    browser,
    nonce,
    production,
    preview,
    hostile,
    signInHost: `http://${cloudflare.project(demo.signInHostProject)?.subdomain}`,
    names: Object.fromEntries(Object.entries(people).map(([who, { name }]) => [who, name])) as Record<
      keyof typeof people,
      string
    >,
    watch(origin) {
      const before = world.log.calls.length;
      const host = origin === undefined ? undefined : new URL(origin).host;
      return () => world.log.calls.slice(before).filter((call) => host === undefined || call.host === host);
    },
    async close() {
      await browser.close();
      await world.close();
    },
  };

  /** Runs a repository's workflows and tells where the site then is. */
  async function deploy(events: readonly GitHubEvent[]): Promise<string> {
    const runs = await runner.run(events);
    const steps = runs.flatMap(({ jobs }) => jobs.flatMap((job) => job.steps));
    const outputs = steps.find(({ id }) => id === "gate")?.outputs ?? {};
    if (outputs["verified"] !== "true")
      throw new Error(`The world did not come up:\n${steps.map(({ log }) => log).join("\n")}`);
    return outputs["alias-url"] || (outputs["deployment-url"] ?? "");
  }
}
