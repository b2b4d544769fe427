/** Base64url without padding (RFC 4648 section 5, as RFC 7515 section 2 wants it). Text is encoded as UTF-8. */
export function encodeBase64url(input: Uint8Array | string): string {
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  return btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, (c) =>
    c === "+" ? "-" : c === "/" ? "_" : "",
  );
}

/** Groups of four, then nothing or a rest whose unused bits are zero: one text for each sequence of bytes. */
const canonical = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/;

/** @throws TypeError where the text is not exactly what `encodeBase64url` makes of some bytes */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> {
  if (!canonical.test(text)) throw new TypeError("base64url");
  const binary = atob(text.replace(/[-_]/g, (c) => (c === "-" ? "+" : "/")));
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}
