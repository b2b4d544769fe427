/** Whether one tenant's endpoints answer at all. */
export interface Reach {
  /**
   * Asks, unless Entra was heard of within five seconds. Waits at most one: who is slow answers; who fails (5xx) or
   * can't be reached does not.
   */
  answers(): Promise<boolean>;
  /** Entra has just answered something. */
  heard(): void;
}

const trustedFor = 5_000;
/** So that a flood of sign-ins during an outage is no flood of requests. */
const askEvery = 2_000;
const waitAtMost = 1_000;

/**
 * Finds out whether it makes sense to send a browser to Entra: where nobody answers it would show an error of its own,
 * and nobody could tell the visitor what is wrong. What is asked for is the tenant's discovery document, small and
 * public; only that there is an answer counts, never what it says.
 *
 * @param url of the document
 * @param deps now in milliseconds
 */
export function createReach(
  url: string,
  deps: { readonly now: () => number; readonly fetch: typeof globalThis.fetch },
): Reach {
  let heardAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let down = false;

  const heard = (): void => {
    heardAt = deps.now();
    down = false;
  };

  return {
    heard,
    async answers() {
      if (deps.now() < heardAt + trustedFor) return true;
      if (deps.now() < askedAt + askEvery) return !down;
      askedAt = deps.now();
      try {
        const answer = await deps.fetch(url, { redirect: "manual", signal: AbortSignal.timeout(waitAtMost) });
        await answer.body?.cancel();
        if (answer.status < 500) heard();
        else down = true;
      } catch (error) {
        down = !(error instanceof Error && error.name === "TimeoutError");
      }
      return !down;
    },
  };
}
