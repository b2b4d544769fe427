import { afterAll, beforeAll, expect, it } from "vitest";
import { type Stage, startStage } from "../stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

const asked = () => stage.log.count("github", ({ path }) => path.startsWith("/idtoken/"));

it("asks GitHub for one ID token, as long as that lives, and for another where it was not taken", async () => {
  const { context } = stage.context(await stage.buildRun({}));
  const { automation, gate } = stage.entra.cast.applications;
  const token = () => context.entra.applicationToken(automation.appId, gate.appId);
  await context.entra.graphToken();
  expect(await token()).toHaveProperty("token");
  await expect.poll(asked).toBe(1);

  stage.clock.advance(5 * 60_000);
  expect(await token()).toHaveProperty("token");
  await expect.poll(asked).toBe(2);

  stage.entra.relapseFederation(1);
  expect(await token()).toHaveProperty("token");
  await expect.poll(asked).toBe(3);
});
