import { afterAll, beforeAll, expect, it } from "vitest";
import { type Stage, startStage } from "../stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

const refs = () =>
  stage.log.calls.filter(({ path }) => path.includes("/git/ref/")).map(({ status }) => status);

it("asks GitHub only whether something is still so, and hears of what is not", async () => {
  const { github } = stage.context(await stage.buildRun({})).context;
  expect([await github.branchTip("main"), await github.branchTip("main")]).toEqual([stage.tip, stage.tip]);
  await expect.poll(refs).toEqual([200, 304]);

  const files = { "new.txt": Buffer.from("new") };
  const { sha } = await stage.github.activities.push(stage.repository, { branch: "main", files });
  expect(await github.branchTip("main")).toBe(sha);
  await expect.poll(refs).toEqual([200, 304, 200]);
});
