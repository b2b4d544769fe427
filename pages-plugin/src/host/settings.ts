import { type Cloud, clouds } from "../../../contract/names/clouds.ts";
import { hostEndpoints } from "../../../contract/names/endpoints.ts";
import { variables } from "../../../contract/names/variables.ts";
import { parseOrigin } from "../http/origin.ts";
import { type EntraEndpoints, entraEndpoints } from "../oidc/endpoints.ts";
import { type CookieKeys, importCookieKey, importSigningKey, type SigningKey } from "../session/keys.ts";
import type { Database } from "./site-directory.ts";

/** What a sign-in host runs with: checked, keys imported. */
export interface HostSettings {
  readonly origin: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Which credential that is; public. */
  readonly entraKeyId: string;
  readonly entra: EntraEndpoints;
  /** Origin of Microsoft Graph in the same cloud. */
  readonly graph: string;
  /** The one redirect URI that Entra knows, for all sites. */
  readonly redirectUri: string;
  readonly signing: { readonly active: SigningKey; readonly all: readonly SigningKey[] };
  readonly cookieKeys: CookieKeys;
  readonly database: Database;
  /** Digest of the code and settings that this deployment was made with. */
  readonly bundle: string;
}

export type HostSettingsResult =
  | { readonly ok: true; readonly settings: HostSettings }
  | { readonly ok: false; readonly problems: readonly string[] };

type Env = Readonly<Record<string, unknown>>;

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
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
  const text = (name: string): string => (typeof env[name] === "string" ? env[name] : "");
  const wrong = (name: string, what: string): undefined => void problems.push(`${name} ${what}`);

  if (text(variables.role) !== "host") wrong(variables.role, "must be host");
  for (const name of ofSites)
    if (env[name] !== undefined) wrong(name, "is a site's setting and can't stand on a host");
  const origin = parseOrigin(text(variables.hostOrigin)) ?? wrong(variables.hostOrigin, originShape);
  const tenantId = guidOf(text(variables.tenantId)) ?? wrong(variables.tenantId, "must be the tenant's GUID");
  const clientId =
    guidOf(text(variables.clientId)) ?? wrong(variables.clientId, "must be the application's GUID");
  const clientSecret = text(variables.clientSecret) || wrong(variables.clientSecret, "must be set");
  const entraKeyId = text(variables.entraKeyId);
  if (!/^[\w.-]{1,64}$/.test(entraKeyId)) wrong(variables.entraKeyId, "must name the credential in use");
  const cloud = cloudOf(text, wrong);
  const database = isDatabase(env[variables.database])
    ? env[variables.database]
    : wrong(variables.database, "must be bound to the D1 database");
  if (typeof config.bundle !== "string" || config.bundle === "") wrong("config.js", "must name the bundle");

  const signing = await readKeys(env, variables.signingKeyPrefix, importSigningKey, problems);
  const signingActive =
    signing.get(text(variables.signingActive)) ?? wrong(variables.signingActive, mustName);
  const byId = await readKeys(env, variables.cookieKeyPrefix, importCookieKey, problems);
  const cookieActive = text(variables.cookieActive);
  if (!byId.has(cookieActive)) wrong(variables.cookieActive, mustName);

  if (problems.length > 0 || !origin || !tenantId || !clientId || !clientSecret)
    return { ok: false, problems };
  if (!cloud || !database || !signingActive) return { ok: false, problems };
  return {
    ok: true,
    settings: {
      origin,
      tenantId,
      clientId,
      clientSecret,
      entraKeyId,
      entra: entraEndpoints(cloud.authority, tenantId),
      graph: cloud.graph,
      redirectUri: origin + hostEndpoints.callback,
      signing: { active: signingActive, all: [...signing.values()] },
      cookieKeys: { active: cookieActive, byId },
      database: database as Database,
      bundle: config.bundle,
    },
  };
}

const originShape = "must be an origin without a path: https, or http on .localhost";
const mustName = "must name one of the keys that are set";

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

function isDatabase(value: unknown): value is Database {
  return typeof value === "object" && value !== null && typeof (value as Database).prepare === "function";
}

async function readKeys<Key>(
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
