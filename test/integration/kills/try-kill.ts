import { expect } from "vitest";
import type { Company, Ran } from "../company.ts";
import { contentShown, endState, openAddresses } from "./end-state.ts";
import { type Point, pointsOf, runAndKill } from "./kill-switch.ts";
import type { Occasion, Scenario } from "./scenarios.ts";

type EndState = Awaited<ReturnType<typeof endState>>;

/** What a scenario comes to when nobody disturbs it. */
export interface Undisturbed {
  readonly points: readonly Point[];
  readonly state: EndState;
}

/** Runs a scenario once: which outside calls it makes, and what it leaves. The company is of use afterwards. */
export async function undisturbed(scenario: Scenario, company: Company): Promise<Undisturbed> {
  const occasion = await scenario.happen(company);
  const ran = await company.run(occasion.events);
  if (!succeeded(ran)) throw new Error(logOf(ran));
  return { points: pointsOf(ran.calls), state: await endState(company.world, occasion) };
}

/** Its answer is the only place where a new application's id stands. */
const applicationMade = "graph POST /v1.0/applications";

/**
 * Kills the action at one point of what happened and runs it again: nothing was open in between, and it all ends as it
 * does undisturbed. One exception: an application that Graph had made when the answer got lost is left, and another
 * one made, since anybody can register one that looks the same. Nobody can sign in to it.
 * @returns whether the run got to the point
 */
export async function tryKill(
  company: Company,
  occasion: Occasion,
  point: Point,
  { state }: Undisturbed,
): Promise<boolean> {
  const killed = await runAndKill(company, occasion.events, point);
  // Calls of parallel parts do not come in the same number every time.
  if (!killed.killed) expect(succeeded(killed), logOf(killed)).toBe(true);
  expect(await openAddresses(company.world)).toEqual([]);
  const again = await company.run(occasion.events, { attempt: 2 });
  expect(succeeded(again), logOf(again)).toBe(true);
  expect(await openAddresses(company.world)).toEqual([]);
  expect(contentShown(company.world)).toEqual([]);
  const left = point.call === applicationMade && point.when === "after" ? 1 : 0;
  const { entra } = state;
  const expected = { ...state, entra: { ...entra, applications: entra.applications + left } };
  expect(await endState(company.world, occasion)).toEqual(expected);
  return killed.killed;
}

function succeeded({ runs }: Ran): boolean {
  return runs.length > 0 && runs.every(({ conclusion }) => conclusion === "success");
}

function logOf({ runs }: Ran): string {
  return runs.flatMap(({ jobs }) => jobs.flatMap(({ steps }) => steps.map(({ log }) => log))).join("\n");
}
