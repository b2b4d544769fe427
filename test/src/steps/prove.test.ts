import { afterAll, beforeAll, expect, it } from "vitest";
import { createDeadline, wrapUpTime } from "../../../src/deadline.ts";
import { prove } from "../../../src/steps/prove.ts";
import type { Draft } from "../../../src/steps/report-model.ts";
import { createTrail } from "../../../src/steps/trail.ts";
import { type Cloudflare, start } from "../../local/cloudflare/fixtures.ts";
import { failure } from "../support.ts";
import { fakeDeploys } from "./fake-wrangler.ts";
import { scratchFolder } from "./fixtures.ts";

const scratch = scratchFolder();
let cloudflare: Cloudflare;
beforeAll(async () => {
  cloudflare = await start();
});
afterAll(async () => {
  await cloudflare.close();
  scratch.remove();
});

/** A deployment that never names its bundle, checked by a run that has this long for its work, in milliseconds. */
async function proved(name: string, work: number) {
  const { run, left, bundle, target, deps, time, log } = await fakeDeploys(cloudflare, scratch, {
    name,
    productionBranch: "main",
  });
  const deployment = await run();
  const reserve = wrapUpTime.cover + wrapUpTime.report;
  const deadline = createDeadline({ work, reserve, now: time.now, sleep: time.sleep });
  const context = { log, now: time.now, sleep: deadline.sleep, trail: createTrail({} as never, time.now) };
  const draft = { subject: {}, changes: [], gated: false, verified: false } as unknown as Draft;
  const policy = bundle.config?.policy;
  const project = { name, subdomain: name, domains: [] };
  const error = await failure(
    prove(
      { context, project, policy, target, signIn: { origin: "" } } as never,
      bundle,
      deployment,
      { ...deps, sleep: deadline.sleep, wrapUp: () => deadline.wrapUp(wrapUpTime.cover) },
      draft,
    ),
  );
  return { error, left: left(), deadline };
}

it("covers and deletes what could not be shown to be closed by the end of the run's time", async () => {
  const { error, left, deadline } = await proved("late", 30_000);
  expect(error.code).toBe("deadline-exceeded");
  expect(left).toEqual([expect.stringMatching(/\] closed /)]);
  expect(deadline.left()).toBeGreaterThan(0);
});

it("covers and deletes what is not closed, within time of its own", async () => {
  const { error, left } = await proved("open", 20 * 60_000);
  expect(error.code).toBe("verify-open");
  expect(left).toEqual([expect.stringMatching(/\] closed /)]);
});
