/** Drawn anew for each process, or given again as ENTRA_GATE_SEED to have the same calls drawn. */
export const seed = Number(process.env["ENTRA_GATE_SEED"] || Math.floor(Math.random() * 1_000_000));

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
export function numbersOf(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The same items in an order that the numbers decide. */
export function shuffled<T>(items: readonly T[], next: () => number): T[] {
  return items
    .map((item) => ({ item, at: next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
