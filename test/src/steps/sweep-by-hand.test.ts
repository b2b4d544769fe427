import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCloudflareClient } from "../../../src/clients/cloudflare.ts";
import type { Project } from "../../../src/clients/cloudflare-model.ts";
import type { ActionContext } from "../../../src/context.ts";
import { sweepByHand } from "../../../src/steps/sweep-by-hand.ts";
import { createTrail } from "../../../src/steps/trail.ts";
import {
  accountId,
  type Cloudflare,
  call,
  deploy,
  settle,
  start,
  token,
} from "../../local/cloudflare/fixtures.ts";
import { FakeTime, failure, httpWith, recordingLog } from "../support.ts";

let cloudflare: Cloudflare;
beforeAll(async () => {
  cloudflare = await start({ timing: { deploy: 0, propagation: 0, linger: 0 } });
});
afterAll(() => cloudflare.close());

const gate = `export default { fetch: () => Response.json({ role: "site", environment: "preview" }) };`;
const policy = (production: unknown) => JSON.stringify({ production });
const closed = { rules: [{ path: "/*", allow: "members" }] };

interface Setting {
  readonly context: ActionContext;
  readonly project: Project;
  readonly log: ReturnType<typeof recordingLog>;
  readonly summary: string[];
  left(): string[];
}

async function setting(
  name: string,
  env: Record<string, string>,
  production: unknown = closed,
): Promise<Setting> {
  await call(cloudflare, "POST", "pages/projects", { name, production_branch: "main" });
  for (const [branch, files] of [
    ["main", { "index.html": "live before" }],
    ["pr-7", { "index.html": "old" }],
    ["pr-7", { "_worker.js": gate }],
    ["pr-8", { "_worker.js": gate }],
    ["main", { "_worker.js": gate }],
  ] as const) {
    await deploy(cloudflare, name, branch, files);
    const commit = cloudflare.deployments(name).at(-1)?.commit;
    Object.assign(commit ?? {}, { commit_message: `[entra-gate ${"0".repeat(32)}] x` });
    cloudflare.clock.advance(1_000);
    settle(cloudflare);
  }
  const time = new FakeTime(cloudflare.clock.now());
  const settings = { baseUrl: cloudflare.apiUrl, token, accountId };
  const log = recordingLog();
  const summary: string[] = [];
  const context = {
    cloudflare: createCloudflareClient(httpWith(time), settings, time.sleep),
    github: {
      openPullRequestNumbers: async () => new Set([8]),
      repository: async () => ({ id: 1, fullName: "acme/site", defaultBranch: "main" }),
      branchTip: async () => "a".repeat(40),
      fileAt: async () => policy(production),
    },
    inputs: { projectName: name, policyPath: "gate.json" },
    env: Object.fromEntries(Object.entries(env).map(([key, value]) => [`INPUT_${key.toUpperCase()}`, value])),
    log,
    trail: createTrail({ app: "automation" } as never, time.now),
    deadline: { left: () => 20 * 60_000 },
    now: time.now,
    sleep: time.sleep,
    addSummary: async (text: string) => void summary.push(text),
  } as unknown as ActionContext;
  return {
    context,
    log,
    summary,
    project: (await call(cloudflare, "GET", `pages/projects/${name}`)).result,
    left: () =>
      cloudflare
        .deployments(name)
        .flatMap(({ commit, deletedAt }) => (deletedAt === undefined ? [commit.branch] : [])),
  };
}

describe("cleanup by hand", () => {
  it("shows a table first and deletes nothing", async () => {
    const { context, project, log, summary, left } = await setting("dry", {
      "closed-pull-requests": "true",
      ungated: "true",
    });
    await sweepByHand(context, project);
    expect(left()).toHaveLength(5);
    const rows = log.lines
      .filter(({ text }) => text.includes("http"))
      .map(({ text }) => text.split("  ").at(-1));
    expect(rows).toEqual(["not gated", "pull request 7 is closed, not gated", "pull request 7 is closed"]);
    expect(summary[0]).toContain("3 of 5 deployments would be deleted (dry run)");
    expect(log.lines.at(-1)).toMatchObject({
      level: "notice",
      text: expect.stringContaining("3 deployments would"),
    });
  });

  it("then deletes what it showed, and never the live production", async () => {
    const { context, project, left } = await setting("real", {
      "closed-pull-requests": "true",
      ungated: "true",
      "dry-run": "false",
    });
    await sweepByHand(context, project);
    expect(left()).toEqual(["pr-8", "main"]);
    expect(context.trail.events).toHaveLength(3);
  });

  it("leaves production without a gate alone where the policy says that it has none", async () => {
    const { context, project, left } = await setting("open", { ungated: "true", "dry-run": "false" }, "open");
    await sweepByHand(context, project);
    expect(left()).toEqual(["main", "pr-7", "pr-8", "main"]);
  });

  it("ends in time and says what is left for the next run", async () => {
    const { context, project, left } = await setting("late", {
      "closed-pull-requests": "true",
      "dry-run": "false",
    });
    const error = await failure(
      sweepByHand({ ...context, deadline: { ...context.deadline, left: () => 60_000 } }, project),
    );
    expect([error.code, error.detail]).toEqual([
      "deadline-exceeded",
      "2 deployments are left; run it again.",
    ]);
    expect(left()).toHaveLength(5);
  });
});
