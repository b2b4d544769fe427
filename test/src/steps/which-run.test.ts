import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BuildEvent, BuildRun } from "../../../src/event.ts";
import { decideRun, previewBranch, type RepositoryFacts } from "../../../src/steps/which-run.ts";

const tip = "a".repeat(40);
const older = "b".repeat(40);
const here = { id: 1, fullName: "acme/site" };
const fork = { id: 2, fullName: "mallory/site" };

function event(run: Partial<BuildRun>): BuildEvent {
  return {
    repository: here,
    defaultBranch: "main",
    run: {
      id: 7,
      event: "push",
      status: "completed",
      conclusion: "success",
      headSha: tip,
      headBranch: "main",
      headRepository: here,
      repository: here,
      pullRequests: [],
      ...run,
    },
  };
}

const facts = (changes: Partial<RepositoryFacts> = {}): RepositoryFacts => ({
  tip,
  pullRequests: [],
  ...changes,
});

const pull = (number: number, changes = {}) => ({
  number,
  state: "open",
  headSha: tip,
  headRepositoryId: here.id,
  baseRepositoryId: here.id,
  title: "A change",
  labels: [] as string[],
  ...changes,
});

describe("decideRun for a merge group", () => {
  const queued = { event: "merge_group", headBranch: "gh-readonly-queue/main/pr-7-abc", headSha: older };

  it.each(["success", "failure", "cancelled", null])(
    "has it rehearsed, also where its build ended in %s",
    (conclusion) => {
      expect(decideRun(event({ ...queued, conclusion }), facts())).toEqual({ kind: "merge", commit: older });
    },
  );

  it.each([
    ["another repository's run", { repository: fork }, "foreign-repository"],
    ["another repository's branch", { headRepository: fork }, "foreign-repository"],
    ["a branch that is not the queue's", { headBranch: "main" }, "other-branch"],
    ["no branch", { headBranch: null }, "other-branch"],
    ["a build that goes on", { status: "in_progress" }, "not-completed"],
  ])("has nothing to do for %s", (_, changes, reason) => {
    expect(decideRun(event({ ...queued, ...changes }), facts())).toMatchObject({ kind: "nothing", reason });
  });
});

describe("decideRun for a push", () => {
  it("lets the tip of the default branch into production", () => {
    expect(decideRun(event({}), facts())).toEqual({ kind: "production", commit: tip });
  });

  it.each([
    ["an older commit", { headSha: older }, {}, "superseded"],
    ["another branch", { headBranch: "feature" }, {}, "other-branch"],
    ["a branch that differs in case", { headBranch: "MAIN" }, {}, "other-branch"],
    ["no branch", { headBranch: null }, {}, "other-branch"],
    ["a fork's branch of the same name", { headRepository: fork }, {}, "fork"],
    ["a deleted head repository", { headRepository: null }, {}, "fork"],
    ["a tag named like the default branch, at its tip", {}, { tagOfThatName: tip }, "tag"],
    ["a tag of that name that can't be told", {}, { tagOfThatName: "unknown" }, "tag"],
    ["a tag of that name elsewhere", { headSha: older }, { tagOfThatName: older }, "superseded"],
    ["another repository's run", { repository: fork }, {}, "foreign-repository"],
    ["a failed build", { conclusion: "failure" }, {}, "not-successful"],
    ["a build under way", { status: "in_progress", conclusion: null }, {}, "not-completed"],
    ["a schedule", { event: "schedule" }, {}, "other-event"],
    ["pull_request_target", { event: "pull_request_target" }, {}, "other-event"],
  ])("deploys nothing for %s", (_, run, changes, reason) => {
    expect(decideRun(event(run), facts(changes))).toMatchObject({ kind: "nothing", reason });
  });

  it("is not kept from the tip by a tag of that name elsewhere", () => {
    expect(decideRun(event({}), facts({ tagOfThatName: older })).kind).toBe("production");
  });
});

describe("decideRun for a pull request", () => {
  const run = { event: "pull_request", headBranch: "feature" };

  it("finds its number through the API", () => {
    expect(decideRun(event(run), facts({ pullRequests: [pull(7)] }))).toEqual({
      kind: "preview",
      commit: tip,
      pullRequest: 7,
      title: "A change",
      fork: false,
    });
  });

  it("never goes to production, whatever the head branch is called", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom("main", "MAIN", "pr-7", "$(x)", "\u202emain", "x".repeat(250))),
        (headBranch) => {
          const decision = decideRun(event({ ...run, headBranch }), facts({ pullRequests: [pull(7)] }));
          expect(decision).toMatchObject({ kind: "preview", pullRequest: 7 });
        },
      ),
    );
    expect(previewBranch(7)).toBe("pr-7");
  });

  it("prefers the number that the event names, else the lowest", () => {
    const pulls = { pullRequests: [pull(9), pull(7), pull(8)] };
    expect(decideRun(event(run), facts(pulls))).toMatchObject({ pullRequest: 7 });
    expect(decideRun(event({ ...run, pullRequests: [8] }), facts(pulls))).toMatchObject({ pullRequest: 8 });
    expect(decideRun(event({ ...run, pullRequests: [99] }), facts(pulls))).toMatchObject({ pullRequest: 7 });
  });

  it.each([
    ["a fork", { headRepository: fork }, [pull(7, { headRepositoryId: fork.id })], "fork"],
    ["a closed pull request", {}, [pull(7, { state: "closed" })], "no-pull-request"],
    [
      "a pull request of a fork with this branch's name",
      {},
      [pull(7, { headRepositoryId: 2 })],
      "no-pull-request",
    ],
    ["a pull request into another repository", {}, [pull(7, { baseRepositoryId: 2 })], "no-pull-request"],
    ["an older commit", {}, [pull(7, { headSha: older })], "superseded"],
    ["none at all", {}, [], "no-pull-request"],
  ])("deploys nothing for %s", (_, changes, pullRequests, reason) => {
    expect(decideRun(event({ ...run, ...changes }), facts({ pullRequests }))).toMatchObject({
      kind: "nothing",
      reason,
    });
  });

  describe("of a fork", () => {
    const forked = { ...run, headRepository: fork };
    const labelled = (changes = {}) =>
      pull(7, { headRepositoryId: fork.id, labels: ["entra-gate"], ...changes });
    const approved = (changes = {}) => facts({ forkApproved: true, pullRequests: [labelled(changes)] });

    it("is a preview where its commit was approved and the label is still on", () => {
      expect(decideRun(event(forked), approved())).toMatchObject({
        kind: "preview",
        pullRequest: 7,
        fork: true,
      });
    });

    it.each([
      ["not approved", facts({ pullRequests: [labelled()] }), "fork"],
      ["its label taken off", approved({ labels: ["docs"] }), "no-pull-request"],
      ["a newer commit", approved({ headSha: older }), "superseded"],
      ["a pull request of another fork", approved({ headRepositoryId: 3 }), "no-pull-request"],
    ])("deploys nothing for %s", (_, known, reason) => {
      expect(decideRun(event(forked), known)).toMatchObject({ kind: "nothing", reason });
    });

    it("deploys nothing where its repository is gone", () => {
      expect(decideRun(event({ ...run, headRepository: null }), approved())).toMatchObject({
        reason: "fork",
      });
    });
  });
});
