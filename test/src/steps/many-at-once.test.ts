import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ActionContext } from "../../../src/context.ts";
import { makeClientCertificate } from "../../../src/steps/certificate.ts";
import { makeSecret } from "../../../src/steps/credential.ts";
import { configureApplication, findApplication } from "../../../src/steps/entra.ts";
import { migrate, writeSiteRow } from "../../../src/steps/site-row.ts";
import { type Stage, startStage } from "../stage.ts";

const repositories = 50;
/** Every so many of them have a certificate, whose array is replaced as a whole, too. */
const withCertificate = 10;
/** How much faster than a clock on the wall time goes here. */
const haste = 30;

let stage: Stage;
let context: ActionContext;
let database: string;
let ticking: NodeJS.Timeout;
const outcomes: PromiseSettledResult<void>[] = [];

const gateId = () => stage.entra.cast.applications.gate.appId;
const uri = (index: number) => `https://host-${index}.example/.auth/callback`;
const row = (index: number) => ({
  project: `site-${index}`,
  subdomain: `site-${index}.localhost`,
  origins: [`http://site-${index}.localhost`],
  entries: {},
});

/** What a push does at Entra and in the host's table, of one repository among many that were pushed to at once. */
async function configure(index: number): Promise<void> {
  const time = {
    now: () => stage.clock.now(),
    sleep: (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds / haste)),
    random: Math.random,
  };
  const deps = { ...context, ...time, runIsOver: async () => false };
  const wanted = { roles: [`Role.${index}`, "Shared.Role"], redirectUri: uri(index) };
  const owner = { host: `host-${index}`, runId: index };
  const configured = await configureApplication(deps, await findApplication(context.graph, gateId()), wanted);
  const make = index % withCertificate === 0 ? makeClientCertificate : makeSecret;
  await make(deps, configured.application, owner);
  await writeSiteRow(context.cloudflare, database, row(index), time.now());
  await configureApplication(deps, await findApplication(context.graph, gateId()), wanted);
}

beforeAll(async () => {
  stage = await startStage();
  context = stage.context(await stage.buildRun({})).context;
  Object.assign(stage.entra.propagation, { readMs: 1_000, secretMs: 1_500 });
  database = (await context.cloudflare.createDatabase("sites")).uuid;
  await migrate(context.cloudflare, database);
  await context.entra.graphToken();
  const every = 5;
  ticking = setInterval(() => stage.clock.advance(every * (haste - 1)), every);
  stage.entra.loseUpdates(5);
  const runs = Array.from({ length: repositories }, (_, index) => configure(index));
  outcomes.push(...(await Promise.allSettled(runs)));
}, 120_000);
afterAll(async () => {
  clearInterval(ticking);
  await stage.close();
});

describe(`${repositories} repositories that are pushed to at once, one application, replicas that are late`, () => {
  const application = () => stage.entra.directory.application(gateId());
  const all = Array.from({ length: repositories }, (_, index) => index);

  it("lets every one of them end well", () => {
    const failed = outcomes.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
    expect(failed).toEqual([]);
  });

  it("loses no redirect URI", () => {
    expect(application()?.web.redirectUris).toEqual(expect.arrayContaining(all.map(uri)));
  });

  it("loses no role, and makes none twice", () => {
    const roles = application()?.appRoles.map(({ value }) => value) ?? [];
    expect(roles).toEqual(expect.arrayContaining([...all.map((index) => `Role.${index}`), "Shared.Role"]));
    expect(new Set(roles).size).toBe(roles.length);
  });

  it("loses no secret and no certificate", () => {
    const { passwordCredentials = [], keyCredentials = [] } = application() ?? {};
    const names = [...passwordCredentials, ...keyCredentials].map(({ displayName }) => displayName);
    for (const index of all)
      expect(names.filter((name) => name?.startsWith(`entra-gate host-${index} `))).toHaveLength(1);
  });

  it("loses no site", async () => {
    const rows = await context.cloudflare.query(database, "SELECT project FROM sites");
    expect(rows.map(({ project }) => project).toSorted()).toEqual(
      all.map((index) => row(index).project).toSorted(),
    );
  });
});
