import { type Cloud, clouds } from "../../../contract/names/clouds.ts";
import { hostEndpoints } from "../../../contract/names/endpoints.ts";
import { variables } from "../../../contract/names/variables.ts";
import { parseOrigin } from "../http/origin.ts";
import { type CookieKeys, importCookieKey } from "../session/keys.ts";
import { type ClientProof, certificateProof, secretProof } from "./client-proof.ts";
import { entraEndpoints } from "./endpoints.ts";
import type { EntraClient } from "./redeem.ts";

/** Variables, secrets and bindings as the platform hands them over. */
export type Env = Readonly<Record<string, unknown>>;

/** What signs people in at Entra, whether for others or for itself. */
export interface ClientSettings extends EntraClient {
  /** Where it answers, and nowhere else. */
  readonly origin: string;
  readonly cookieKeys: CookieKeys;
}

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const originShape = "must be an origin without a path: https, or http on .localhost";
export const mustName = "must name one of the keys that are set";

/** A variable's text; what is no text is as good as missing. */
export function textOf(env: Env, name: string): string {
  const value = env[name];
  return typeof value === "string" ? value : "";
}

/**
 * Reads origin, application, cloud and cookie keys and finds everything that is wrong with them at once.
 *
 * @param problems gets a line for each: names variables and says what to write; never quotes a value
 * @param ownProof makes the proof of a role that needs neither secret nor key of its own
 * @returns undefined where there is any problem among these
 */
export async function readClientSettings(
  env: Env,
  problems: string[],
  ownProof?: (origin: string) => ClientProof,
): Promise<ClientSettings | undefined> {
  const text = (name: string): string => textOf(env, name);
  const wrong = (name: string, what: string): undefined => void problems.push(`${name} ${what}`);

  const origin = parseOrigin(text(variables.hostOrigin)) ?? wrong(variables.hostOrigin, originShape);
  const tenantId = guidOf(text(variables.tenantId)) ?? wrong(variables.tenantId, "must be the tenant's GUID");
  const clientId =
    guidOf(text(variables.clientId)) ?? wrong(variables.clientId, "must be the application's GUID");
  const cloud = cloudOf(text, wrong);
  const byId = await readKeys(env, variables.cookieKeyPrefix, importCookieKey, problems);
  const active = text(variables.cookieActive);
  const named = byId.has(active) || wrong(variables.cookieActive, mustName);

  const entra = cloud && entraEndpoints(cloud.authority, tenantId ?? "");
  const prove = ownProof
    ? withoutSecret(text, wrong) && ownProof(origin ?? "")
    : await proofOf(text, clientId ?? "", entra?.token ?? "", wrong);

  if (!origin || !tenantId || !clientId || !prove || !cloud || !entra || !named) return undefined;
  return {
    origin,
    tenantId,
    clientId,
    prove,
    entra,
    graph: cloud.graph,
    redirectUri: origin + hostEndpoints.callback,
    cookieKeys: { active, byId },
  };
}

/** Whether neither is set, where none is used. */
function withoutSecret(
  text: (name: string) => string,
  wrong: (name: string, what: string) => undefined,
): boolean {
  const set = [variables.clientSecret, variables.clientKey].filter((name) => text(name) !== "");
  for (const name of set) wrong(name, `can't be set where ${variables.entraKeyId} is federated`);
  return set.length === 0;
}

/** Secret or key: one of them, since a second one would be used by nobody and forgotten. */
async function proofOf(
  text: (name: string) => string,
  clientId: string,
  endpoint: string,
  wrong: (name: string, what: string) => undefined,
): Promise<ClientProof | undefined> {
  const [secret, key] = [text(variables.clientSecret), text(variables.clientKey)];
  if (secret !== "" && key !== "")
    return wrong(variables.clientKey, `can't be set beside ${variables.clientSecret}`);
  if (key === "") return secret === "" ? wrong(variables.clientSecret, "must be set") : secretProof(secret);
  try {
    return await certificateProof(key, clientId, endpoint);
  } catch (error) {
    return wrong(variables.clientKey, error instanceof TypeError ? error.message : "can't be read");
  }
}

function guidOf(value: string): string | undefined {
  return guid.test(value) ? value.toLowerCase() : undefined;
}

/** Where Entra and Graph answer: the cloud's own addresses, each unless a variable overrides it. */
function cloudOf(
  text: (name: string) => string,
  wrong: (name: string, what: string) => undefined,
): { readonly authority: string; readonly graph: string } | undefined {
  const name = text(variables.cloud);
  const cloud = Object.hasOwn(clouds, name) ? clouds[name as Cloud] : undefined;
  if (!cloud) wrong(variables.cloud, `must be one of ${Object.keys(clouds).join(", ")}`);
  const overridden = (variable: string, own: string | undefined): string | undefined =>
    text(variable) === "" ? own : (parseOrigin(text(variable)) ?? wrong(variable, originShape));
  const authority = overridden(variables.authority, cloud?.authority);
  const graph = overridden(variables.graphUrl, cloud?.graph);
  return authority && graph ? { authority, graph } : undefined;
}

/** Every key whose variable starts with a prefix, by the id that follows. */
export async function readKeys<Key>(
  env: Env,
  prefix: string,
  read: (kid: string, text: string) => Promise<Key>,
  problems: string[],
): Promise<Map<string, Key>> {
  const keys = new Map<string, Key>();
  for (const name of Object.keys(env).sort()) {
    if (!name.startsWith(prefix)) continue;
    const kid = name.slice(prefix.length);
    try {
      keys.set(kid, await read(kid, String(env[name])));
    } catch (error) {
      problems.push(`${name}: ${error instanceof TypeError ? error.message : "it can't be read"}`);
    }
  }
  return keys;
}
