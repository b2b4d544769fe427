import * as v from "valibot";
import { CommandFault } from "../../fault.ts";
import type { SetupContext } from "../context.ts";
import { guid, type SetupNames } from "../names.ts";
import { graphOf } from "./graph.ts";
import { graphAppId } from "./texts.ts";

/** Who is asking, and where. */
export interface Tenant {
  readonly id: string;
  /** Object id of whoever is signed in. */
  readonly me: string;
  /** Object id of Microsoft Graph's service principal in this tenant. */
  readonly graphPrincipalId: string;
}

/** Ids that decide which application is meant; nothing else may, since anybody may register one of the same name. */
export type Pins = Pick<SetupNames, "tenantId" | "gateClientId" | "automationClientId" | "testClientId">;

const withId = v.object({ id: v.string() });
const kept = new WeakMap<SetupContext, { pins?: Promise<Pins>; tenant?: Promise<Tenant> }>();

function keptOf(context: SetupContext) {
  const one = kept.get(context) ?? {};
  kept.set(context, one);
  return one;
}

/** @throws CommandFault tenant-wrong, graph-unreadable, login-missing */
export function tenantOf(context: SetupContext): Promise<Tenant> {
  const one = keptOf(context);
  one.tenant ??= readTenant(context);
  return one.tenant;
}

/** What was given on the command line, else what the GitHub environment's variables name, where they can be read. */
export function pinsOf(context: SetupContext): Promise<Pins> {
  const one = keptOf(context);
  one.pins ??= readPins(context);
  return one.pins;
}

async function readTenant(context: SetupContext): Promise<Tenant> {
  const graph = graphOf(context);
  const [organization] = await graph.list(
    { path: "/organization?$select=id", name: "/organization" },
    withId,
  );
  const me = await graph.get({ path: "/me?$select=id", name: "/me" }, withId);
  const graphPrincipal = await graph.get(
    {
      path: `/servicePrincipals(appId='${graphAppId}')?$select=id`,
      name: "/servicePrincipals(appId='{appId}')",
    },
    withId,
  );
  if (organization === undefined || me === undefined || graphPrincipal === undefined)
    throw new CommandFault("graph-unreadable", "Microsoft Graph doesn't say which tenant or who this is.");
  const { tenantId } = await pinsOf(context);
  if (tenantId !== undefined && tenantId !== organization.id)
    throw new CommandFault(
      "tenant-wrong",
      `The login is to tenant ${organization.id}; this is set up in ${tenantId} (--tenant-id, or ENTRA_TENANT_ID of the GitHub environment). Run \`az login --tenant ${tenantId}\`.`,
    );
  return { id: organization.id, me: me.id, graphPrincipalId: graphPrincipal.id };
}

const variables: Readonly<Record<keyof Pins, string>> = {
  tenantId: "ENTRA_TENANT_ID",
  gateClientId: "ENTRA_GATE_CLIENT_ID",
  automationClientId: "ENTRA_AUTOMATION_CLIENT_ID",
  testClientId: "ENTRA_TEST_CLIENT_ID",
};

async function readPins(context: SetupContext): Promise<Pins> {
  const pins: Record<string, string> = {};
  for (const name of Object.keys(variables) as (keyof Pins)[]) {
    const value = context.names[name] ?? (await environmentVariable(context, variables[name]));
    if (value !== undefined) pins[name] = value.toLowerCase();
  }
  return pins;
}

/** Whoever has no login to GitHub, or may not read there, has to name the ids. */
async function environmentVariable(context: SetupContext, name: string): Promise<string | undefined> {
  const { http, logins, names, origins } = context;
  let token: string;
  try {
    token = await logins.token("github");
  } catch {
    return undefined;
  }
  const answer = await http.send({
    service: "GitHub",
    call: "GET /repos/{owner}/{repo}/environments/{environment_name}/variables/{name}",
    method: "GET",
    url: `${origins.github}/repos/${names.repository}/environments/${names.environment}/variables/${name}`,
    headers: {
      authorization: `Bearer ${token}`,
      accept: "application/vnd.github+json",
      "x-github-api-version": "2022-11-28",
    },
    expect: "json",
  });
  if (answer.status !== 200) return undefined;
  const found = v.safeParse(v.object({ value: v.pipe(v.string(), v.regex(guid)) }), answer.json());
  return found.success ? found.output.value : undefined;
}
