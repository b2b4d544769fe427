import { afterAll, describe, it } from "vitest";
import { type Company, runLimit } from "../integration/company.ts";
import { mayWrite, pointName } from "../integration/kills/kill-switch.ts";
import { type Scenario, scenarios } from "../integration/kills/scenarios.ts";
import { numbersOf, seed, shuffled } from "../integration/kills/seed.ts";
import { tryKill, undisturbed } from "../integration/kills/try-kill.ts";
import { timeLeft } from "./time.ts";

/**
 * Each outside call of each scenario: killed before it takes effect and, where it may change anything, after it did.
 * First those that may change something, then the others; where time ends before they do, the seed has drawn which.
 */
interface Lot {
  readonly company: Company;
  left: number;
}

const only = process.env["ENTRA_GATE_SCENARIO"];
const idle = new Map<Scenario, Lot[]>();
const chosen = Object.entries(scenarios).filter(([name]) => only === undefined || name === only);

const found = await Promise.all(
  chosen.map(async ([name, scenario]) => {
    const company = await scenario.start();
    const calm = await undisturbed(company, await scenario.happen(company));
    await giveBack(scenario, { company, left: scenario.uses - 1 });
    return calm.points.map((point) => ({ name, scenario, point, calm }));
  }),
);
const next = numbersOf(seed);
const combinations = shuffled(found.flat(), next).toSorted(
  (a, b) => Number(mayWrite(b.point.call)) - Number(mayWrite(a.point.call)),
);

async function giveBack(scenario: Scenario, lot: Lot): Promise<void> {
  if (lot.left <= 0) return lot.company.close();
  idle.set(scenario, [...(idle.get(scenario) ?? []), lot]);
}

describe.concurrent(`killed at a call and run again (seed ${seed})`, () => {
  afterAll(() => Promise.all([...idle.values()].flat().map(({ company }) => company.close())));

  for (const { name, scenario, point, calm } of combinations)
    it(
      `${name}: ${pointName(point)}`,
      async ({ skip }) => {
        if (!timeLeft()) skip("no time left");
        const lot = idle.get(scenario)?.shift() ?? { company: await scenario.start(), left: scenario.uses };
        const began = Date.now();
        let held = false;
        let reached = true;
        try {
          reached = await tryKill(lot.company, await scenario.happen(lot.company), point, calm);
          held = true;
        } catch (error) {
          console.log((error as { diff?: string }).diff ?? (error as Error).message);
          throw error;
        } finally {
          const seconds = Math.round((Date.now() - began) / 1000);
          const note = reached ? "" : ", never got there";
          console.log(`${held ? "✓" : "✗"} ${name}: ${pointName(point)}, ${seconds} s${note}`);
          // A company in which something went wrong is no measure for the next one.
          await giveBack(scenario, { company: lot.company, left: held ? lot.left - 1 : 0 });
        }
      },
      runLimit,
    );
});
