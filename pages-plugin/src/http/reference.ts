// No I, L, O, U: a reference is read out over the telephone (Crockford's base 32).
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * A short id that stands both on a page and in the log, so that one can be found by the other. It gives access to
 * nothing: 50 random bits are enough not to meet twice.
 *
 * @param random gives that many random bytes
 * @returns ten characters in two groups: `7KQ2M-4XPVE`
 */
export function newReference(random: (bytes: number) => Uint8Array): string {
  let text = "";
  for (const byte of random(10)) text += alphabet.charAt(byte & 31);
  return `${text.slice(0, 5)}-${text.slice(5)}`;
}
