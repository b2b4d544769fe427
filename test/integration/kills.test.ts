import { afterAll, beforeAll, describe, it } from "vitest";
import { type Company, runLimit } from "./company.ts";
import { type Point, pointName } from "./kills/kill-switch.ts";
import { scenarios } from "./kills/scenarios.ts";
import { numbersOf, seed } from "./kills/seed.ts";
import { tryKill, type Undisturbed, undisturbed } from "./kills/try-kill.ts";

/** One of all that `npm run test:matrix` tries; ENTRA_GATE_SEED=… draws the same again. */
describe.each(Object.entries(scenarios))(`%s, killed at a call (seed ${seed})`, (name, scenario) => {
  let company: Company;
  let calm: Undisturbed;
  let point: Point;

  beforeAll(async () => {
    company = await scenario.start();
    calm = await undisturbed(scenario, company);
    const [drawn] = [...calm.points].splice(Math.floor(numbersOf(seed)() * calm.points.length), 1);
    if (drawn === undefined) throw new Error(`no call of ${name}`);
    point = drawn;
    if (scenario.uses === 1) {
      await company.close();
      company = await scenario.start();
    }
  }, 2 * runLimit);
  afterAll(() => company?.close());

  it(
    "ends as it does undisturbed once it is run again",
    async ({ annotate }) => {
      await annotate(`seed ${seed}: ${pointName(point)}`);
      await tryKill(company, await scenario.happen(company), point, calm);
    },
    runLimit,
  );
});
