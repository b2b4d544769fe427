import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { start } from "../../src/start.ts";
import { type Stage, startStage } from "./stage.ts";
import { failure, type Recorded } from "./support.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

/** The step's variables with two sites in the place of one. */
function twoSites(env: Record<string, string>): Record<string, string> {
  const { "INPUT_PROJECT-NAME": _, ...rest } = env;
  return { ...rest, INPUT_PROJECTS: "docs: .\nshop: sites/shop" };
}

const titles = (log: Recorded, wanted: string) =>
  log.lines
    .filter(({ level }) => level === wanted)
    .map(({ text }) => text.split(": ").slice(0, 2).join(": "));
const each = () => JSON.parse(stage.outputs["projects"] ?? "{}");

async function opened(branch: string) {
  const { activities } = stage.github;
  await activities.push(stage.repository, { branch, files: { x: Buffer.from(branch) } });
  return (await activities.openPullRequest(stage.repository, { branch })).pull;
}

describe("a run for several sites", () => {
  it("goes on after one has failed, and tells of each in its own place", async () => {
    const pull = await opened("feature");
    const build = { event: "pull_request", headBranch: "feature", headSha: pull.headSha };
    const { around, log } = stage.surroundings(twoSites(await stage.buildRun(build)));
    const error = await failure(start(around));
    expect(error.code).toBe("projects-failed");
    expect(error.detail).toBe("docs: artifact-missing\nshop: policy-missing");
    expect(titles(log, "error")).toEqual([
      "Entra Gate (docs): artifact-missing",
      "Entra Gate (shop): policy-missing",
    ]);
    const statuses = stage.repository.statuses.filter(({ sha }) => sha === pull.headSha);
    expect(statuses.map(({ context, state }) => [context, state])).toEqual([
      ["Entra Gate (docs)", "pending"],
      ["Entra Gate (docs)", "failure"],
      ["Entra Gate (shop)", "pending"],
      ["Entra Gate (shop)", "failure"],
    ]);
    const comments = stage.repository.comments.filter(({ issue }) => issue === pull.number);
    expect(comments.map(({ body }) => body.split("\n")[0])).toEqual([
      "<!-- entra-gate docs -->",
      "<!-- entra-gate shop -->",
    ]);
    expect(stage.outputs).toMatchObject({ verified: "false", gated: "false", "deployment-url": "" });
    expect(stage.outputs["evidence-path"]?.split("\n").map((path) => path.replace(/.*\//, ""))).toEqual([
      "evidence-docs.json",
      "evidence-shop.json",
    ]);
    expect(each()).toMatchObject({ docs: { error: "artifact-missing" }, shop: { error: "policy-missing" } });
    expect(stage.outputs["summary"]).toContain("| ❌ | shop |");
  });

  it("cleans up after each when a pull request is closed", async () => {
    await stage.cloudflareProject("shop");
    const pull = await opened("closing");
    const events = await stage.github.activities.closePullRequest(stage.repository, pull.number);
    const event = events.find(({ name }) => name === "pull_request_target");
    if (event === undefined) throw new Error("no event");
    const { around, log } = stage.surroundings(twoSites(stage.eventRun(event)));
    await start(around);
    expect(titles(log, "notice")).toEqual(["Nothing to clean up: There is no project docs."]);
    expect(log.lines.at(-1)?.text).toContain(`pull request ${pull.number} is closed`);
    expect(each()).toEqual({ docs: {}, shop: {} });
  });

  it("has one clear error where the table itself is wrong", async () => {
    const { around } = stage.surroundings({ ...twoSites(await stage.buildRun({})), INPUT_PROJECTS: "docs" });
    expect((await failure(start(around))).code).toBe("inputs-invalid");
  });
});
