import * as v from "valibot";
import { webSchema } from "../../../../../src/clients/graph-model.ts";
import { CommandFault } from "../../fault.ts";
import type { SetupContext } from "../context.ts";
import { markOf, type SetupNames } from "../names.ts";
import { eventually, graphOf, parsed, untilSeen } from "./graph.ts";

export type Kind = "gate" | "automation" | "test";

const list = v.array(v.unknown());
const uris = v.nullish(v.object({ redirectUris: v.fallback(v.array(v.string()), []) }));

const applicationSchema = v.object({
  id: v.string(),
  appId: v.string(),
  displayName: v.string(),
  tags: v.array(v.string()),
  signInAudience: v.string(),
  web: webSchema,
  spa: uris,
  publicClient: uris,
  appRoles: v.array(v.object({ id: v.string(), value: v.nullish(v.string()), isEnabled: v.boolean() })),
  passwordCredentials: list,
  keyCredentials: list,
  requiredResourceAccess: v.array(
    v.object({
      resourceAppId: v.string(),
      resourceAccess: v.array(v.object({ id: v.string(), type: v.string() })),
    }),
  ),
});
const select = Object.keys(applicationSchema.entries).join(",");

export type Application = v.InferOutput<typeof applicationSchema>;

const principalSchema = v.object({
  id: v.string(),
  appId: v.string(),
  appRoleAssignmentRequired: v.fallback(v.boolean(), false),
  passwordCredentials: list,
  keyCredentials: list,
});
export type Principal = v.InferOutput<typeof principalSchema>;

const ownerSchema = v.object({ id: v.string(), displayName: v.nullish(v.string()) });
export const credentialSchema = v.object({
  id: v.string(),
  issuer: v.string(),
  subject: v.string(),
  audiences: v.array(v.string()),
  description: v.nullish(v.string()),
});

/** The tag of one application. */
export function tagOf(names: SetupNames, kind: Kind): string {
  return `${markOf(names)}/${kind}`;
}

/** The tag of what one repository's setup has made: another one that uses it too must not take it away. */
export function forRepository({ repository }: Pick<SetupNames, "repository">): string {
  return `entra-gate-setup-for:${repository.toLowerCase()}`;
}

export function applicationByClientId(
  context: SetupContext,
  appId: string,
): Promise<Application | undefined> {
  return graphOf(context).get(
    {
      path: `/applications(appId='${appId}')?$select=${select}`,
      name: "/applications(appId='{appId}')",
    },
    applicationSchema,
  );
}

export function applicationsByTag(context: SetupContext, tag: string): Promise<Application[]> {
  return graphOf(context).list(
    {
      path: `/applications?$filter=${encodeURIComponent(`tags/any(t:t eq '${tag}')`)}&$select=${select}`,
      name: "/applications",
    },
    applicationSchema,
  );
}

export function principalByClientId(context: SetupContext, appId: string): Promise<Principal | undefined> {
  return graphOf(context).get(
    {
      path: `/servicePrincipals(appId='${appId}')?$select=${Object.keys(principalSchema.entries).join(",")}`,
      name: "/servicePrincipals(appId='{appId}')",
    },
    principalSchema,
  );
}

/** @param at `/applications/{object id}` or `/servicePrincipals/{object id}` */
export function ownersOf(context: SetupContext, at: string) {
  return graphOf(context).list(
    { path: `${at}/owners`, name: `${at.replace(/\/[^/]+$/, "/{id}")}/owners` },
    ownerSchema,
  );
}

export function credentialsOf(context: SetupContext, id: string) {
  return graphOf(context).list(
    {
      path: `/applications/${id}/federatedIdentityCredentials`,
      name: "/applications/{id}/federatedIdentityCredentials",
    },
    credentialSchema,
  );
}

/** Registers an application with setup's tag, and waits until it is to be seen everywhere. */
export async function createApplication(
  context: SetupContext,
  kind: Kind,
  fields: Readonly<Record<string, unknown>> & { readonly displayName: string },
): Promise<Application> {
  const body = {
    ...fields,
    signInAudience: "AzureADMyOrg",
    tags: [tagOf(context.names, kind), forRepository(context.names)],
    notes: `Made by entra-gate setup for ${context.names.repository}. Docs: setup.md of pages-plugin-entra-gate.`,
  };
  const call = { path: "/applications", name: "/applications" };
  const made = parsed(
    await graphOf(context).send("POST", call, body),
    "POST /applications",
    v.object({ appId: v.string() }),
  );
  const application = await untilSeen(context, () => applicationByClientId(context, made.appId));
  if (application === undefined)
    throw new CommandFault(
      "setup-unsettled",
      `Application ${made.appId} was made and is not to be seen yet.`,
    );
  return application;
}

export async function createPrincipal(context: SetupContext, appId: string): Promise<void> {
  const call = { path: "/servicePrincipals", name: "/servicePrincipals" };
  await eventually(context, async () => {
    if ((await principalByClientId(context, appId)) !== undefined) return;
    await graphOf(context).send("POST", call, { appId });
  });
  await untilSeen(context, () => principalByClientId(context, appId));
}
