/** One thing that is wrong in gate.json. */
export interface Problem {
  /** Where: `preview.rules[2].allow.groups[0]`; empty for the file as a whole. */
  readonly place: string;
  /** What is wrong there, to be read after the place. */
  readonly message: string;
  /** What to write instead. */
  readonly remedy: string;
}

/** Message and remedy in the one string that a valibot check can carry; `problemAt` takes them apart. */
export function problemText(message: string, remedy: string): string {
  return `${message}\n${remedy}`;
}

/** A problem from a place's keys and a text made by `problemText`. */
export function problemAt(path: readonly (string | number)[], text: string): Problem {
  const [message = "", remedy = ""] = text.split("\n");
  return { place: placeOf(path), message, remedy };
}

/** `["preview", "rules", 2]` as `preview.rules[2]`; a key that is no plain word is quoted: `groups["a b"]`. */
export function placeOf(path: readonly (string | number)[]): string {
  let place = "";
  for (const key of path) {
    if (typeof key === "number") place += `[${key}]`;
    else if (/^[\w$-]+$/.test(key)) place += place === "" ? key : `.${key}`;
    else place += `[${JSON.stringify(key)}]`;
  }
  return place;
}

/** `did you mean "reviewers"?` where one of the known words is near enough, else undefined. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
