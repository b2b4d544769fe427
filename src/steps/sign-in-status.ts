import * as v from "valibot";
import type { HostStatus, PinnedKey } from "../../contract/config/site.ts";
import { hostEndpoints } from "../../contract/names/endpoints.ts";
import type { Http } from "../clients/http.ts";
import { ActionError } from "../errors.ts";

const statusSchema = v.object({
  version: v.string(),
  role: v.literal("host"),
  bundle: v.string(),
  keys: v.object({
    signing: v.array(v.string()),
    cookie: v.string(),
    cookies: v.exactOptional(v.array(v.string())),
    entra: v.string(),
  }),
});

const keysSchema = v.object({
  keys: v.pipe(
    v.array(
      v.object({
        kid: v.pipe(v.string(), v.nonEmpty()),
        kty: v.literal("RSA"),
        n: v.pipe(v.string(), v.minLength(342)),
        e: v.string(),
        alg: v.literal("RS256"),
        use: v.literal("sig"),
        not_after: v.number(),
      }),
    ),
    v.minLength(1),
  ),
});

/**
 * What the host says of itself; undefined where nothing answers as a sign-in host.
 * @param attempts how often at most: once where a host may well be missing
 */
export async function readHostStatus(
  http: Http,
  origin: string,
  attempts = 1,
): Promise<HostStatus | undefined> {
  const answer = await getJson(http, origin, hostEndpoints.status, attempts);
  const parsed = v.safeParse(statusSchema, answer.body);
  return parsed.success ? parsed.output : undefined;
}

/**
 * The host's public ticket-signing keys, to be pinned into a site.
 * @throws ActionError sign-in-host-unreachable
 */
export async function readHostKeys(http: Http, origin: string): Promise<readonly PinnedKey[]> {
  const answer = await getJson(http, origin, hostEndpoints.jwks, 4);
  const parsed = v.safeParse(keysSchema, answer.body);
  if (parsed.success) return parsed.output.keys;
  throw new ActionError(
    "sign-in-host-unreachable",
    `No keys at ${origin}${hostEndpoints.jwks}: ${answer.problem ?? "not the answer of a sign-in host"}.`,
    { asked: { service, call: `GET ${hostEndpoints.jwks}` } },
  );
}

const service = "Sign-in host";

interface JsonAnswer {
  readonly body?: unknown;
  /** Why there is no body. */
  readonly problem?: string;
}

async function getJson(http: Http, origin: string, path: string, attempts: number): Promise<JsonAnswer> {
  const request = { service, call: `GET ${path}`, method: "GET", url: origin + path } as const;
  const bounds = { attempts, timeout: 10_000, maxBytes: 256 * 1024, expect: "json" } as const;
  try {
    const answer = await http.send({ ...request, ...bounds });
    return answer.status === 200 ? { body: answer.json() } : { problem: `status ${answer.status}` };
  } catch (error) {
    if (error instanceof ActionError && error.code !== "deadline-exceeded") return { problem: error.detail };
    throw error;
  }
}

/** True where `a` is a newer version than `b`; what is no version counts as older than any. */
export function isNewer(a: string, b: string): boolean {
  const [left, right] = [numbers(a), numbers(b)];
  for (let index = 0; index < 3; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

function numbers(version: string): number[] {
  const match = /^(\d+)\.(\d+)\.(\d+)/.exec(version);
  return match === null ? [] : match.slice(1).map(Number);
}
