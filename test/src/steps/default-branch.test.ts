import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scheduleEvent, workflowDispatchEvent } from "../../../local/github/index.ts";
import { onDefaultBranch } from "../../../src/steps/default-branch.ts";
import { type Stage, startStage } from "../stage.ts";
import { failure } from "../support.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

const byHand = async (ref: string) =>
  workflowDispatchEvent(stage.github, stage.repository, {
    path: ".github/workflows/entra-gate-audit.yml",
    ref,
    inputs: {},
    actor: stage.repository.owner,
  });

describe("onDefaultBranch", () => {
  it("is told by the API what a schedule's payload does not say", async () => {
    const event = await scheduleEvent(stage.repository, "17 4 * * 1", stage.repository.owner);
    expect(event.payload).toEqual({ schedule: "17 4 * * 1" });
    const { context } = stage.context(stage.eventRun(event));
    expect(await onDefaultBranch(context)).toEqual({
      repository: { id: stage.repository.id, fullName: "acme/site" },
      name: "main",
      tip: stage.tip,
    });
  });

  it("takes a run by hand on the default branch, and on no other", async () => {
    const { context } = stage.context(stage.eventRun(await byHand("refs/heads/main")));
    expect((await onDefaultBranch(context)).tip).toBe(stage.tip);
    await stage.github.activities.push(stage.repository, {
      branch: "feature",
      files: { a: Buffer.from("a") },
    });
    await stage.github.activities.tag(stage.repository, "main", stage.tip);
    for (const ref of ["refs/heads/feature", "refs/tags/main"]) {
      const { context: elsewhere } = stage.context(stage.eventRun(await byHand(ref)));
      expect((await failure(onDefaultBranch(elsewhere))).code).toBe("branch-not-default");
    }
  });

  it("has nothing to do with a build", async () => {
    const { context } = stage.context(await stage.buildRun({}));
    expect((await failure(onDefaultBranch(context))).code).toBe("event-unsupported");
  });
});
