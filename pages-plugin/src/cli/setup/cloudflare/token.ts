import * as v from "valibot";
import type { HttpAnswer, HttpRequest } from "../../../../../src/clients/http.ts";
import { CommandFault } from "../../fault.ts";
import type { SetupContext } from "../context.ts";
import { Denied, type Look, type StepWork } from "../step.ts";

const verified = v.object({
  result: v.object({ status: v.string(), expires_on: v.nullish(v.string()) }),
});
type Verified = v.InferOutput<typeof verified>["result"];

/**
 * A token can't be asked what it may do, so what the action needs is asked for: a change, to nothing, of a project and of
 * a database that are not there. Cloudflare says first whether the token may (10000), then that there is none.
 */
const needs = [
  {
    permission: "Account · Cloudflare Pages · Edit",
    path: "/pages/projects/entra-gate-setup-asks-for-none",
    name: "/pages/projects/{project_name}",
  },
  {
    permission: "Account · D1 · Edit",
    path: "/d1/database/00000000-0000-4000-8000-000000000000",
    name: "/d1/database/{database_id}",
  },
] as const;

/** Cloudflare's token: a person makes it in the dashboard; here it is tried. */
export const tokenWork: StepWork = {
  async look(context): Promise<Look> {
    const { kind, expires_on: ends } = await verify(context);
    const missing: string[] = [];
    for (const { permission, path, name } of needs) {
      const answer = await send(context, "PATCH", `${accountOf(context)}${path}`, name, {});
      if (answer.status === 401 || answer.status === 403) missing.push(permission);
    }
    if (missing.length > 0)
      throw new Denied(
        `The token is active and may not do, in account ${context.names.accountId}: ${missing.join(" and ")}. Edit its permissions, or check --account-id.`,
      );
    const owner = kind === "account" ? "owned by the account" : "a person's own: it ends with their access";
    return { state: "done", detail: `${owner}${ends ? `; expires ${ends.slice(0, 10)}` : ""}` };
  },
  /** Nobody but the dashboard makes tokens: a look either finds one that does or throws. */
  apply: async () => [],
  made: async () => [],
  remove: async () => {},
};

/** Each kind of token has a verify endpoint of its own. */
async function verify(context: SetupContext): Promise<Verified & { readonly kind: "account" | "user" }> {
  const places = [
    ["account", `${accountOf(context)}/tokens/verify`],
    ["user", "/user/tokens/verify"],
  ] as const;
  for (const [kind, path] of places) {
    const answer = await send(context, "GET", path, `/${kind}/tokens/verify`);
    const parsed = answer.status === 200 ? v.safeParse(verified, jsonOf(answer)) : undefined;
    if (parsed?.success !== true) continue;
    const { result } = parsed.output;
    if (result.status === "active") return { ...result, kind };
    throw new CommandFault(
      "login-refused",
      `The token in CLOUDFLARE_API_TOKEN is ${result.status}. Make another one.`,
    );
  }
  throw new CommandFault(
    "login-refused",
    `Cloudflare knows the token in CLOUDFLARE_API_TOKEN neither as one of account ${context.names.accountId} nor as a person's. Copy it anew, without the word Bearer, and check --account-id.`,
  );
}

async function send(
  { http, logins, origins }: SetupContext,
  method: HttpRequest["method"],
  path: string,
  name: string,
  body?: unknown,
): Promise<HttpAnswer> {
  return http.send({
    service: "Cloudflare",
    call: `${method} ${name}`,
    method,
    url: `${origins.cloudflare}${path}`,
    headers: {
      authorization: `Bearer ${await logins.token("cloudflare")}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

function accountOf({ names }: SetupContext): string {
  return `/accounts/${names.accountId}`;
}

function jsonOf(answer: HttpAnswer): unknown {
  try {
    return answer.json();
  } catch {
    return undefined;
  }
}
