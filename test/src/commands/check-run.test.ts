import type { IncomingMessage, ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CheckRun, checkRunEvent } from "../../../local/github/index.ts";
import { run } from "../../../src/run.ts";
import { cloudflareApp } from "../../../src/steps/find-built.ts";
import { policy, type Stage, startStage } from "../stage.ts";
import { failure } from "../support.ts";

const rules = [{ path: "/.well-known/*", allow: "anyone" }, ...policy.preview.rules];
let stage: Stage;
let count = 0;
beforeAll(async () => {
  stage = await startStage({ policy: JSON.stringify({ ...policy, preview: { rules } }) });
  await stage.cloudflareProject("site");
  stage.cloudflare.connect("site", "acme", "site");
  await patch({ deployment_configs: { preview: { fail_open: false }, production: { fail_open: false } } });
});
afterAll(() => stage.close());

async function patch(body: object): Promise<void> {
  const { context } = stage.context(await stage.buildRun({}));
  await context.cloudflare.patchProject("site", body as never);
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** As the plugin answers somebody without a session. */
const gated: Answer = ({ url = "" }, response) => {
  if (url === "/.auth/status") response.end(JSON.stringify({ role: "site", environment: "preview" }));
  else response.writeHead(401, { "x-entra-gate-code": "sign-in-required" }).end();
};
/** Without any gate. */
const open: Answer = (_, response) => response.end("<p>the tide tables</p>");
/** With a gate that static files are served past. */
const leaky: Answer = (request, response) =>
  request.url === "/img/logo.png" ? open(request, response) : gated(request, response);

interface Pushed {
  readonly sha: string;
  readonly branch: string;
  readonly number: number;
}

/** A pull request, and what Cloudflare built of its commit. */
async function pushed(answer?: Answer, trigger: "ad_hoc" | "github:push" = "github:push"): Promise<Pushed> {
  count += 1;
  const branch = `topic-${count}`;
  const { activities } = stage.github;
  const files = { "public/img/logo.png": Buffer.from(branch), "functions/api/[id].ts": Buffer.from("") };
  const { sha } = await activities.push(stage.repository, { branch, files });
  const { pull } = await activities.openPullRequest(stage.repository, { branch });
  if (answer !== undefined)
    stage.cloudflare.seed("site", [
      { branch, commitHash: sha, message: "[entra-gate x] mine", trigger, answer },
    ]);
  stage.clock.advance(stage.cloudflare.timing.deploy);
  return { sha, branch, number: pull.number };
}

/** The run that Cloudflare's check of this commit starts. */
async function checked({ sha, branch }: Pushed, changes: Partial<CheckRun> = {}) {
  const event = await checkRunEvent(stage.github.store, stage.github, stage.repository, {
    sha,
    branch,
    app: { slug: cloudflareApp, name: "Cloudflare Workers and Pages" },
    name: "Cloudflare Pages",
    conclusion: "success",
    detailsUrl: `https://dash.cloudflare.com/?to=/${stage.cloudflare.accountId}/pages/view/site/1`,
    ...changes,
  });
  return stage.context(stage.eventRun(event));
}

const statesOf = (sha: string) =>
  stage.repository.statuses.filter((status) => status.sha === sha).map(({ state }) => state);
const commentsOn = (number: number) =>
  stage.repository.comments.filter(({ issue }) => issue === number).map(({ body }) => body);
const living = (sha: string) =>
  stage.cloudflare
    .deployments("site")
    .filter(({ commit, deletedAt }) => commit.commit_hash === sha && deletedAt === undefined);

describe("protect on Cloudflare's own check", () => {
  it("proves a gated deployment closed, by the paths that the repository has", async () => {
    const asked = new Set<string>();
    const pull = await pushed((request, response) => {
      asked.add(request.url ?? "");
      gated(request, response);
    });
    const { context } = await checked(pull);
    await run(context);
    expect(stage.outputs).toMatchObject({ verified: "true", gated: "true" });
    expect(stage.outputs["deployment-url"]).toContain(living(pull.sha)[0]?.shortId);
    expect([...asked]).toEqual(
      expect.arrayContaining(["/img/logo.png", "/api/entra-gate-probe", "/robots.txt"]),
    );
    expect(statesOf(pull.sha)).toEqual(["pending", "success"]);
    expect(commentsOn(pull.number)).toEqual([expect.stringContaining("closed")]);
    expect(commentsOn(pull.number)[0]).not.toContain("card.png");
  });

  it.each([
    ["an open one", open],
    ["one that serves a static file past its gate", leaky],
  ])("deletes %s, whatever its commit's message says", async (_, answer) => {
    const pull = await pushed(answer);
    const { context } = await checked(pull);
    expect((await failure(run(context))).code).toBe("verify-open");
    expect(living(pull.sha)).toEqual([]);
    expect(statesOf(pull.sha)).toEqual(["pending", "failure"]);
    expect(commentsOn(pull.number)).toEqual([expect.stringContaining("verify-open")]);
    expect(stage.outputs).toMatchObject({ verified: "false", "deployment-url": "" });
  });

  it("deletes one of which nothing can be said", async () => {
    const pull = await pushed((_, response) => response.writeHead(404).end());
    expect((await failure(run((await checked(pull)).context))).code).toBe("verify-inconclusive");
    expect(living(pull.sha)).toEqual([]);
  });

  it("checks an older commit, too, and leaves its pull request's comment alone", async () => {
    const older = await pushed(open);
    const { activities } = stage.github;
    await activities.push(stage.repository, { branch: older.branch, files: { "x.txt": Buffer.from("2") } });
    expect((await failure(run((await checked(older)).context))).code).toBe("verify-open");
    expect(living(older.sha)).toEqual([]);
    expect(statesOf(older.sha)).toEqual(["pending", "failure"]);
    expect(commentsOn(older.number)).toEqual([]);
  });

  it("fails where the check ended well and there is no deployment", async () => {
    const pull = await pushed();
    expect((await failure(run((await checked(pull)).context))).code).toBe("deployment-missing");
    expect(statesOf(pull.sha)).toEqual(["pending", "failure"]);
  });

  it("takes no upload of that commit for Cloudflare's build", async () => {
    const pull = await pushed(open, "ad_hoc");
    expect((await failure(run((await checked(pull)).context))).code).toBe("deployment-missing");
    expect(living(pull.sha)).toHaveLength(1);
  });

  it.each([
    ["another app's check", { app: { slug: "cloudflare-lookalike", name: "Cloudflare" } }, "other-check"],
    ["a build that failed", { conclusion: "failure" }, "build-failed"],
    [
      "another project's build",
      { detailsUrl: "https://dash.cloudflare.com/?to=/a/pages/view/shop/1" },
      "other-project",
    ],
    [
      "a Worker's build",
      { detailsUrl: "https://dash.cloudflare.com/?to=/a/workers/services/view/x/production/builds/1" },
      "other-project",
    ],
  ] satisfies [string, Partial<CheckRun>, string][])(
    "has nothing to do for %s",
    async (_, changes, reason) => {
      const pull = await pushed();
      const { context, log } = await checked(pull, changes);
      await run(context);
      expect(log.lines.map(({ level, text }) => [level, text.includes(`(${reason})`)])).toEqual([
        ["notice", true],
      ]);
      expect(statesOf(pull.sha)).toEqual([]);
      expect(stage.outputs).toMatchObject({ verified: "false", gated: "false" });
    },
  );

  it("is not content with a project that fails open", async () => {
    await patch({ deployment_configs: { preview: { fail_open: true } } });
    const pull = await pushed(gated);
    const error = await failure(run((await checked(pull)).context));
    await patch({ deployment_configs: { preview: { fail_open: false } } });
    expect(error.code).toBe("project-fails-open");
    expect(living(pull.sha)).toHaveLength(1);
  });

  it("is no business of cleanup's", async () => {
    const event = await checkRunEvent(stage.github.store, stage.github, stage.repository, {
      ...(await pushed()),
      app: { slug: cloudflareApp, name: "" },
      name: "",
      conclusion: "success",
      detailsUrl: "",
    });
    const { context } = stage.context({ ...stage.eventRun(event), INPUT_COMMAND: "cleanup" });
    expect((await failure(run(context))).code).toBe("event-unsupported");
  });
});
