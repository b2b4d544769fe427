type Fields = Readonly<Record<string, unknown>>;

/** Longer values are cut: they are for people who look at a log. */
const longest = 120;

/**
 * What has another value afterwards, a line each: `preview.fail_open: true → false`. Nothing in either may be a secret.
 * @param whole `after` is all that will be; without it, what `after` doesn't name stays as it is
 */
export function differences(before: unknown, after: unknown, { whole = false } = {}): string[] {
  return difference("", before, after, whole);
}

function difference(path: string, before: unknown, after: unknown, whole: boolean): string[] {
  if (isFields(after)) {
    const was = isFields(before) ? before : {};
    const names = new Set([...(whole ? Object.keys(was) : []), ...Object.keys(after)]);
    return [...names].flatMap((name) =>
      difference(path === "" ? name : `${path}.${name}`, was[name], after[name], whole),
    );
  }
  const line = becomes(path, before, after);
  return JSON.stringify(before ?? null) === JSON.stringify(after ?? null) ? [] : [line];
}

/** `name: what was → what is`. */
export function becomes(name: string, before: unknown, after: unknown): string {
  return `${name}: ${shown(before)} → ${shown(after)}`;
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return "none";
  const text = JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
