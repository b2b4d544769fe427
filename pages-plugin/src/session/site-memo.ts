/** Remembers what was asked for last. */
export interface Memo<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  delete(key: string): void;
}

/**
 * Two halves, so that a hit costs one look-up and no book is kept of the order: when the recent half is full it becomes
 * the older one, whose entries live on only if they are asked for.
 *
 * @param most so many entries are kept at most; at least the last half of it that was asked for is
 */
export function createMemo<T>(most: number): Memo<T> {
  let recent = new Map<string, T>();
  let older = new Map<string, T>();

  const set = (key: string, value: T): void => {
    if (recent.size >= most / 2) {
      older = recent;
      recent = new Map();
    }
    recent.set(key, value);
  };

  return {
    get(key) {
      const hit = recent.get(key);
      if (hit !== undefined) return hit;
      const old = older.get(key);
      if (old !== undefined) set(key, old);
      return old;
    },
    set,
    delete(key) {
      recent.delete(key);
      older.delete(key);
    },
  };
}
