import { describe, expect, it } from "vitest";
import { ActionError } from "../../../../src/errors.ts";
import { type DeleteOptions, deleteOpen } from "../../../../src/steps/audit/delete-open.ts";
import type { Look } from "../../../../src/steps/audit/sighting.ts";
import { withoutGone } from "../../../../src/steps/audit/still-there.ts";
import { createTrail } from "../../../../src/steps/trail.ts";
import { FakeTime, recordingLog } from "../../support.ts";
import { looked } from "./fixtures.ts";

const open = { verdict: "open", reason: "/ answered 200", seen: [] } as const;
const nothing = { verdict: "nothing", reason: "nothing is deployed there", seen: [] } as const;
const closed = { verdict: "closed", reason: "refused by its gate", seen: [] } as const;

function setting(refusal?: ActionError) {
  const time = new FakeTime();
  const deleted: string[] = [];
  const context = {
    cloudflare: {
      async deleteDeployment(_: string, id: string) {
        if (refusal !== undefined) throw refusal;
        deleted.push(id);
      },
      hasDeployment: async (_: string, id: string) => !id.startsWith("gone"),
    },
    inputs: { projectName: "site" },
    log: recordingLog(),
    trail: createTrail({ app: "automation" } as never, time.now),
    now: time.now,
    sleep: time.sleep,
    deadline: { left: () => 600_000 },
  } as unknown as DeleteOptions["context"];
  const run = (all: Parameters<typeof looked>[0][], look: Look, left = 600_000) =>
    deleteOpen({ context, looked: all.map(looked), live: "live", left: () => left, look });
  return { context, deleted, run, time };
}
const origin = (id: string) => `https://${id}.site.pages.dev`;
const answers =
  (byId: Readonly<Record<string, typeof open | typeof nothing | typeof closed>>): Look =>
  async (asked) =>
    byId[new URL(asked).host.split(".")[0] ?? ""] ?? nothing;

describe("deleting what is open", () => {
  it("takes the oldest first, never the live production, and nothing that is closed or unproven", async () => {
    const { run, deleted, context } = setting();
    const { looked: left } = await run(
      [
        { id: "live", verdict: "open", environment: "production" },
        { id: "new", verdict: "open" },
        { id: "fine" },
        { id: "silent", verdict: "unproven" },
        { id: "old", verdict: "open" },
      ],
      answers({}),
    );
    expect(deleted).toEqual(["old", "new"]);
    expect(left.map(({ target }) => target.origin)).toEqual(["live", "fine", "silent"].map(origin));
    expect(context.trail.events).toHaveLength(2);
  });

  it("asks an alias again, which is its branch's deployment before", async () => {
    const { run } = setting();
    const { looked: left } = await run(
      [
        { id: "new", verdict: "open" },
        { id: "pr-1", verdict: "open", kind: "alias" },
      ],
      answers({ "pr-1": closed }),
    );
    expect(left.map(({ target, sighting }) => [target.origin, sighting.verdict])).toEqual([
      [origin("pr-1"), "closed"],
    ]);
  });

  it("waits for what goes on showing something, and says so in the end", async () => {
    const { run, time } = setting();
    const { deleted, looked: left } = await run([{ id: "new", verdict: "open" }], answers({ new: open }));
    expect(left).toMatchObject([{ sighting: { verdict: "open" }, deleted: true }]);
    expect(deleted).toEqual([{ id: "new", origin: origin("new"), lingers: true }]);
    expect(time.slept.length).toBeGreaterThan(5);
  });

  it.each([
    ["Cloudflare refuses", new ActionError("cloudflare-request-refused"), 600_000],
    ["the run's time is over in between", new ActionError("deadline-exceeded"), 600_000],
    ["there is no time left", undefined, 0],
  ])("leaves in the list what it could not delete: %s", async (_, refusal, left) => {
    const { run, deleted } = setting(refusal);
    const outcome = await run([{ id: "new", verdict: "open" }], answers({ new: open }), left);
    expect([deleted, outcome.deleted, outcome.looked.length]).toEqual([[], [], 1]);
  });
});

describe("what was deleted while the audit ran", () => {
  it("is left out where nothing is shown any more, and stays where something is", async () => {
    const { context } = setting();
    const all = [
      { id: "gone1", verdict: "unproven" as const },
      { id: "gone2", verdict: "open" as const },
      { id: "there", verdict: "unproven" as const },
      { id: "fine" },
    ].map(looked);
    const left = await withoutGone(context, all, answers({ gone2: open }), () => 600_000);
    expect(left.map(({ target }) => target.origin)).toEqual(["gone2", "there", "fine"].map(origin));
  });
});
