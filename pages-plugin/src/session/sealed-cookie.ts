import { CompactEncrypt, compactDecrypt } from "jose";
import { GateFault } from "../http/fault.ts";
import type { CookieKeys } from "./keys.ts";

/**
 * What a sealed cookie is (RFC 8725 section 3.11). It stands in the protected header, so a cookie of one kind opened
 * as another is refused, although both were made with the same key (CVE-2024-47616, CVE-2026-114607).
 */
export type CookieKind =
  | "entra-gate-host-session"
  | "entra-gate-host-transaction"
  | "entra-gate-own-session"
  | "entra-gate-own-transaction";

/**
 * Encrypts with the active key (RFC 7516, compact; dir, A256GCM).
 *
 * @param now seconds since 1970
 * @throws GateFault `cookie-key-expired`
 */
export async function seal(
  kind: CookieKind,
  plaintext: Uint8Array,
  keys: CookieKeys,
  now: number,
): Promise<string> {
  const active = keys.byId.get(keys.active);
  if (!active) throw new TypeError("the active cookie key is not among the keys");
  if (now >= active.notAfter) throw new GateFault("cookie-key-expired", keys.active);
  return new CompactEncrypt(plaintext)
    .setProtectedHeader({ alg: "dir", enc: "A256GCM", typ: kind, kid: keys.active })
    .encrypt(active.key);
}

/**
 * Opens what any of the keys closed that have not ended.
 *
 * @param now seconds since 1970
 * @returns undefined for whatever is not a cookie of this kind made with one of these keys: to the gate that is no
 *   cookie at all, so a rotated key ends in a new sign-in and never in an error
 */
export async function open(
  kind: CookieKind,
  value: string | undefined,
  keys: CookieKeys,
  now: number,
): Promise<Uint8Array | undefined> {
  if (!value) return undefined;
  try {
    const { plaintext } = await compactDecrypt(
      value,
      (header) => {
        const found = keys.byId.get(header.kid ?? "");
        if (!found || now >= found.notAfter || header["typ"] !== kind)
          throw new TypeError("not this kind, or not one of these keys");
        return found.key;
      },
      { keyManagementAlgorithms: ["dir"], contentEncryptionAlgorithms: ["A256GCM"] },
    );
    return plaintext;
  } catch {
    return undefined;
  }
}
