import { type Cloud, clouds } from "../../contract/names/clouds.ts";
import { variables } from "../../contract/names/variables.ts";
import type { DeploymentConfig, VariablePatch } from "../clients/cloudflare-model.ts";

/** What a sign-in host's plain variables are made from. */
export interface HostIdentity {
  readonly origin: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly authority: string;
  readonly graphUrl: string;
}

/** Variables of a project as they are stored; values of secrets can't be read. */
export type StoredVariables = NonNullable<DeploymentConfig["env_vars"]>;

/** Variables that belong to sites, or that only some clouds need: a host that has them without need won't start. */
export const mustGo = [
  variables.environment,
  variables.signInOrigin,
  variables.signInKeys,
  variables.authority,
  variables.graphUrl,
];

/**
 * The plain variables of a sign-in host beside those of its keys. Where authority and Graph are no known cloud's, they
 * stand beside it.
 * @param entraKeyId of the credential in use
 */
export function plainVariables(identity: HostIdentity, entraKeyId: string): Record<string, string> {
  const cloud = cloudOf(identity);
  return {
    [variables.role]: "host",
    [variables.hostOrigin]: identity.origin,
    [variables.tenantId]: identity.tenantId,
    [variables.clientId]: identity.clientId,
    [variables.cloud]: cloud ?? "global",
    ...(cloud === undefined
      ? { [variables.authority]: identity.authority, [variables.graphUrl]: identity.graphUrl }
      : {}),
    [variables.entraKeyId]: entraKeyId,
  };
}

function cloudOf({ authority, graphUrl }: HostIdentity): Cloud | undefined {
  const names = Object.keys(clouds) as Cloud[];
  return names.find((name) => clouds[name].authority === authority && clouds[name].graph === graphUrl);
}

/**
 * What a PATCH must set or remove so that the host has exactly these settings; secrets are set only when given anew.
 * Other variables stay as they are.
 * @param remove names of what else is to go
 */
export function variablesPatch(
  stored: StoredVariables,
  plain: Readonly<Record<string, string>>,
  newSecrets: Readonly<Record<string, string>>,
  remove: readonly string[],
): Record<string, VariablePatch> {
  const patch: Record<string, VariablePatch> = {};
  for (const [name, value] of Object.entries(plain)) {
    const there = stored[name];
    if (there?.type !== "plain_text" || there.value !== value) patch[name] = { type: "plain_text", value };
  }
  for (const [name, value] of Object.entries(newSecrets)) patch[name] = { type: "secret_text", value };
  for (const name of [...mustGo, ...remove]) if (stored[name] != null && !(name in plain)) patch[name] = null;
  return patch;
}

/** Whether settings that were read back have what was written. Values of secrets can't be read. */
export function hasVariables(
  stored: StoredVariables,
  plain: Readonly<Record<string, string>>,
  secretNames: readonly string[],
): boolean {
  return (
    Object.keys(variablesPatch(stored, plain, {}, [])).length === 0 &&
    secretNames.every((name) => stored[name]?.type === "secret_text")
  );
}
