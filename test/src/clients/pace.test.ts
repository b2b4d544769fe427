import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Http, HttpAnswer } from "../../../src/clients/http.ts";
import { paced } from "../../../src/clients/pace.ts";
import { FakeTime } from "../support.ts";

describe("paced", () => {
  it("never lets more through in any window than the limit, and no later than it must", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 30 }),
        async (limit, pauses) => {
          const time = new FakeTime(0);
          const sent: number[] = [];
          const http: Http = {
            async send() {
              sent.push(time.now());
              return {} as HttpAnswer;
            },
          };
          const slow = paced(http, { limit, window: 1_000, now: time.now, sleep: time.sleep });
          for (const pause of pauses) {
            await time.sleep(pause);
            await slow.send({} as never);
          }
          expect(sent).toHaveLength(pauses.length);
          for (const [index, at] of sent.entries()) {
            const before = sent[index - limit];
            if (before !== undefined) expect(at - before).toBeGreaterThanOrEqual(1_000);
          }
          const waited = time.slept.length - pauses.length;
          expect(waited).toBeLessThanOrEqual(pauses.length);
          if (pauses.length <= limit) expect(waited).toBe(0);
        },
      ),
    );
  });
});
