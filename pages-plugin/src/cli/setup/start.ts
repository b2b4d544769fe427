import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Cloud } from "../../../../contract/names/clouds.ts";
import { createHttp } from "../../../../src/clients/http.ts";
import { nodeTransport } from "../../../../src/clients/transport.ts";
import type { Outcome } from "../outcome.ts";
import { askSecret, createSetupAsker } from "./ask.ts";
import type { Facts, SetupContext } from "./context.ts";
import { createLogins } from "./login/logins.ts";
import { checkNames, type Service, type SetupNames } from "./names.ts";
import { readOrigins } from "./origins.ts";
import { removeSetup } from "./remove.ts";
import { runSetup } from "./run.ts";
import { setupSteps } from "./steps.ts";

export interface SetupOptions {
  readonly cloud: Cloud;
  readonly policy: string;
  /** None: all. */
  readonly only: readonly Service[];
  readonly dryRun: boolean;
  readonly remove: boolean;
  readonly yes: boolean;
  readonly terminal: boolean;
  /** A token for Microsoft Graph that came on standard input. */
  readonly graphToken?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  tell(line: string): void;
}

/** A person may have to be fetched in between; a token lives an hour. */
const longest = 50 * 60_000;

/**
 * `entra-gate setup`: does once what a company needs, with the logins that are there; or takes it away again.
 *
 * @throws CommandFault setup-*, login-missing, and what the steps throw
 */
export async function setup(names: SetupNames, options: SetupOptions): Promise<Outcome> {
  checkNames(names);
  const { env, only, graphToken } = options;
  const origins = readOrigins(env, options.cloud);
  const now = () => Date.now();
  const until = now() + longest;
  const sleep = async (milliseconds: number) => void (await wait(milliseconds));
  const context: SetupContext = {
    names,
    origins,
    logins: createLogins({
      ...{ env, graph: origins.graph },
      ...(graphToken === undefined ? {} : { graphToken }),
      ...(options.terminal ? { askSecret } : {}),
    }),
    http: createHttp({
      ...{ transport: nodeTransport, now, sleep, random: Math.random, left: () => until - now() },
    }),
    facts: factsOf(names),
    ask: createSetupAsker(options.yes, options.terminal),
    policyFile: resolve(options.policy),
    now,
    sleep,
  };
  const steps = setupSteps(names).filter(
    ({ service }) =>
      (only.length === 0 || only.includes(service)) &&
      // There is nothing of setup's at Cloudflare, and nobody is to be asked for a token for that.
      !(options.remove && service === "cloudflare"),
  );
  const run = options.remove ? removeSetup : runSetup;
  return run(steps, context, { dryRun: options.dryRun, tell: options.tell });
}

/** Ids that were given are known without a look at Entra, for whoever does another service's part. */
function factsOf({ tenantId, gateClientId, automationClientId, testClientId }: SetupNames): Facts {
  const given = { tenantId, gateClientId, automationClientId, testClientId };
  return Object.fromEntries(Object.entries(given).filter(([, id]) => id !== undefined));
}
