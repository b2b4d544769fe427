import { readFileSync } from "node:fs";
import * as v from "valibot";
import {
  type BearerConfig,
  expiryOf,
  type PinnedKey,
  type SiteConfig,
} from "../../../contract/config/site.ts";
import { compilePolicy } from "../../../contract/policy/compile.ts";
import type { CompiledPolicy, Environment } from "../../../contract/policy/model.ts";
import { parsePolicyText } from "../../../contract/policy/parse.ts";
import { runPolicyTests } from "../../../contract/policy/tests.ts";
import { CommandFault } from "./fault.ts";

export interface WrapSettings {
  readonly policy: string;
  readonly environment: string;
  readonly signInOrigin: string;
  readonly keys?: string;
  readonly projectName?: string;
  readonly tenantId?: string;
  readonly clientId?: string;
  readonly authority?: string;
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const base64url = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]+$/));
const pinnedKeys = v.object({
  keys: v.array(
    v.object({
      kid: v.pipe(v.string(), v.nonEmpty()),
      kty: v.literal("RSA"),
      n: base64url,
      e: base64url,
      alg: v.literal("RS256"),
      use: v.literal("sig"),
      not_after: v.pipe(v.number(), v.integer(), v.minValue(1)),
    }),
  ),
});

/**
 * Reads what a gate is to be made with; the bundle's id comes later.
 *
 * @throws CommandFault naming the option and what is wrong with it
 */
export async function readWrapSettings(settings: WrapSettings): Promise<Omit<SiteConfig, "bundle">> {
  const origin = readOrigin(settings.signInOrigin);
  if (origin === undefined) {
    throw new CommandFault(
      "sign-in-origin-invalid",
      "--sign-in-origin must be an https origin without a path, such as https://sign-in.example.com.",
    );
  }
  const { environment } = settings;
  if (environment !== "preview" && environment !== "production") {
    throw new CommandFault(
      "environment-invalid",
      "--environment must be preview or production; Pages has no other.",
    );
  }
  const policy = await readPolicy(settings.policy, environment);
  const keys = settings.keys === undefined ? [] : readKeys(settings.keys);
  return {
    signIn: { origin, keys },
    policy,
    ...(policy.bearer ? { bearer: readBearer(settings) } : {}),
    project: settings.projectName ?? "",
    ...expiryOf(policy, Date.now()),
  };
}

/** What a production needs to know to take access tokens. */
function readBearer({ tenantId = "", clientId = "", authority = "" }: WrapSettings): BearerConfig {
  const problems = [
    ...(guid.test(tenantId) ? [] : ["--tenant-id must be the tenant's GUID"]),
    ...(guid.test(clientId) ? [] : ["--client-id must be the gate application's GUID"]),
    ...(readOrigin(authority) === undefined ? ["--authority must be an https origin without a path"] : []),
  ];
  if (problems.length > 0)
    throw new CommandFault("bearer-incomplete", `The policy says "bearer": ${problems.join("; ")}.`);
  return { tenantId: tenantId.toLowerCase(), clientId: clientId.toLowerCase(), authority };
}

/** An origin exactly as browsers write it (RFC 6454 section 6.2): https, or http on a `.localhost` name. */
function readOrigin(value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.origin !== value) return undefined;
  const isLocal = /(^|\.)localhost$/.test(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && isLocal) ? value : undefined;
}

async function readPolicy(path: string, environment: Environment): Promise<CompiledPolicy> {
  const parsed = parsePolicyText(readText(path, "--policy"));
  if (!parsed.ok) {
    const lines = parsed.problems.map(({ place, message, remedy }) => `  ${place}: ${message}; ${remedy}`);
    throw new CommandFault("policy-invalid", `${path} is not valid:\n${lines.join("\n")}`);
  }
  const failed = (await runPolicyTests(parsed.policy)).filter(({ passed }) => !passed);
  if (failed.length > 0) {
    const lines = failed.map(
      ({ place, test, actual }) =>
        `  ${place}: ${test.get} is expected to ${test.expect}, the rules ${actual}`,
    );
    throw new CommandFault("policy-tests-failed", `Tests in ${path} fail:\n${lines.join("\n")}`);
  }
  const policy = await compilePolicy(parsed.policy, environment);
  if (policy.open)
    throw new CommandFault(
      "policy-open",
      `${path} leaves ${environment} open to anyone: deploy it as it is, there is nothing to put in front.`,
    );
  return policy;
}

function readKeys(path: string): PinnedKey[] {
  let json: unknown;
  try {
    json = JSON.parse(readText(path, "--keys"));
  } catch (error) {
    if (error instanceof CommandFault) throw error;
    throw new CommandFault("keys-invalid", `${path} is not JSON.`);
  }
  const result = v.safeParse(pinnedKeys, json);
  if (result.success) return result.output.keys;
  const issue = result.issues[0];
  throw new CommandFault(
    "keys-invalid",
    `${path}, ${v.getDotPath(issue) ?? "the whole"}: ${issue.message}. It must be the sign-in host's public keys, each with not_after.`,
  );
}

function readText(path: string, option: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new CommandFault("file-missing", `${option}: ${path} can't be read.`);
  }
}
