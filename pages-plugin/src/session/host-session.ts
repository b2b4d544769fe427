import { cookies } from "../../../contract/names/cookies.ts";
import { serializeCookie } from "../http/cookies.ts";
import type { GroupsState, Identity } from "../oidc/identity.ts";
import type { CookieKeys } from "./keys.ts";
import { type CookieKind, open, seal } from "./sealed-cookie.ts";

/** Longest value of the session's cookie; browsers drop what is over 4 KB with name and attributes (oauth2-proxy#1902). */
export const longestSessionCookie = 3_500;

const hostKind: CookieKind = "entra-gate-host-session";
const version = 2;
const bytesOfGuid = 16;

/** What the sign-in host keeps of a visitor, in his browser and nowhere else. Times are seconds since 1970. */
export interface HostSession {
  readonly kind: Identity["kind"];
  readonly tid: string;
  readonly oid: string;
  readonly name: string;
  /** Only those that some site names; see `named`. */
  readonly groups: readonly string[];
  readonly groupsState: GroupsState;
  readonly roles: readonly string[];
  /** Digest of the groups and roles that were looked for: others may be missing although the visitor has them. */
  readonly named: string;
  /** When this session began; a recheck at Entra does not move it. */
  readonly signedInAt: number;
  /** When the visitor last proved who he is; 0 where Entra never said so. */
  readonly authTime: number;
  /** Authentication contexts met when Entra last answered. */
  readonly acrs: readonly string[];
  /** When Entra last answered for these claims. */
  readonly claimsAt: number;
  readonly loginHint?: string;
}

/**
 * Encrypts a session, the sign-in host's unless another kind is named. Groups are 16 bytes each behind the JSON, since
 * as text they would be 48 characters.
 *
 * @param now seconds since 1970
 * @returns the cookie's value, however long; the caller compares it with `longestSessionCookie`
 * @throws GateFault `cookie-key-expired`
 */
export function sealHostSession(
  session: HostSession,
  keys: CookieKeys,
  now: number,
  kind: CookieKind = hostKind,
): Promise<string> {
  const { groups, ...rest } = session;
  const json = new TextEncoder().encode(JSON.stringify({ version, ...rest }));
  const plaintext = new Uint8Array(2 + json.length + groups.length * bytesOfGuid);
  new DataView(plaintext.buffer).setUint16(0, json.length);
  plaintext.set(json, 2);
  groups.forEach((group, index) => {
    plaintext.set(guidBytes(group), 2 + json.length + index * bytesOfGuid);
  });
  return seal(kind, plaintext, keys, now);
}

/**
 * @param now seconds since 1970
 * @returns undefined where there is no session of that kind, or none that these keys open
 */
export async function openHostSession(
  value: string | undefined,
  keys: CookieKeys,
  now: number,
  kind: CookieKind = hostKind,
): Promise<HostSession | undefined> {
  const plaintext = await open(kind, value, keys, now);
  if (!plaintext || plaintext.length < 2) return undefined;
  const end = 2 + new DataView(plaintext.buffer, plaintext.byteOffset).getUint16(0);
  try {
    const json = JSON.parse(new TextDecoder().decode(plaintext.subarray(2, end)));
    if (json.version !== version) return undefined;
    const { version: _, ...rest } = json;
    return { ...rest, groups: guids(plaintext.subarray(end)) };
  } catch {
    return undefined;
  }
}

/** Lax, so that it comes along with navigations from sites and from Entra; gone when the browser ends. */
export function hostSessionCookie(value: string): string {
  return serializeCookie(cookies.hostSession, value, { sameSite: "Lax" });
}

function guidBytes(guid: string): Uint8Array {
  const hex = guid.replaceAll("-", "");
  return Uint8Array.from({ length: bytesOfGuid }, (_, index) =>
    Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16),
  );
}

function guids(bytes: Uint8Array): string[] {
  const found: string[] = [];
  for (let at = 0; at + bytesOfGuid <= bytes.length; at += bytesOfGuid) {
    const hex = Array.from(bytes.subarray(at, at + bytesOfGuid), (byte) =>
      byte.toString(16).padStart(2, "0"),
    ).join("");
    found.push(hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"));
  }
  return found;
}
