import { cookies as names } from "../../../contract/names/cookies.ts";
import { decodeBase64url, encodeBase64url } from "../http/base64url.ts";
import { clearCookie, serializeCookie, singleCookie } from "../http/cookies.ts";
import { safeReturnTarget } from "../http/return-target.ts";
import { challengeOf } from "./site-ticket.ts";

/** One sign-in under way, as its cookie tells it. */
export interface SiteTransaction {
  readonly id: string;
  /** Empty once a ticket was accepted: the transaction then only says where to go. */
  readonly verifier: string;
  readonly returnTo: string;
}

/** Seconds that a sign-in may take. */
const lifetime = 600;
/** How many sign-ins (tabs) may be under way at once; the oldest gives way. */
const most = 4;
/** However many somebody sends, an answer's headers stay of a size that browsers take. */
const mostCleared = 50;

type Cookies = ReadonlyMap<string, readonly string[]>;

export interface StartedTransaction {
  readonly id: string;
  readonly challenge: string;
  /** Set-Cookie lines: the new transaction, and the oldest ones cleared where there would be more than four. */
  readonly cookies: readonly string[];
}

/**
 * Starts a sign-in: a verifier for this browser only (RFC 7636 section 4.1), in a cookie of its own, so that two tabs
 * don't overwrite each other's. SameSite=None, because the ticket comes as a cross-site POST.
 *
 * @param random gives that many random bytes
 * @param now milliseconds since 1970
 */
export async function startTransaction(
  returnTo: string,
  existing: Cookies,
  random: (bytes: number) => Uint8Array,
  now: number,
): Promise<StartedTransaction> {
  const id = encodeBase64url(random(16));
  const verifier = encodeBase64url(random(32));
  const old = transactionNames(existing).map((name) => {
    const found = read(singleCookie(existing, name), now);
    // One that was used up only helps to find the way back: it gives way first.
    return { name, issued: found === undefined || found.verifier === "" ? 0 : found.issued };
  });
  old.sort((a, b) => b.issued - a.issued);
  const cleared = old.slice(most - 1).map(({ name }) => clearCookie(name));
  const cookie = transactionCookie(id, Math.floor(now / 1000), verifier, returnTo);
  return { id, challenge: await challengeOf(verifier), cookies: [...cleared, cookie] };
}

/**
 * The transaction of that id, if this browser has it and it is at most ten minutes old. Nothing in it is trusted for
 * having been in a cookie: the return target is made safe again.
 */
export function findTransaction(
  id: string,
  cookies: Cookies,
  ownOrigin: string,
  now: number,
): SiteTransaction | undefined {
  if (!/^[\w-]{22}$/.test(id)) return undefined;
  const found = read(singleCookie(cookies, names.siteTransaction + id), now);
  return found && { id, verifier: found.verifier, returnTo: safeReturnTarget(found.returnTo, ownOrigin) };
}

/** Set-Cookie line that leaves of a transaction only where it leads: its verifier can't be used again. */
export function usedTransactionCookie(transaction: SiteTransaction, now: number): string {
  return transactionCookie(transaction.id, Math.floor(now / 1000), "", transaction.returnTo);
}

/** Set-Cookie lines that end every sign-in under way in this browser. */
export function clearTransactions(cookies: Cookies): string[] {
  return transactionNames(cookies).map(clearCookie);
}

/** Names that can be written into a Set-Cookie line; others are not the gate's doing and only it would trip over them. */
function transactionNames(cookies: Cookies): string[] {
  return [...cookies.keys()]
    .filter((name) => name.startsWith(names.siteTransaction) && /^[\w-]+$/.test(name))
    .slice(0, mostCleared);
}

function transactionCookie(id: string, issued: number, verifier: string, returnTo: string): string {
  const value = `${issued}.${verifier}.${encodeBase64url(returnTo)}`;
  return serializeCookie(names.siteTransaction + id, value, { maxAge: lifetime, sameSite: "None" });
}

function read(value: string | undefined, now: number) {
  const [, seconds, verifier = "", target = ""] =
    /^(\d{1,12})\.([\w-]{43}|)\.([\w-]{1,2048})$/.exec(value ?? "") ?? [];
  const issued = Number(seconds);
  if (seconds === undefined || now >= (issued + lifetime) * 1000) return undefined;
  try {
    return { issued, verifier, returnTo: new TextDecoder().decode(decodeBase64url(target)) };
  } catch {
    return undefined;
  }
}
