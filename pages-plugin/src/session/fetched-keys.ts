import { ticketAlgorithm } from "../../../contract/tickets/claims.ts";

/** Keys by id, each with the modulus it was made from. */
export type FetchedKeys = ReadonlyMap<
  string,
  { readonly n: string; readonly e: string; readonly key: CryptoKey }
>;

interface RsaJwk {
  readonly kid: string;
  readonly n: string;
  readonly e: string;
}

/** What of a JWK Set may be used; the rest is left out. */
export interface KeyRule {
  readonly url: string;
  /** Whether an RSA key, of which `kid`, `n` and `e` are of the right shape, is meant for this. */
  usable(jwk: Readonly<Record<string, unknown>>): boolean;
}

/** A host has three keys at most, a tenant some ten with a certificate each. */
const largestAnswer = 64 * 1024;
const mostKeys = 16;
const fetchTimeout = 5_000;

/**
 * Imports a public RSA key for RS256 (RFC 7518 section 3.3) and nothing else.
 *
 * @throws Error for a key of less than 2048 bits, DataError for one that is none
 */
export async function importPublicKey({ n, e }: Pick<RsaJwk, "n" | "e">): Promise<CryptoKey> {
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const jwk = { kty: "RSA", n, e, alg: ticketAlgorithm };
  const key = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["verify"]);
  if ((key.algorithm as RsaKeyAlgorithm).modulusLength < 2048) throw new Error("weak key");
  return key;
}

/**
 * Fetches a JWK Set (RFC 7517 section 5). Only RSA keys of at least 2048 bits that may be meant for RS256 signatures are
 * looked at. A set that has none that is wanted is an outage: whoever issues tokens has a key.
 *
 * @param known what the last answer held: a key that is unchanged keeps its CryptoKey
 * @throws Error where there is no answer, or none that is a JWK Set of sane size with a key in it
 */
export async function fetchPublicKeys(
  rule: KeyRule,
  fetcher: typeof fetch,
  known: FetchedKeys | undefined,
): Promise<FetchedKeys> {
  const response = await fetcher(rule.url, {
    headers: { accept: "application/json" },
    redirect: "manual",
    signal: AbortSignal.timeout(fetchTimeout),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`status ${response.status}`);
  }
  const set: unknown = JSON.parse(await boundedText(response));
  const list = typeof set === "object" && set !== null && "keys" in set ? set.keys : undefined;
  if (!Array.isArray(list) || list.length > mostKeys) throw new Error("not a JWK Set");
  const keys = new Map<string, { n: string; e: string; key: CryptoKey }>();
  for (const { kid, n, e } of list.filter((jwk) => isRsaKey(jwk) && rule.usable(jwk))) {
    const before = known?.get(kid);
    const same = before !== undefined && before.n === n && before.e === e;
    keys.set(kid, { n, e, key: same ? before.key : await importPublicKey({ n, e }) });
  }
  if (keys.size === 0) throw new Error("no usable key");
  return keys;
}

function isRsaKey(value: unknown): value is RsaJwk & Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const { kty, alg, use, kid, n, e } = value as Record<string, unknown>;
  return (
    kty === "RSA" &&
    (alg === undefined || alg === ticketAlgorithm) &&
    (use === undefined || use === "sig") &&
    typeof kid === "string" &&
    kid !== "" &&
    typeof e === "string" &&
    // 2048 bits are 342 characters of base64url (RFC 7518 section 3.3: no shorter key).
    typeof n === "string" &&
    /^[\w-]{342,}$/.test(n)
  );
}

async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > largestAnswer) throw new Error("answer too large");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
