import type { PinnedKey, SiteConfig } from "../../../contract/config/site.ts";
import { hostEndpoints } from "../../../contract/names/endpoints.ts";
import type { Deps, WaitUntil } from "../http/deps.ts";
import { GateFault } from "../http/fault.ts";
import { type FetchedKeys, fetchTicketKeys, importTicketKey } from "./ticket-jwks.ts";

const minute = 60_000;
/** The design's figure for both: how soon a dropped key bites, and how often an unknown `kid` may ask again. */
const refreshEvery = 5 * minute;
const unknownEvery = 5 * minute;
const retryEvery = minute / 4;
const heardEvery = minute / 12;
const coldWait = 1_000;
/** A fetched set outlives an outage of the host by this much and no more. */
const fetchedLives = 24 * 60 * minute;

/** The sign-in host's public keys as one isolate knows them. */
export interface TicketKeys {
  /** Whether this very key, under this id, may still verify tickets. Asks nobody. */
  holds(kid: string, key: CryptoKey): boolean;
  /** Starts the background refresh when it is due; never waits. */
  tend(waitUntil: WaitUntil): void;
  /**
   * Whether the host answers, asked anew where it last was more than five seconds ago. Waits at most one second: a host
   * that is slow answers, one that fails (5xx) or can't be reached does not.
   */
  answers(waitUntil: WaitUntil): Promise<boolean>;
  /**
   * The key of that id, or undefined where the host has none. Waits at most one second, and only in an isolate that
   * has not heard from the host yet or was idle for longer than the refresh is due, or for an id it does not know, that
   * at most every five minutes.
   *
   * @throws GateFault keys-unavailable where the host can't be asked and no pinned key of that id is valid
   */
  find(kid: string, waitUntil: WaitUntil): Promise<CryptoKey | undefined>;
}

/**
 * Keeps the host's keys in memory: fetched ones come first; pinned ones serve only while none could be fetched, so
 * that a key that was dropped at the host stays dropped.
 *
 * @param signIn the host's origin and the pinned keys, each with its own end
 */
export function createTicketKeys(signIn: SiteConfig["signIn"], deps: Deps): TicketKeys {
  const pinned = new Map<string, PinnedKey>(signIn.keys.map((key) => [key.kid, key]));
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
      fetched = await fetchTicketKeys(`${signIn.origin}${hostEndpoints.jwks}`, ask, fetched);
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
    // A fetched set that grew too old still says which keys the host had dropped.
    if (key === undefined || deps.now() >= key.not_after * 1000 || (fetched && !fetched.has(kid)))
      return undefined;
    return key;
  };

  const known = async (kid: string): Promise<CryptoKey | undefined> => {
    if (fetchedIsFresh()) return fetched?.get(kid)?.key;
    const pin = pinnedKey(kid);
    if (pin === undefined) return undefined;
    const key = imported.get(kid) ?? (await importTicketKey(pin));
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
