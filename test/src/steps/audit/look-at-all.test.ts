import { describe, expect, it } from "vitest";
import { lookAtAll } from "../../../../src/steps/audit/look-at-all.ts";
import type { Look, Sighting } from "../../../../src/steps/audit/sighting.ts";
import { FakeTime, recordingLog } from "../../support.ts";
import { looked } from "./fixtures.ts";

const saw = (verdict: Sighting["verdict"]): Sighting => ({ verdict, reason: "", seen: [] });
const targets = (count: number) =>
  Array.from({ length: count }, (_, index) => looked({ id: String(index) }).target);

async function run(count: number, look: Look, left: (time: FakeTime) => number = () => 600_000) {
  const time = new FakeTime();
  const { now, sleep } = time;
  const log = recordingLog();
  const found = await lookAtAll(targets(count), { look, log, now, sleep, left: () => left(time) });
  return { verdicts: found.map(({ sighting }) => sighting.verdict), found, log, time };
}

describe("looking at every address", () => {
  it("asks again what is not clear, twice, and takes the last answer", async () => {
    const asked: string[] = [];
    const { verdicts } = await run(3, async (origin) => {
      asked.push(origin);
      const times = asked.filter((one) => one === origin).length;
      if (origin.includes("//1.")) return saw(times === 2 ? "open" : "unproven");
      return saw(origin.includes("//2.") ? "unproven" : "closed");
    });
    expect(verdicts).toEqual(["closed", "open", "unproven"]);
    expect(asked.length).toBe(1 + 2 + 3);
  });

  it("calls unproven what there was no time to ask, however closed it may be", async () => {
    let count = 0;
    const { verdicts } = await run(
      200,
      async () => {
        count += 1;
        return saw("closed");
      },
      () => (count < 50 ? 60_000 : 0),
    );
    expect(verdicts.filter((verdict) => verdict === "closed").length).toBe(count);
    expect(verdicts.filter((verdict) => verdict === "unproven").length).toBe(200 - count);
  });

  it("asks a few at once and tells how far it is", async () => {
    let running = 0;
    let most = 0;
    const { log } = await run(1_100, async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return saw("closed");
    });
    expect(most).toBeLessThanOrEqual(16);
    expect(log.lines.map(({ text }) => text)).toEqual([
      "500 of 1100 addresses asked.",
      "1000 of 1100 addresses asked.",
    ]);
  });
});
