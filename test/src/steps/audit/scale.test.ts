import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scheduleEvent } from "../../../../local/github/index.ts";
import { runCleanup } from "../../../../src/commands/cleanup.ts";
import { audit } from "../../../../src/steps/audit/audit.ts";
import { countVerdicts } from "../../../../src/steps/audit/result.ts";
import type { Look } from "../../../../src/steps/audit/sighting.ts";
import { type Stage, startStage } from "../../stage.ts";

/** Cloudflare's: so many calls in any five minutes. */
const limit = { calls: 1_200, window: 300_000 };
const numbers = { deployments: 10_000, open: 200, closed: 20 };
const ofClosed = numbers.closed * 43;
/** Of those that nobody closed, every so many shows something. */
const openEvery = 60;

let stage: Stage;
/** When Cloudflare was called, on the clock of the stage. */
const sent: number[] = [];

/** One in sixty deployments is open until it is deleted. */
const look: Look = async (origin, expected) => {
  const label = new URL(origin).host.split(".")[0] ?? "";
  const index = byLabel.get(label);
  if (index === undefined || index % openEvery !== 0)
    return { verdict: "closed", reason: "refused by its gate", seen: [] };
  return expected.mayBeEmpty === true
    ? { verdict: "nothing", reason: "nothing is deployed there", seen: [] }
    : { verdict: "open", reason: "/ answered 200, and not by the gate", seen: [] };
};
const byLabel = new Map<string, number>();

beforeAll(async () => {
  stage = await startStage();
  const { cloudflare, clock, repository, faults } = stage;
  await stage.cloudflareProject("site");
  Object.assign(cloudflare.timing, { deploy: 0, linger: 0 });
  const branches = [
    ...Array.from({ length: ofClosed }, (_, index) => `pr-${numbers.open + 1 + (index % numbers.closed)}`),
    ...Array.from(
      { length: numbers.deployments - ofClosed - 1 },
      (_, index) => `pr-${1 + (index % numbers.open)}`,
    ),
    "main",
  ];
  cloudflare.seed(
    "site",
    branches.map((branch) => ({
      branch,
      message: `[entra-gate ${"0".repeat(32)}] x`,
      answer: (_, response) => response.writeHead(401, { "x-entra-gate-code": "sign-in-required" }).end(),
    })),
  );
  for (const [index, { shortId }] of cloudflare.deployments("site").entries()) byLabel.set(shortId, index);
  clock.advance(1_000);
  const now = clock.now();
  for (let number = 1; number <= numbers.open; number += 1)
    repository.pulls.set(number, {
      id: stage.github.store.nextId(),
      number,
      title: `Pull request ${number}`,
      user: repository.owner,
      head: { repository, branch: `branch-${number}` },
      headSha: stage.tip,
      base: "main",
      state: "open",
      mergedAt: undefined,
      mergeCommit: undefined,
      labels: new Set(),
      createdAt: now,
      updatedAt: now,
      closedAt: undefined,
    });
  const take = faults.take.bind(faults);
  faults.take = (arrival) => {
    if (arrival.service === "cloudflare") sent.push(clock.now());
    return take(arrival);
  };
});
afterAll(() => stage.close());

async function start(inputs: Readonly<Record<string, string>>) {
  // What the run before used up of the limit is over by then.
  stage.clock.advance(limit.window);
  sent.length = 0;
  const event = await scheduleEvent(stage.repository, "17 5 * * *", stage.repository.owner);
  const given = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
  const began = stage.clock.now();
  const { context, log } = stage.context({ ...stage.eventRun(event), ...Object.fromEntries(given) });
  const progress = (words: RegExp) => log.lines.filter(({ text }) => words.test(text)).length;
  return { context, progress, took: () => stage.clock.now() - began };
}

/** The most calls in any five minutes. */
function busiest(): number {
  let first = 0;
  return Math.max(
    ...sent.map((at, index) => {
      while (at - (sent[first] ?? 0) >= limit.window) first += 1;
      return index - first + 1;
    }),
  );
}

describe(`${numbers.deployments} deployments of ${numbers.open} open pull requests`, () => {
  it("are cleaned up by hand within Cloudflare's limit, with progress", async () => {
    const { context, progress, took } = await start({ "closed-pull-requests": "true", "dry-run": "false" });
    await runCleanup(context);
    expect(
      stage.cloudflare.deployments("site").filter(({ deletedAt }) => deletedAt !== undefined),
    ).toHaveLength(ofClosed);
    // More than the limit allows at once.
    expect(sent.length).toBeGreaterThan(limit.calls);
    expect(busiest()).toBeLessThanOrEqual(limit.calls);
    expect(took()).toBeLessThan(20 * 60_000);
    expect([progress(/ deployments read\.$/) > 10, progress(/ deleted\.$/) >= 2]).toEqual([true, true]);
  });

  it("are audited within it, and those that are open deleted", async () => {
    const { context, progress, took } = await start({});
    const left = numbers.deployments - ofClosed;
    const open = [...byLabel.values()].filter((index) => index >= ofClosed && index % openEvery === 0).length;
    const audited = await audit(context, { tip: stage.tip, before: [], deleteUngated: true, look });
    expect([audited.listed.deployments.length, audited.listed.complete]).toEqual([left, true]);
    expect(audited.deleted.filter(({ lingers }) => !lingers)).toHaveLength(open);
    // Every deployment that is left, the aliases of the open pull requests, production.
    expect(countVerdicts(audited.looked)).toMatchObject({
      closed: left - open + numbers.open + 1,
      open: 0,
      unproven: 0,
    });
    expect(busiest()).toBeLessThanOrEqual(limit.calls);
    expect(took()).toBeLessThan(20 * 60_000);
    expect([progress(/ deployments read\.$/) > 10, progress(/ addresses asked\.$/) > 10]).toEqual([
      true,
      true,
    ]);
  });
});
