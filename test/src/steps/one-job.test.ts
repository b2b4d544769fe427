import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Repository } from "../../../local/github/state/model.ts";
import { run } from "../../../src/run.ts";
import { type Stage, startStage } from "../stage.ts";
import { failure } from "../support.ts";
import { artifactOf } from "./fixtures.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

/** The job of a pull request that built the site and uploaded the artifact before this step. */
async function job(from: Repository, branch: string): Promise<Record<string, string>> {
  const { activities } = stage.github;
  const by = from.owner.login;
  const { sha } = await activities.push(from, { branch, files: { x: Buffer.from(branch) }, by });
  const { events } = await activities.openPullRequest(stage.repository, { branch, from, by });
  const event = events.find(({ name }) => name === "pull_request");
  if (event === undefined) throw new Error("no event");
  const built = { event: "pull_request", headBranch: branch, headSha: sha, headRepository: from };
  const same = await stage.buildRun(built, await artifactOf({ "assets/index.html": "<p>secret</p>" }));
  return { ...stage.eventRun(event), GITHUB_RUN_ID: String(Number(same["GITHUB_RUN_ID"]) - 1) };
}

describe("one job on pull_request", () => {
  it("deploys the artifact of its own run, and warns of what that lets people do", async () => {
    const { context, log } = stage.context(await job(stage.repository, "feature"));
    // There is no project yet: the artifact was found and read.
    expect((await failure(run(context))).code).toBe("project-missing");
    expect(log.lines.map(({ text }) => text).join("\n")).toContain("static, 2 files");
    expect(log.lines[0]).toMatchObject({ level: "warning", text: expect.stringContaining("docs/forks.md") });
  });

  it("deploys nothing of a fork, whatever the input says", async () => {
    const fork = await stage.github.fork(stage.repository, "mallory");
    const { context, log } = stage.context({ ...(await job(fork, "topic")), INPUT_FORKS: "label" });
    await run(context);
    expect(log.lines.map(({ level }) => level)).toEqual(["notice"]);
    expect(log.lines[0]?.text).toContain("(fork)");
    expect(stage.outputs).toMatchObject({ verified: "false", "deployment-id": "" });
  });
});
