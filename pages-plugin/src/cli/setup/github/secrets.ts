import sodium from "libsodium-wrappers";
import * as v from "valibot";
import { CommandFault } from "../../fault.ts";
import type { SetupContext } from "../context.ts";
import { type Call, github, read } from "./client.ts";

const secretSchema = v.object({ name: v.string(), updated_at: v.string() });
const keySchema = v.object({ key_id: v.string(), key: v.string() });

/** When a secret of the environment was last set, as GitHub writes it; undefined where there is none. Its value is told to nobody. */
export async function secretSince(context: SetupContext, name: string): Promise<string | undefined> {
  const call: Call = {
    method: "GET",
    path: `${path(context)}/${name}`,
    name: "/environments/{environment_name}/secrets/{secret_name}",
    takes: [404],
  };
  const answer = await github(context, call);
  return answer.status === 404 ? undefined : read(answer, call, secretSchema).updated_at;
}

/**
 * Sets a secret. It leaves this process sealed for the environment's key alone (libsodium's sealed box).
 *
 * @param value the secret itself
 * @throws CommandFault github-unreadable where the key is none
 * @see https://docs.github.com/rest/guides/encrypting-secrets-for-the-rest-api
 */
export async function setSecret(context: SetupContext, name: string, value: string): Promise<void> {
  const call: Call = {
    method: "GET",
    path: `${path(context)}/public-key`,
    name: "/environments/{environment_name}/secrets/public-key",
  };
  const { key_id, key } = read(await github(context, call), call, keySchema);
  await github(context, {
    method: "PUT",
    path: `${path(context)}/${name}`,
    name: "/environments/{environment_name}/secrets/{secret_name}",
    body: { key_id, encrypted_value: await sealed(key, value) },
  });
}

export async function deleteSecret(context: SetupContext, name: string): Promise<void> {
  await github(context, {
    method: "DELETE",
    path: `${path(context)}/${name}`,
    name: "/environments/{environment_name}/secrets/{secret_name}",
    takes: [404],
  });
}

async function sealed(key: string, value: string): Promise<string> {
  await sodium.ready;
  const base64 = sodium.base64_variants.ORIGINAL;
  try {
    return sodium.to_base64(sodium.crypto_box_seal(value, sodium.from_base64(key, base64)), base64);
  } catch {
    throw new CommandFault("github-unreadable", "GitHub's public key for the environment's secrets is none.");
  }
}

function path({ names }: SetupContext): string {
  return `/environments/${encodeURIComponent(names.environment)}/secrets`;
}
