import { cookies } from "../../../contract/names/cookies.ts";
import type { Environment, StepUp } from "../../../contract/policy/model.ts";
import { clearCookie, serializeCookie, singleCookie } from "../http/cookies.ts";
import type { CookieKeys } from "./keys.ts";
import { open, seal } from "./sealed-cookie.ts";

const kind = "entra-gate-host-transaction";
const idShape = /^[0-9a-z]{18}$/;

/** Entra's codes live about ten minutes; so does a sign-in under way. */
const lifetime = 600;
/** Tabs that may sign in at once (oauth2-proxy#611: one cookie for all of them loses the older ones). */
const atMost = 4;

/** Which site wants to know who the visitor is, and what it needs back with the ticket. */
export interface TicketRequest {
  readonly origin: string;
  readonly environment: Environment;
  /** The site's own transaction. */
  readonly tx: string;
  /** base64url(SHA-256) of the site's verifier. */
  readonly challenge: string;
}

/** One authorization request under way, bound to the browser that started it by living in its cookie. */
export interface HostTransaction extends TicketRequest {
  /** What the site's rule wants, as far as the host's entry knows it. */
  readonly stepUp: StepUp;
  /** Entra was told to let nobody through without proving who he is: that is done once. */
  readonly prompted: boolean;
  readonly id: string;
  /** The secret half of `state`. */
  readonly random: string;
  readonly nonce: string;
  /** PKCE verifier towards Entra. */
  readonly verifier: string;
  /** Seconds since 1970. */
  readonly startedAt: number;
}

/**
 * An id that sorts by age, so that the oldest can be found without opening any: seconds in base 36, then 50 random bits.
 *
 * @param now seconds since 1970
 */
export function newTransactionId(now: number, random: (bytes: number) => Uint8Array): string {
  const tail = Array.from(random(10), (byte) => (byte % 32).toString(36)).join("");
  return Math.floor(now).toString(36).padStart(8, "0") + tail;
}

/** The cookie of a new transaction: Lax, since the callback is a top-level navigation coming from Entra. */
export async function transactionCookie(transaction: HostTransaction, keys: CookieKeys): Promise<string> {
  const plaintext = new TextEncoder().encode(JSON.stringify(transaction));
  const value = await seal(kind, plaintext, keys);
  return serializeCookie(cookies.hostTransaction + transaction.id, value, {
    maxAge: lifetime,
    sameSite: "Lax",
  });
}

/**
 * The transaction that a state names.
 *
 * @param now seconds since 1970
 * @returns undefined where this browser holds none of that id, or one that is older than ten minutes
 */
export async function openTransaction(
  jar: ReadonlyMap<string, readonly string[]>,
  id: string,
  keys: CookieKeys,
  now: number,
): Promise<HostTransaction | undefined> {
  if (!idShape.test(id)) return undefined;
  const plaintext = await open(kind, singleCookie(jar, cookies.hostTransaction + id), keys);
  if (!plaintext) return undefined;
  const transaction = JSON.parse(new TextDecoder().decode(plaintext)) as HostTransaction;
  // The id is inside too: a value moved under another name is not that transaction.
  return transaction.id === id && now < transaction.startedAt + lifetime ? transaction : undefined;
}

/** Set-Cookie lines that make room for one more transaction, oldest first. */
export function evictTransactions(jar: ReadonlyMap<string, readonly string[]>): string[] {
  const names = transactionNames(jar).sort();
  return names.slice(0, Math.max(0, names.length - (atMost - 1))).map(clearCookie);
}

/** Every transaction cookie that the browser sent, whatever it holds. */
export function transactionNames(jar: ReadonlyMap<string, readonly string[]>): string[] {
  return [...jar.keys()].filter((name) => name.startsWith(cookies.hostTransaction));
}
