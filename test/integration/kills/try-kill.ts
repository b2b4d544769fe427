import { expect } from "vitest";
import { demo } from "../../../local/world/demo.ts";
import type { Company, Ran } from "../company.ts";
import { contentShown, endState, openAddresses } from "./end-state.ts";
import { type Point, pointsOf, runAndKill } from "./kill-switch.ts";
import type { Occasion } from "./scenarios.ts";

type EndState = Awaited<ReturnType<typeof endState>>;

/** What an occasion comes to when nobody disturbs it. */
export interface Undisturbed {
  readonly points: readonly Point[];
  readonly state: EndState;
}

/** Lets what happened be dealt with undisturbed: which outside calls that makes, and what it leaves. */
export async function undisturbed(company: Company, occasion: Occasion): Promise<Undisturbed> {
  const ran = await company.run(occasion.events);
  if (!succeeded(ran)) throw new Error(logOf(ran));
  return { points: pointsOf(ran.calls), state: await endState(company.world, occasion) };
}

/**
 * Kills the action at one point of what happened and runs it again: nothing was open in between, and it all ends as it
 * does undisturbed. One exception: an application that Graph had made and of which nothing was kept is left, and another
 * one made, since anybody can register one that looks the same. Nobody can sign in to it.
 * @returns whether the run got to the point
 */
export async function tryKill(
  company: Company,
  occasion: Occasion,
  point: Point,
  { state }: Undisturbed,
): Promise<boolean> {
  const forgotten = forgottenApplications(company);
  const killed = await runAndKill(company, occasion.events, point);
  // Calls of parallel parts do not come in the same number every time.
  if (!killed.killed) expect(succeeded(killed), logOf(killed)).toBe(true);
  expect(await openAddresses(company.world)).toEqual([]);
  const left = forgottenApplications(company) - forgotten;
  const again = await company.run(occasion.events, { attempt: 2 });
  expect(succeeded(again), logOf(again)).toBe(true);
  expect(await openAddresses(company.world)).toEqual([]);
  expect(contentShown(company.world)).toEqual([]);
  const { entra } = state;
  const expected = { ...state, entra: { ...entra, applications: entra.applications + left } };
  expect(await endState(company.world, occasion)).toEqual(expected);
  return killed.killed;
}

/** Without a redirect URI, a credential or anybody who remembers their ids. */
function forgottenApplications({ world: { entra, cloudflare } }: Company): number {
  const { directory, cast } = entra;
  const known = Object.values(cast.applications).map(({ appId }) => appId as string);
  const variables = cloudflare.project(demo.signInHostProject)?.configs.production.env_vars;
  const remembered = [...known, variables?.["ENTRA_CLIENT_ID"]?.value];
  return [...directory.applications.values()].filter(
    ({ object: { current } }) =>
      !remembered.includes(current.appId) &&
      current.web.redirectUris.length + current.passwordCredentials.length === 0,
  ).length;
}

function succeeded({ runs }: Ran): boolean {
  return runs.length > 0 && runs.every(({ conclusion }) => conclusion === "success");
}

function logOf({ runs }: Ran): string {
  return runs.flatMap(({ jobs }) => jobs.flatMap(({ steps }) => steps.map(({ log }) => log))).join("\n");
}
