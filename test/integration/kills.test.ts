import { afterAll, beforeAll, describe, it } from "vitest";
import { type Company, runLimit } from "./company.ts";
import { type Point, pointName } from "./kills/kill-switch.ts";
import { closed, emptyWorld, type Occasion, pullRequest } from "./kills/scenarios.ts";
import { numbersOf, seed } from "./kills/seed.ts";
import { tryKill, type Undisturbed, undisturbed } from "./kills/try-kill.ts";

type Step = (company: Company, before: Occasion | undefined) => Promise<Occasion>;

/** One after the other in one world. */
const steps: Readonly<Record<string, Step>> = {
  "a first push": (company) => emptyWorld.happen(company),
  "a pull request": (company) => pullRequest(company),
  "its end": (company, opened) => closed(company, opened as Occasion),
};

let company: Company;
let happened: Occasion | undefined;
const calm = new Map<string, Undisturbed>();

beforeAll(async () => {
  const other = await emptyWorld.start();
  let before: Occasion | undefined;
  for (const [name, happen] of Object.entries(steps)) {
    before = await happen(other, before);
    calm.set(name, await undisturbed(other, before));
  }
  await other.close();
  company = await emptyWorld.start();
}, 2 * runLimit);
afterAll(() => company?.close());

/** One of all the calls that `npm run test:matrix` tries; ENTRA_GATE_SEED=… draws the same again. */
describe(`the action, killed at a call and run again (seed ${seed})`, () => {
  const next = numbersOf(seed);

  it.each(Object.entries(steps))(
    "%s ends as it does undisturbed",
    async (name, happen) => {
      const undisturbedOne = calm.get(name) as Undisturbed;
      const { points } = undisturbedOne;
      const point = points[Math.floor(next() * points.length)] as Point;
      console.log(`seed ${seed}: ${name}, killed ${pointName(point)}`);
      happened = await happen(company, happened);
      await tryKill(company, happened, point, undisturbedOne);
    },
    runLimit,
  );
});
