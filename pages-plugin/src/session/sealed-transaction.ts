import { clearCookie, serializeCookie, singleCookie } from "../http/cookies.ts";
import { randomValue } from "../oidc/random.ts";
import type { CookieKeys } from "./keys.ts";
import { type CookieKind, open, seal } from "./sealed-cookie.ts";

const idShape = /^[0-9a-z]{22}$/;

/** Entra's codes live about ten minutes; so does a sign-in under way. */
const lifetime = 600;
/** Tabs that may sign in at once (oauth2-proxy#611: one cookie for all of them loses the older ones). */
const atMost = 4;

type Jar = ReadonlyMap<string, readonly string[]>;

/** One authorization request under way, bound to the browser that started it by living in its cookie. */
export interface SealedTransaction {
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
 * An id that sorts by age, so that the oldest can be found without opening any: seconds in base 36, then 70 random bits.
 *
 * @param now seconds since 1970
 */
export function newTransactionId(now: number, random: (bytes: number) => Uint8Array): string {
  const tail = Array.from(random(14), (byte) => (byte % 32).toString(36)).join("");
  return Math.floor(now).toString(36).padStart(8, "0") + tail;
}

/** The part of a new transaction that nobody must be able to guess. */
export function newTransaction(now: number, random: (bytes: number) => Uint8Array): SealedTransaction {
  return {
    id: newTransactionId(now, random),
    random: randomValue(random),
    nonce: randomValue(random),
    verifier: randomValue(random),
    startedAt: now,
  };
}

/**
 * Transactions of one kind, each encrypted in a cookie of its own.
 *
 * @param prefix of the cookies' names; the transaction's id follows
 */
export function createTransactions<Transaction extends SealedTransaction>(kind: CookieKind, prefix: string) {
  /** Every transaction cookie that the browser sent, whatever it holds. */
  const names = (jar: Jar): string[] => [...jar.keys()].filter((name) => name.startsWith(prefix));

  return {
    names,

    /** The cookie of a new transaction: Lax, since the callback is a top-level navigation coming from Entra. */
    async cookie(transaction: Transaction, keys: CookieKeys): Promise<string> {
      const plaintext = new TextEncoder().encode(JSON.stringify(transaction));
      const value = await seal(kind, plaintext, keys, transaction.startedAt);
      return serializeCookie(prefix + transaction.id, value, { maxAge: lifetime, sameSite: "Lax" });
    },

    /**
     * The transaction that a state names.
     *
     * @param now seconds since 1970
     * @returns undefined where this browser holds none of that id, or one that is older than ten minutes
     */
    async open(jar: Jar, id: string, keys: CookieKeys, now: number): Promise<Transaction | undefined> {
      if (!idShape.test(id)) return undefined;
      const plaintext = await open(kind, singleCookie(jar, prefix + id), keys, now);
      if (!plaintext) return undefined;
      const transaction = JSON.parse(new TextDecoder().decode(plaintext)) as Transaction;
      // The id is inside too: a value moved under another name is not that transaction.
      return transaction.id === id && now < transaction.startedAt + lifetime ? transaction : undefined;
    },

    /** Set-Cookie lines that make room for one more transaction, oldest first. */
    evict(jar: Jar): string[] {
      const old = names(jar).sort();
      return old.slice(0, Math.max(0, old.length - (atMost - 1))).map(clearCookie);
    },
  };
}
