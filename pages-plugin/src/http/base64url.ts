type Alphabet = { readonly alphabet: "base64url"; readonly omitPadding?: boolean };

/** ES2026 has both; a runtime without them does the same more slowly. */
const { fromBase64 } = Uint8Array as {
  fromBase64?(text: string, options: Alphabet): Uint8Array<ArrayBuffer>;
};
const { toBase64 } = Uint8Array.prototype as { toBase64?(options: Alphabet): string };

const encoder = new TextEncoder();

/** UTF-8, by one encoder for all: making one costs as much as using it. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** Base64url without padding (RFC 4648 section 5, as RFC 7515 section 2 wants it). Text is encoded as UTF-8. */
export function encodeBase64url(input: Uint8Array | string): string {
  const bytes = typeof input === "string" ? utf8(input) : input;
  if (toBase64) return toBase64.call(bytes, { alphabet: "base64url", omitPadding: true });
  return btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, (c) =>
    c === "+" ? "-" : c === "/" ? "_" : "",
  );
}

/** By length modulo four: what may stand last, so that unused bits are zero and each text is the only one for its bytes. */
const lasts = [/./, /^$/, /[AQgw]/, /[AEIMQUYcgkosw048]/];

/** @throws TypeError or SyntaxError where the text is not exactly what `encodeBase64url` makes of some bytes */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> {
  const { length } = text;
  if (length > 0 && !lasts[length % 4]?.test(text.charAt(length - 1))) throw new TypeError("base64url");
  const bytes = fromBase64
    ? fromBase64.call(Uint8Array, text, { alphabet: "base64url" })
    : decodeByHand(text);
  // Blanks and padding are read over; so many characters then stand for more bytes than there are.
  if (bytes.length !== (length * 3) >> 2) throw new TypeError("base64url");
  return bytes;
}

function decodeByHand(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[\w-]*$/.test(text)) throw new TypeError("base64url");
  const binary = atob(text.replace(/[-_]/g, (c) => (c === "-" ? "+" : "/")));
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}
