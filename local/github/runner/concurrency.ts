/** A run's place in its group: when to stop, and that it has ended. */
export interface Place {
  readonly signal: AbortSignal | undefined;
  release(): void;
}

interface Group {
  readonly running: AbortController;
  waiting: ((place: Place | undefined) => void) | undefined;
}

/**
 * Groups of runs of which one runs and one waits; a third takes the waiting one's place.
 * @see https://docs.github.com/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
 */
export class ConcurrencyGroups {
  readonly #groups = new Map<string, Group>();

  /** Waits for a place; undefined where a newer run took it. Without a group there is nothing to wait for. */
  async enter(name: string | undefined, cancelInProgress: boolean): Promise<Place | undefined> {
    if (name === undefined) return { signal: undefined, release: () => {} };
    const group = this.#groups.get(name);
    if (group === undefined) return this.#start(name);
    group.waiting?.(undefined);
    if (cancelInProgress) group.running.abort();
    return new Promise((resolve) => {
      group.waiting = resolve;
    });
  }

  #start(name: string): Place {
    const group: Group = { running: new AbortController(), waiting: undefined };
    this.#groups.set(name, group);
    const release = () => {
      this.#groups.delete(name);
      group.waiting?.(this.#start(name));
    };
    return { signal: group.running.signal, release };
  }
}
