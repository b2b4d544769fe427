import type { PinnedKey } from "../../../contract/config/site.ts";
import type { Deps, WaitUntil } from "../http/deps.ts";
import { GateFault } from "../http/fault.ts";
import { type FetchedKeys, fetchPublicKeys, importPublicKey, type KeyRule } from "./fetched-keys.ts";

const minute = 60_000;
/** How often an unknown `kid` may ask again. */
const unknownEvery = 5 * minute;
const retryEvery = minute / 4;
const heardEvery = minute / 12;
const coldWait = 1_000;
/** A fetched set outlives an outage by this much and no more. */
const fetchedLives = 24 * 60 * minute;

/** Public keys of one issuer as one isolate knows them. */
export interface PublicKeys {
  /** Whether this very key, under this id, may still verify anything. Asks nobody. */
  holds(kid: string, key: CryptoKey): boolean;
  /** Starts the background refresh when it is due; never waits. */
  tend(waitUntil: WaitUntil): void;
  /**
   * Whether the issuer answers, asked anew where it last was more than five seconds ago. Waits at most one second: one
   * that is slow answers, one that fails (5xx) or can't be reached does not.
   */
  answers(waitUntil: WaitUntil): Promise<boolean>;
  /**
   * The key of that id, or undefined where the issuer has none. Waits at most one second, and only in an isolate that
   * has not heard from the issuer yet or was idle for longer than the refresh is due, or for an id it does not know, that
   * at most every five minutes.
   *
   * @throws GateFault keys-unavailable where the issuer can't be asked and no pinned key of that id is valid
   */
  find(kid: string, waitUntil: WaitUntil): Promise<CryptoKey | undefined>;
}

/**
 * Keeps an issuer's keys in memory: fetched ones come first; pinned ones serve only while none could be fetched, so
 * that a key that was dropped by the issuer stays dropped.
 *
 * @param rule where the keys are, and which of them count
 * @param pinnedKeys each with its own end
 * @param refreshEvery milliseconds after which the set is fetched again, in the background
 */
export function createPublicKeys(
  rule: KeyRule,
  pinnedKeys: readonly PinnedKey[],
  refreshEvery: number,
  deps: Deps,
): PublicKeys {
  const pinned = new Map<string, PinnedKey>(pinnedKeys.map((key) => [key.kid, key]));
  const imported = new Map<string, CryptoKey>();
  let fetched: FetchedKeys | undefined;
  let fetchedAt = 0;
  let settled = false;
  let failed = false;
  let down = false;
  let attemptedAt = Number.NEGATIVE_INFINITY;
  let unknownAt = Number.NEGATIVE_INFINITY;

  const ask: typeof fetch = async (input, init) => {
    try {
      const answer = await deps.fetch(input, init);
      down = answer.status >= 500;
      return answer;
    } catch (error) {
      down = true;
      throw error;
    }
  };

  const refresh = async (): Promise<void> => {
    attemptedAt = deps.now();
    try {
      fetched = await fetchPublicKeys(rule, ask, fetched);
      fetchedAt = deps.now();
      failed = false;
    } catch (error) {
      failed = true;
      const reason = error instanceof Error ? error.message : String(error);
      deps.log(JSON.stringify({ level: "warning", code: "keys-unavailable", detail: `jwks: ${reason}` }));
    }
    settled = true;
  };

  // Each request that has to wait fetches for itself: a promise of another request's must not be awaited in workerd.
  const refreshAndWait = async (waitUntil: WaitUntil): Promise<void> => {
    const work = refresh();
    waitUntil(work);
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([work, new Promise((resolve) => (timer = setTimeout(resolve, coldWait)))]);
    clearTimeout(timer);
  };

  // Nobody asked for so long that the background refresh did not happen: a key may have been dropped in the meantime.
  const overslept = (): boolean => deps.now() >= attemptedAt + refreshEvery + retryEvery;

  const fetchedIsFresh = (): boolean => fetched !== undefined && deps.now() < fetchedAt + fetchedLives;

  const pinnedKey = (kid: string): PinnedKey | undefined => {
    const key = pinned.get(kid);
    // A fetched set that grew too old still says which keys the issuer had dropped.
    if (key === undefined || deps.now() >= key.not_after * 1000 || (fetched && !fetched.has(kid)))
      return undefined;
    return key;
  };

  const known = async (kid: string): Promise<CryptoKey | undefined> => {
    if (fetchedIsFresh()) return fetched?.get(kid)?.key;
    const pin = pinnedKey(kid);
    if (pin === undefined) return undefined;
    const key = imported.get(kid) ?? (await importPublicKey(pin));
    imported.set(kid, key);
    return key;
  };

  const tend = (waitUntil: WaitUntil): void => {
    if (settled && !overslept() && deps.now() >= attemptedAt + (failed ? retryEvery : refreshEvery))
      waitUntil(refresh());
  };

  return {
    tend,
    async answers(waitUntil) {
      if (deps.now() >= attemptedAt + heardEvery) await refreshAndWait(waitUntil);
      return !down;
    },
    holds(kid, key) {
      if (overslept()) return false;
      if (fetchedIsFresh()) return fetched?.get(kid)?.key === key;
      return pinnedKey(kid) !== undefined && (imported.get(kid) === key || fetched?.get(kid)?.key === key);
    },
    async find(kid, waitUntil) {
      const cold = !settled || overslept();
      if (cold) await refreshAndWait(waitUntil);
      else tend(waitUntil);
      let key = await known(kid);
      if (key === undefined && !cold && deps.now() >= unknownAt + unknownEvery) {
        unknownAt = deps.now();
        await refreshAndWait(waitUntil);
        key = await known(kid);
      }
      if (key === undefined && (failed || !settled || !fetchedIsFresh())) {
        throw new GateFault("keys-unavailable", `no key ${kid.slice(0, 64)}`);
      }
      return key;
    },
  };
}
