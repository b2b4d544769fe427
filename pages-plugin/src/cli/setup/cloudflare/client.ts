import { type CloudflareClient, createCloudflareClient } from "../../../../../src/clients/cloudflare.ts";
import { ActionError } from "../../../../../src/errors.ts";
import { CommandFault } from "../../fault.ts";
import type { SetupContext } from "../context.ts";
import { Denied } from "../step.ts";

/** The action's own client, with the token of whoever runs the command. */
export async function cloudflareOf(context: SetupContext): Promise<CloudflareClient> {
  const { http, logins, names, origins } = context;
  const token = await logins.token("cloudflare");
  const settings = { baseUrl: origins.cloudflare, token, accountId: names.accountId };
  return createCloudflareClient(http, settings, context.sleep);
}

/** @throws Denied, CommandFault login-refused; whatever else was thrown */
export async function asked<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    if (!(thrown instanceof ActionError)) throw thrown;
    if (thrown.code === "cloudflare-permission-missing") throw new Denied(thrown.detail);
    if (thrown.code === "cloudflare-token-refused")
      throw new CommandFault(
        "login-refused",
        `${thrown.detail}. Set CLOUDFLARE_API_TOKEN to a token that works.`,
      );
    throw thrown;
  }
}
