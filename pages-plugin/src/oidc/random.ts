import { base64url } from "jose";

/**
 * An unguessable value for state, nonce and verifier: 256 bits, 43 characters of base64url (RFC 7636 section 4.1).
 *
 * @param random gives that many random bytes
 */
export function randomValue(random: (bytes: number) => Uint8Array): string {
  return base64url.encode(random(32));
}

/** base64url(SHA-256(text)): a code challenge of method S256 (RFC 7636 section 4.2). */
export async function s256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return base64url.encode(new Uint8Array(digest));
}

/** Compares without telling by the time it takes where two strings differ; their lengths are no secret. */
export function constantTimeEqual(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index++) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}
