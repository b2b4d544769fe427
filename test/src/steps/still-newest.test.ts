import { expect, it } from "vitest";
import type { BuildContext } from "../../../src/context.ts";
import { decideTwice, requireNewest } from "../../../src/steps/still-newest.ts";
import type { Deployable, RunDecision } from "../../../src/steps/which-run.ts";
import { nothing } from "../../../src/steps/which-run.ts";
import { FakeTime, failure } from "../support.ts";

const commit = "a".repeat(40);
const later = "b".repeat(40);
const production: Deployable = { kind: "production", commit };
const preview: Deployable = { kind: "preview", commit, pullRequest: 7, title: "", fork: false };

/** A GitHub that says one thing after the other, the last one for ever. */
function saying(...answers: readonly { sha: string; open?: boolean }[]) {
  const time = new FakeTime();
  let asked = 0;
  const next = async () => {
    const { sha, open = true } = answers[Math.min(asked, answers.length - 1)] ?? { sha: "" };
    asked += 1;
    return { sha, open };
  };
  const github = { pullRequestHead: next, branchTip: async () => (await next()).sha };
  const context = { github, build: { defaultBranch: "main" }, sleep: time.sleep } as unknown as BuildContext;
  return { context, asked: () => asked };
}

it.each([production, preview])("is asked once where it is the newest: $kind", async (decision) => {
  const { context, asked } = saying({ sha: commit });
  await requireNewest(context, decision);
  expect(asked()).toBe(1);
});

it.each([production, preview])("is not taken away for one answer that is behind: $kind", async (decision) => {
  const { context, asked } = saying({ sha: later }, { sha: commit });
  await requireNewest(context, decision);
  expect(asked()).toBe(2);
});

it.each([
  [production, { sha: later }],
  [preview, { sha: later }],
  [preview, { sha: commit, open: false }],
] as const)("is superseded where that is said twice: %j, %j", async (decision, answer) => {
  const { context } = saying(answer);
  expect((await failure(requireNewest(context, decision))).code).toBe("superseded");
});

it("decides again where something newer seems to have come, and only then", async () => {
  const time = new FakeTime();
  const decisions: RunDecision[] = [nothing("superseded", ""), production, nothing("fork", "")];
  const decide = async () => ({ decision: decisions.shift() ?? production });
  expect((await decideTwice(decide, time)).decision).toBe(production);
  expect((await decideTwice(decide, time)).decision).toMatchObject({ reason: "fork" });
  expect(time.slept).toHaveLength(1);
});
