import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PullRequest, Repository } from "../../../local/github/state/model.ts";
import { run } from "../../../src/run.ts";
import { approvalContext } from "../../../src/steps/fork-approval.ts";
import { type Stage, startStage } from "../stage.ts";
import { failure } from "../support.ts";
import { artifactOf } from "./fixtures.ts";

let stage: Stage;
let fork: Repository;
let count = 0;
beforeAll(async () => {
  stage = await startStage();
  fork = await stage.github.fork(stage.repository, "mallory");
  stage.repository.collaborators.set("mona", "write").set("terry", "read");
});
afterAll(() => stage.close());

/** A pull request of the fork, its newest commit built. */
async function opened(artifact?: Uint8Array): Promise<PullRequest> {
  count += 1;
  const { activities } = stage.github;
  const branch = `topic-${count}`;
  await activities.push(fork, { branch, files: { "x.txt": Buffer.from(branch) }, by: "mallory" });
  const { pull } = await activities.openPullRequest(stage.repository, { branch, from: fork, by: "mallory" });
  if (artifact !== undefined) await stage.buildRun({ ...built(pull), headSha: pull.headSha }, artifact);
  return pull;
}

const built = (pull: PullRequest) => ({
  event: "pull_request",
  headBranch: pull.head.branch,
  headRepository: fork,
});

const site = () => artifactOf({ "assets/index.html": "<p>secret</p>" });

async function labelled(pull: PullRequest, by = "mona", label = "entra-gate") {
  const events = await stage.github.activities.labelPullRequest(stage.repository, pull.number, label, by);
  const event = events.find(({ name }) => name === "pull_request_target");
  if (event === undefined) throw new Error("no event");
  return { ...stage.eventRun(event), INPUT_FORKS: "label" };
}

/** The code that a run ended with, or why it left everything alone. */
async function outcome(env: Record<string, string>): Promise<string> {
  const { context, log } = stage.context(env);
  try {
    await run(context);
  } catch (error) {
    return (error as { code: string }).code;
  }
  return /\(([\w-]+)\)$/.exec(log.lines.at(-1)?.text ?? "")?.[1] ?? "";
}

const approvals = (pull: PullRequest) =>
  stage.repository.statuses.filter(({ sha, context }) => sha === pull.headSha && context === approvalContext);

/** Where a run that may deploy ends here: there is no project for previews yet. */
const mayDeploy = "project-missing";

describe("the label on a fork's pull request", () => {
  it("set by somebody with write access approves the head commit, and deploys what was built of it", async () => {
    const pull = await opened(await site());
    expect(await outcome(await labelled(pull))).toBe(mayDeploy);
    expect(approvals(pull)).toMatchObject([{ state: "success", creator: { login: "github-actions[bot]" } }]);
  });

  it("set before the build has ended lets the build's own run deploy", async () => {
    const pull = await opened();
    expect(await outcome(await labelled(pull))).toBe("no-build-yet");
    const env = await stage.buildRun({ ...built(pull), headSha: pull.headSha }, await site());
    expect(await outcome({ ...env, INPUT_FORKS: "label" })).toBe(mayDeploy);
    expect(await outcome(env)).toBe("fork");
  });

  it("set by somebody who may only read is taken off again, and approves nothing", async () => {
    const pull = await opened(await site());
    const { context } = stage.context(await labelled(pull, "terry"));
    expect((await failure(run(context))).code).toBe("fork-approval-refused");
    expect([...pull.labels]).toEqual([]);
    expect(approvals(pull)).toEqual([]);
  });

  it("approves no newer commit: it comes off, and the newer commit's build deploys nothing", async () => {
    const pull = await opened(await site());
    const late = await labelled(pull);
    const approved = pull.headSha;
    const { events } = await stage.github.activities.push(fork, {
      branch: pull.head.branch,
      files: { "x.txt": Buffer.from("swapped") },
      by: "mallory",
    });
    const env = await stage.buildRun({ ...built(pull), headSha: pull.headSha }, await site());
    // The build's run may come before the one that takes the label off.
    expect(await outcome({ ...env, INPUT_FORKS: "label" })).toBe("fork");
    expect(await outcome(late)).toBe("superseded");
    expect([...pull.labels]).toEqual([]);
    expect(
      stage.repository.statuses.some(({ sha, context }) => sha === approved && context === approvalContext),
    ).toBe(false);
    pull.labels.add("entra-gate");
    const moved = events.find(({ name }) => name === "pull_request_target");
    if (moved === undefined) throw new Error("no event");
    expect(await outcome({ ...stage.eventRun(moved), INPUT_FORKS: "label" })).toBe("newer-commit");
    expect([...pull.labels]).toEqual([]);
  });

  it("taken off before the build's run is an approval no more", async () => {
    const pull = await opened();
    await outcome(await labelled(pull));
    pull.labels.clear();
    const env = await stage.buildRun({ ...built(pull), headSha: pull.headSha }, await site());
    expect(await outcome({ ...env, INPUT_FORKS: "label" })).toBe("no-pull-request");
  });

  it("lets no code in", async () => {
    const pull = await opened(
      await artifactOf({ "assets/index.html": "x", "worker/index.js": "export default {};" }),
    );
    expect(await outcome(await labelled(pull))).toBe("fork-not-static");
  });

  it("means nothing where forks are never let in, on a branch of this repository, or called otherwise", async () => {
    const pull = await opened(await site());
    expect(await outcome(await labelled(pull, "mona", "docs"))).toBe("no-approval");
    expect(await outcome({ ...(await labelled(pull)), INPUT_FORKS: "never" })).toBe("fork");
    const { activities } = stage.github;
    await activities.push(stage.repository, { branch: "own", files: { "y.txt": Buffer.from("y") } });
    const own = await activities.openPullRequest(stage.repository, { branch: "own" });
    expect(await outcome(await labelled(own.pull))).toBe("no-fork");
    expect(approvals(pull)).toEqual([]);
  });

  it("is not replaced by a status that somebody else set", async () => {
    const pull = await opened();
    pull.labels.add("entra-gate");
    const status = {
      state: "success",
      context: approvalContext,
      description: null,
      targetUrl: null,
    } as const;
    const more = { id: 1, sha: pull.headSha, creator: fork.owner, createdAt: 0 };
    stage.repository.statuses.push({ ...status, ...more });
    const env = await stage.buildRun({ ...built(pull), headSha: pull.headSha }, await site());
    expect(await outcome({ ...env, INPUT_FORKS: "label" })).toBe("fork");
  });
});
