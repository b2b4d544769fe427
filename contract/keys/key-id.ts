/** A key id is the UTC date on which the key was made and six hex digits: `20261123_A1B2C3`. */
const keyIdShape = /^(\d{4})(\d{2})(\d{2})_[0-9A-F]{6}$/;

const day = 86_400;

/** Seconds that a key of the sign-in host lives from the day in its id: no longer does it sign, verify, close or open. */
export const lifeOfKey = 180 * day;

/**
 * When a key was made, as its id says.
 *
 * @returns seconds since 1970, of the day's beginning; undefined for what is no key id
 */
export function madeAt(kid: string): number | undefined {
  const match = keyIdShape.exec(kid);
  if (!match) return undefined;
  const [, year, month, dayOfMonth] = match;
  const made = Date.parse(`${year}-${month}-${dayOfMonth}T00:00:00Z`);
  // Date.parse lets 30 February through as 2 March in some engines; the id must name a real day.
  if (Number.isNaN(made) || new Date(made).toISOString().slice(0, 10) !== `${year}-${month}-${dayOfMonth}`)
    return undefined;
  return made / 1000;
}

/**
 * When a key ends: 180 days after the day in its id. An end that stands in the id needs no place of its own, and no
 * two parts can disagree about it.
 *
 * @returns seconds since 1970, or undefined for what is no key id
 */
export function notAfterOf(kid: string): number | undefined {
  const made = madeAt(kid);
  return made === undefined ? undefined : made + lifeOfKey;
}

/**
 * The id of a key that is made now.
 *
 * @param now milliseconds since 1970
 */
export function newKeyId(now: number): string {
  const today = new Date(now).toISOString().slice(0, 10).replaceAll("-", "");
  const tail = [...crypto.getRandomValues(new Uint8Array(3))].map((byte) =>
    byte.toString(16).padStart(2, "0"),
  );
  return `${today}_${tail.join("").toUpperCase()}`;
}
