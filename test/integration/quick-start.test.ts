import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GitHubEvent, RunResult } from "../../local/github/index.ts";
import { root } from "../src/steps/fixtures.ts";
import { arrowDown, enter, openTerminal, type Reply, type Terminal } from "../terminal/terminal.ts";
import { get } from "./company.ts";
import { cloudflareToken, startNewCompany } from "./new-company.ts";

let company: Awaited<ReturnType<typeof startNewCompany>>;
let terminal: Terminal;
const ran: RunResult[] = [];

beforeAll(async () => {
  company = await startNewCompany();
  terminal = await openTerminal({ cwd: join(company.home, "site"), env: company.env, limit: 60_000 });
}, 60_000);
afterAll(async () => {
  terminal.close();
  await company.close();
});

/** The shell blocks of docs/quick-start.md by the heading that they stand under; every one of them is typed below. */
function blocks(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  let heading = "";
  let inside = false;
  for (const line of readFileSync(join(root, "docs", "quick-start.md"), "utf8").split("\n")) {
    if (/^#+ /.test(line)) heading = line.replace(/^#+ /, "");
    else if (/^\s*```/.test(line)) inside = line.trim() === "```sh";
    else if (inside) found.set(heading, [...(found.get(heading) ?? []), line.trim()]);
  }
  return found;
}

const replies: readonly (readonly [RegExp, readonly Reply[]])[] = [
  [
    /entra-gate init$/,
    [
      [/Which folder/, enter],
      [/Who sees previews/, `reviewers${enter}`],
      [/And production/, `${arrowDown}${enter}`],
      [/Which repository holds the action/, `acme/entra-gate@v1${enter}`],
      [/Write these files/, enter],
    ],
  ],
  [
    /entra-gate setup (?!.*--(print|remove))/,
    [
      [/Cloudflare API token/, `${cloudflareToken}${enter}`],
      [/Do this\?/, "y"],
    ],
  ],
  [/--remove$/, [[/Remove this\?/, "y"]]],
];

async function follow(heading: string, change = (line: string) => line): Promise<string> {
  const lines = blocks().get(heading) ?? [];
  expect(lines.length).toBeGreaterThan(0);
  let text = "";
  for (const line of lines) {
    const [, answers = []] = replies.find(([pattern]) => pattern.test(line)) ?? [];
    text = await terminal.type(change(line), answers);
  }
  return text;
}

async function runs(events: readonly GitHubEvent[]): Promise<Readonly<Record<string, string>>> {
  const results = await company.runner.run(events);
  ran.push(...results);
  const steps = results.flatMap(({ jobs }) => jobs).flatMap((job) => job.steps);
  const wrong = results.flatMap(({ jobs }) => jobs).filter(({ conclusion }) => conclusion === "failure");
  expect(wrong.map(({ reason, steps: all }) => [reason, ...all.map(({ log }) => log)])).toEqual([]);
  return steps.find(({ id }) => id === "gate")?.outputs ?? {};
}

describe("from an empty folder to a verified preview, as docs/quick-start.md has it", () => {
  it("goes by command", { timeout: 240_000 }, async () => {
    const { github, repository, cloudflare } = company;
    await follow("1. The site");
    await follow("2. Who may see it, and the workflows");
    await follow("3. Entra, Cloudflare and GitHub, once");
    await follow("4. The first push");
    const production = await runs((await github.activities.arrived(repository, { branch: "main" })).events);
    expect(production).toMatchObject({ verified: "true", gated: "true" });
    await follow("5. The first preview");
    const pushed = await github.activities.arrived(repository, { branch: "hello" });
    const { events } = await github.activities.openPullRequest(repository, { branch: "hello" });
    const preview = await runs([...pushed.events, ...events]);
    expect(preview).toMatchObject({ verified: "true", gated: "true" });
    const url = preview["alias-url"] ?? "";
    await follow("6. See that it is closed", (line) => line.replace("https://pr-1.site.pages.dev", url));
    const { status, headers } = await get(url);
    expect([status, headers["x-entra-gate-code"]]).toEqual([401, "sign-in-required"]);
    expect(cloudflare.project("acme-sign-in")).toBeDefined();
    const told = terminal.text() + JSON.stringify(ran);
    for (const secret of [cloudflareToken, company.env.AZ_LOGIN, company.env.GH_LOGIN])
      expect(told).not.toContain(secret);
  });

  it("is written down for whoever does it by hand", () => follow("By hand"));

  it("can be taken away again", async () => {
    const { entra, repository } = company;
    expect(entra.directory.applications.size).toBe(2);
    await follow("Taking it away again");
    expect([entra.directory.applications.size, repository.environments.size]).toEqual([0, 0]);
  });

  it("has no command that is not typed here", () => {
    expect([...blocks().keys()]).toHaveLength(8);
  });
});
