import { expect, it } from "vitest";
import { createDeadline } from "../../src/deadline.ts";
import { FakeTime, failure } from "./support.ts";

const minute = 60_000;

it("ends the work, leaves time to wrap up, and ends that, too", async () => {
  const time = new FakeTime();
  const deadline = createDeadline({
    work: 20 * minute,
    reserve: 8 * minute,
    now: time.now,
    sleep: time.sleep,
  });
  await deadline.sleep(19 * minute);
  expect((await failure(deadline.sleep(minute))).code).toBe("deadline-exceeded");
  expect(time.slept).toEqual([19 * minute]);

  deadline.wrapUp(5 * minute);
  await deadline.sleep(4 * minute);
  expect((await failure(deadline.sleep(minute))).code).toBe("deadline-exceeded");
  deadline.wrapUp(5 * minute);
  expect(deadline.left()).toBe(5 * minute);
  await time.sleep(4 * minute);
  deadline.wrapUp(5 * minute);
  expect(deadline.left()).toBe(minute);
  await time.sleep(2 * minute);
  expect(deadline.left()).toBe(0);
});

it("takes time away from a run that ended early", () => {
  const time = new FakeTime();
  const deadline = createDeadline({ work: 20 * minute, reserve: 0, now: time.now, sleep: time.sleep });
  deadline.wrapUp(2 * minute);
  expect(deadline.left()).toBe(2 * minute);
});
