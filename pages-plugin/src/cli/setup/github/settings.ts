import { CommandFault } from "../../fault.ts";
import type { SetupContext } from "../context.ts";
import type { Look, StepWork } from "../step.ts";
import { forgetMade, madeHere, rememberMade } from "./made.ts";
import { requireRepository } from "./repository.ts";
import { deleteSecret, secretSince, setSecret } from "./secrets.ts";
import { deleteVariable, setVariable, variablesOf } from "./variables.ts";

/** The environment's one secret. */
const secretName = "CLOUDFLARE_API_TOKEN";

/** What the action's workflow reads as `vars.…`; undefined where an earlier step is still to find it out. */
function wantedVariables({ names, facts }: SetupContext): Readonly<Record<string, string | undefined>> {
  return {
    ENTRA_TENANT_ID: facts.tenantId,
    ENTRA_AUTOMATION_CLIENT_ID: facts.automationClientId,
    ENTRA_GATE_CLIENT_ID: facts.gateClientId,
    ...(names.testRole === undefined ? {} : { ENTRA_TEST_CLIENT_ID: facts.testClientId }),
    CLOUDFLARE_PROJECT: names.project,
    SIGN_IN_HOST_PROJECT: names.signInHostProject,
    CLOUDFLARE_ACCOUNT_ID: names.accountId,
  };
}

/** The environment's variables and Cloudflare's token. */
export const settingsWork: StepWork = {
  async look(context): Promise<Look> {
    await requireRepository(context);
    const present = await variablesOf(context);
    const { missing, different } = compared(context, present);
    const since = await secretSince(context, secretName);
    if (since === undefined) missing.push(`secret ${secretName}`);
    if (different.length > 0) return { state: "differs", detail: different.join(", ") };
    if (missing.length > 0) return { state: "missing", detail: missing.join(", ") };
    return { state: "done", detail: `token set ${since?.slice(0, 10)}; it can't be read back` };
  },

  async apply(context) {
    const present = await variablesOf(context);
    const wanted = Object.entries(wantedVariables(context));
    const unknown = wanted.filter(([name, value]) => value === undefined && !present.has(name));
    if (unknown.length > 0)
      throw new CommandFault(
        "ids-unknown",
        `${unknown.map(([name]) => name).join(", ")}: known once the applications are there. Run it without --only, or give the ids: --tenant-id, --automation-client-id, --gate-client-id.`,
      );
    const changes: string[] = [];
    for (const [name, value] of wanted) {
      if (value === undefined || present.get(name) === value) continue;
      if (!present.has(name)) await rememberMade(context, [name]);
      await setVariable(context, name, value);
      changes.push(`variable ${name} = ${value}`);
    }
    if ((await secretSince(context, secretName)) === undefined) {
      const token = await context.logins.token("cloudflare");
      await rememberMade(context, [secretName]);
      await setSecret(context, secretName, token);
      changes.push(`secret ${secretName}`);
    }
    return changes;
  },

  async made(context) {
    const made = await madeHere(context);
    const present = await variablesOf(context);
    const variables = Object.keys(wantedVariables(context)).filter(
      (name) => made.has(name) && present.has(name),
    );
    const secret = made.has(secretName) && (await secretSince(context, secretName)) !== undefined;
    return [
      ...variables.map((name) => `variable ${name} of environment ${context.names.environment}`),
      ...(secret ? [`secret ${secretName} of environment ${context.names.environment}`] : []),
    ];
  },

  async remove(context) {
    const made = await madeHere(context);
    const variables = Object.keys(wantedVariables(context)).filter((name) => made.has(name));
    for (const name of variables) await deleteVariable(context, name);
    if (made.has(secretName)) await deleteSecret(context, secretName);
    await forgetMade(context, [...variables, secretName]);
  },
};

function compared(context: SetupContext, present: ReadonlyMap<string, string>) {
  const missing: string[] = [];
  const different: string[] = [];
  for (const [name, value] of Object.entries(wantedVariables(context))) {
    const is = present.get(name);
    if (is === undefined) missing.push(name);
    else if (value !== undefined && is !== value) different.push(`${name} is ${is}, not ${value}`);
  }
  return { missing, different };
}
