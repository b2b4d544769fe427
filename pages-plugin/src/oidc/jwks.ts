import { importJWK, type JWK } from "jose";
import { GateFault } from "../http/fault.ts";
import { readJsonObject } from "./json-answer.ts";

const minute = 60_000;
const hour = 60 * minute;

/** Entra's advice: refresh daily at least; hourly here. */
const refreshAfter = hour;
/** Between two attempts, whatever the reason: a flood of made-up key ids must not become a flood of requests. */
const attemptEvery = 5 * minute;
/** Entra's keys live 24 hours at least; an older set proves nothing. */
const keepAtMost = 24 * hour;
const answerWithin = 5_000;

export interface TenantKeys {
  /**
   * The public key of that id.
   *
   * @throws GateFault `id-token-key-unknown`; `entra-keys-unavailable` where no set is young enough
   */
  find(kid: string): Promise<CryptoKey>;
}

interface KeySet {
  readonly keys: ReadonlyMap<string, CryptoKey>;
  readonly fetchedAt: number;
}

/**
 * The signing keys of one tenant (RFC 7517), kept in this isolate's memory.
 *
 * Only finished sets are shared between requests: in workerd one request can't wait for another's fetch.
 *
 * @param endpoints `keys` is where the set is; a key that names an issuer must name this tenant's
 * @param deps now in milliseconds
 */
export function createTenantKeys(
  endpoints: { readonly keys: string; readonly issuer: string },
  deps: { readonly now: () => number; readonly fetch: typeof globalThis.fetch },
): TenantKeys {
  let set: KeySet | undefined;
  let attemptedAt = Number.NEGATIVE_INFINITY;

  async function attempt(): Promise<unknown> {
    attemptedAt = deps.now();
    try {
      const keys = await fetchKeys(endpoints, deps.fetch);
      set = { keys, fetchedAt: deps.now() };
      return undefined;
    } catch (cause) {
      return cause;
    }
  }

  return {
    async find(kid) {
      const mayAttempt = () => deps.now() - attemptedAt >= attemptEvery;
      const age = () => (set === undefined ? Number.POSITIVE_INFINITY : deps.now() - set.fetchedAt);
      let cause: unknown;
      if (set === undefined || (age() >= refreshAfter && mayAttempt())) cause = await attempt();
      if (set !== undefined && !set.keys.has(kid) && mayAttempt()) cause = await attempt();
      if (set === undefined || age() > keepAtMost) {
        throw new GateFault("entra-keys-unavailable", "", { cause });
      }
      const key = set.keys.get(kid);
      if (!key) throw new GateFault("id-token-key-unknown");
      return key;
    },
  };
}

async function fetchKeys(
  endpoints: { readonly keys: string; readonly issuer: string },
  fetch: typeof globalThis.fetch,
): Promise<ReadonlyMap<string, CryptoKey>> {
  const answer = await fetch(endpoints.keys, {
    headers: { accept: "application/json" },
    redirect: "manual",
    signal: AbortSignal.timeout(answerWithin),
  });
  if (answer.status !== 200) throw new Error(`status ${answer.status}`);
  const { keys: list } = await readJsonObject(answer);
  const keys = new Map<string, CryptoKey>();
  for (const jwk of Array.isArray(list) ? (list as readonly unknown[]) : []) {
    if (!isSigningKey(jwk, endpoints.issuer)) continue;
    // Only the public members: a `key_ops` or `ext` of the provider's choosing decides nothing here.
    const key = await importJWK({ kty: "RSA", n: jwk.n, e: jwk.e }, "RS256").catch(() => undefined);
    if (key instanceof CryptoKey) keys.set(jwk.kid, key);
  }
  // An empty set is an outage, not a rotation: the last good one is worth more.
  if (keys.size === 0) throw new Error("no usable key");
  return keys;
}

/** Entra's v2 keys name their issuer; the tenant's own may stand there as `{tenantid}`. */
function isSigningKey(jwk: unknown, issuer: string): jwk is JWK & { kid: string; n: string; e: string } {
  if (typeof jwk !== "object" || jwk === null) return false;
  const key = jwk as Readonly<Record<string, unknown>>;
  if (key["kty"] !== "RSA" || typeof key["n"] !== "string" || typeof key["e"] !== "string") return false;
  if (typeof key["kid"] !== "string" || key["kid"] === "") return false;
  if (key["use"] !== undefined && key["use"] !== "sig") return false;
  if (key["alg"] !== undefined && key["alg"] !== "RS256") return false;
  const named = key["issuer"];
  const tenant = issuer.split("/").at(-2) ?? "";
  return named === undefined || (typeof named === "string" && named.replace("{tenantid}", tenant) === issuer);
}
