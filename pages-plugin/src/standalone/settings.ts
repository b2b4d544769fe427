import { variables } from "../../../contract/names/variables.ts";
import { type ClientSettings, type Env, readClientSettings, textOf } from "../oidc/client-settings.ts";

export type StandaloneSettingsResult =
  | { readonly ok: true; readonly settings: ClientSettings }
  | { readonly ok: false; readonly problems: readonly string[] };

const ofSites = [variables.environment, variables.signInOrigin, variables.signInKeys];
const ofHosts = [variables.signingActive, variables.database];

/**
 * Reads the settings of a site that signs in for itself and finds everything that is wrong with them at once. What
 * belongs to another role contradicts them.
 *
 * @param env variables, secrets and bindings as the platform hands them over
 * @returns problems name variables and say what to write; they never quote a value
 */
export async function readStandaloneSettings(env: Env): Promise<StandaloneSettingsResult> {
  const problems: string[] = [];
  if (textOf(env, variables.role) !== "standalone")
    problems.push(`${variables.role} must be standalone, in production only`);
  const hostKeys = Object.keys(env).filter((name) => name.startsWith(variables.signingKeyPrefix));
  for (const name of ofSites) if (env[name] !== undefined) problems.push(foreign(name, "a site's"));
  for (const name of [...ofHosts, ...hostKeys])
    if (env[name] !== undefined) problems.push(foreign(name, "a sign-in host's"));
  const settings = await readClientSettings(env, problems);
  return settings && problems.length === 0 ? { ok: true, settings } : { ok: false, problems };
}

function foreign(name: string, whose: string): string {
  return `${name} is ${whose} setting and can't stand beside ${variables.role}=standalone`;
}
