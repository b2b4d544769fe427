import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PullRequest } from "../../../local/github/state/model.ts";
import { actionsBot } from "../../../local/github/state/store.ts";
import { run } from "../../../src/run.ts";
import { commentMarker } from "../../../src/steps/report-text.ts";
import { type Stage, startStage } from "../stage.ts";
import { failure } from "../support.ts";

let stage: Stage;
let count = 0;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

async function opened(): Promise<PullRequest> {
  count += 1;
  const { activities } = stage.github;
  const branch = `topic-${count}`;
  await activities.push(stage.repository, { branch, files: { x: Buffer.from(branch) } });
  return (await activities.openPullRequest(stage.repository, { branch })).pull;
}

/** The run of the workflow that listens to `pull_request_target: closed`. */
async function closed(pull: PullRequest): Promise<Record<string, string>> {
  const events = await stage.github.activities.closePullRequest(stage.repository, pull.number);
  const event = events.find(({ name }) => name === "pull_request_target");
  if (event === undefined) throw new Error("no event");
  return stage.eventRun(event);
}

/** The context's GitHub client writes what the action would have written when it deployed. */
async function deployed(pull: PullRequest, commit: string, pullRequest?: number): Promise<number> {
  const { github } = stage.context(
    stage.eventRun(
      (await stage.github.activities.labelPullRequest(stage.repository, pull.number, "x"))[0] as never,
    ),
  ).context;
  const wanted = {
    commit,
    environment: "site (preview)",
    production: false,
    description: "Behind Entra Gate",
  };
  const id = await github.createDeployment({
    ...wanted,
    ...(pullRequest === undefined ? {} : { pullRequest }),
  });
  await github.setDeploymentStatus(id, { state: "success", description: "closed" });
  return id;
}

const stateOf = (id: number) =>
  stage.repository.deployments.find((one) => one.id === id)?.statuses.at(-1)?.state;

function comment(pull: PullRequest, body: string, user = actionsBot): { readonly body: string } {
  const now = stage.clock.now();
  const made = {
    id: stage.github.store.nextId(),
    issue: pull.number,
    user,
    body,
    createdAt: now,
    updatedAt: now,
  };
  stage.repository.comments.push(made);
  return made;
}

describe("cleanup when a pull request is closed", () => {
  it("has nothing to do before there is a project", async () => {
    const { context, log } = stage.context(await closed(await opened()));
    await run(context);
    expect(log.lines.map(({ level, text }) => [level, text.split(":")[0]])).toEqual([
      ["notice", "Nothing to clean up"],
    ]);
  });

  it("makes its GitHub deployments inactive, nobody else's, and says so in its own comment", async () => {
    await stage.cloudflareProject("site");
    const [pull, other] = [await opened(), await opened()];
    const pushed = await deployed(pull, stage.tip, pull.number);
    const head = await deployed(pull, pull.headSha);
    const foreign = await deployed(other, other.headSha, other.number);
    const marker = commentMarker("site");
    const imitation = comment(pull, `${marker}\nlooks alike`, stage.repository.owner);
    const own = comment(pull, `${marker}\nclosed, 40 probes`);
    const { context } = stage.context(await closed(pull));
    await run(context);
    expect([pushed, head, foreign].map(stateOf)).toEqual(["inactive", "inactive", "success"]);
    expect(own.body).toContain("its preview is gone: 0 deployments deleted");
    expect(imitation.body).toContain("looks alike");
    expect(stage.outputs["summary"]).toContain("its preview is gone");
  });

  it("writes no comment where there was none", async () => {
    const pull = await opened();
    const before = stage.repository.comments.length;
    await run(stage.context(await closed(pull)).context);
    expect(stage.repository.comments.length).toBe(before);
  });

  it("leaves one alone that is open again", async () => {
    const pull = await opened();
    const id = await deployed(pull, pull.headSha, pull.number);
    const env = await closed(pull);
    pull.state = "open";
    const { context, log } = stage.context(env);
    await run(context);
    expect(log.lines.at(-1)?.text).toContain("open again");
    expect(stateOf(id)).toBe("success");
  });

  it("acts on nothing but a pull request's end", async () => {
    const pull = await opened();
    const [event] = await stage.github.activities.labelPullRequest(
      stage.repository,
      pull.number,
      "entra-gate",
    );
    const env = { ...stage.eventRun(event as never), INPUT_COMMAND: "cleanup" };
    expect((await failure(run(stage.context(env).context))).code).toBe("event-unsupported");
  });
});
