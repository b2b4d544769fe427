import { hostFederation } from "../../../contract/names/federation.ts";
import { variables } from "../../../contract/names/variables.ts";
import { ticketAlgorithm } from "../../../contract/tickets/claims.ts";
import { assertionProof, type ClientProof } from "../oidc/client-proof.ts";
import {
  type ClientSettings,
  type Env,
  mustName,
  readClientSettings,
  readKeys,
  textOf,
} from "../oidc/client-settings.ts";
import { importSigningKey, type SigningKey } from "../session/keys.ts";
import type { Database } from "./site-directory.ts";

/** What a sign-in host runs with: checked, keys imported. */
export interface HostSettings extends ClientSettings {
  /** Which credential is in use; public. */
  readonly entraKeyId: string;
  readonly signing: { readonly active: SigningKey; readonly all: readonly SigningKey[] };
  readonly database: Database;
  /** Digest of the code and settings that this deployment was made with. */
  readonly bundle: string;
}

export type HostSettingsResult =
  | { readonly ok: true; readonly settings: HostSettings }
  | { readonly ok: false; readonly problems: readonly string[] };

const ofSites = [variables.environment, variables.signInOrigin, variables.signInKeys];

/**
 * Reads the settings of a sign-in host and finds everything that is wrong with them at once.
 *
 * @param env variables, secrets and bindings as Pages hands them over
 * @param config what was baked into the deployment
 * @returns problems name variables and say what to write; they never quote a value
 */
export async function readHostSettings(
  env: Env,
  config: { readonly bundle: string },
): Promise<HostSettingsResult> {
  const problems: string[] = [];
  const text = (name: string): string => textOf(env, name);
  const wrong = (name: string, what: string): undefined => void problems.push(`${name} ${what}`);

  if (text(variables.role) !== "host") wrong(variables.role, "must be host");
  for (const name of ofSites)
    if (env[name] !== undefined) wrong(name, "is a site's setting and can't stand on a host");
  const entraKeyId = text(variables.entraKeyId);
  if (!/^[\w.-]{1,64}$/.test(entraKeyId)) wrong(variables.entraKeyId, "must name the credential in use");
  const database = isDatabase(env[variables.database])
    ? env[variables.database]
    : wrong(variables.database, "must be bound to the D1 database");
  if (typeof config.bundle !== "string" || config.bundle === "") wrong("config.js", "must name the bundle");

  const signing = await readKeys(env, variables.signingKeyPrefix, importSigningKey, problems);
  const active = signing.get(text(variables.signingActive)) ?? wrong(variables.signingActive, mustName);
  // What signs tickets signs the host's own token for Entra; their types and audiences have nothing in common.
  const federated = entraKeyId === hostFederation.keyId;
  const client = await readClientSettings(
    env,
    problems,
    federated && active ? (issuer) => federatedProof(issuer, active) : undefined,
  );

  if (problems.length > 0 || !client || !database || !active) return { ok: false, problems };
  return {
    ok: true,
    settings: {
      ...client,
      entraKeyId,
      signing: { active, all: [...signing.values()] },
      database: database as Database,
      bundle: config.bundle,
    },
  };
}

function federatedProof(issuer: string, { kid, privateKey: key }: SigningKey): ClientProof {
  const { subject, audience } = hostFederation;
  return assertionProof({ issuer, subject, audience, header: { alg: ticketAlgorithm, kid }, key });
}

function isDatabase(value: unknown): value is Database {
  return typeof value === "object" && value !== null && typeof (value as Database).prepare === "function";
}
