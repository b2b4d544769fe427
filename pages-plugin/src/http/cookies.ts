import { cookiePrefix } from "../../../contract/names/cookies.ts";

/**
 * Reads a Cookie header (RFC 6265 section 5.4, read as in RFC 6265bis). Nothing is decoded.
 *
 * @param header the request's Cookie header, or null where there is none
 * @returns every value under its name, in the order sent; two cookies of one name are both kept
 */
export function readCookies(header: string | null): Map<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const pair of (header ?? "").split(";")) {
    const equals = pair.indexOf("=");
    if (equals < 0) continue;
    const name = pair.slice(0, equals).trim();
    const value = pair.slice(equals + 1).trim();
    const values = found.get(name);
    if (values) values.push(value);
    else found.set(name, [value]);
  }
  return found;
}

/**
 * The values of one cookie, as `readCookies` finds them, without reading the others.
 *
 * @param name holds neither blanks nor `=` and `;`
 */
export function cookieValues(header: string, name: string): readonly string[] {
  const values: string[] = [];
  for (let at = header.indexOf(name); at >= 0; ) {
    const end = header.indexOf(";", at);
    const stop = end < 0 ? header.length : end;
    const equals = header.indexOf("=", header.lastIndexOf(";", at) + 1);
    // Elsewhere than alone before the first equals sign it is part of another name, or of a value.
    if (equals >= 0 && equals < stop && header.slice(header.lastIndexOf(";", at) + 1, equals).trim() === name)
      values.push(header.slice(equals + 1, stop).trim());
    at = header.indexOf(name, stop);
  }
  return values;
}

/**
 * The value of a cookie of the gate. A name that was sent twice has no value: a browser sends a `__Host-` cookie
 * once, so a second one was planted or made up, and choosing between them would let its maker choose.
 */
export function singleCookie(
  cookies: ReadonlyMap<string, readonly string[]>,
  name: string,
): string | undefined {
  const values = cookies.get(name);
  return values?.length === 1 ? values[0] : undefined;
}

export interface CookieOptions {
  /** Seconds; without it the cookie lives as long as the browser runs. */
  readonly maxAge?: number;
  readonly sameSite: "Lax" | "None" | "Strict";
}

/**
 * One Set-Cookie line (RFC 6265bis section 4.1), always Secure, HttpOnly and Path=/, as `__Host-` requires.
 *
 * @throws TypeError where name or value hold anything that could end the pair or the line; every value of the gate's
 *   own is base64url and dots, so this can only be a mistake in the gate
 */
export function serializeCookie(name: string, value: string, options: CookieOptions): string {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new TypeError("cookie name");
  if (!/^[\w!#$%&'()*+./:<=>?@[\]^`{|}~-]*$/.test(value)) throw new TypeError("cookie value");
  const age = options.maxAge === undefined ? "" : `; Max-Age=${Math.max(0, Math.floor(options.maxAge))}`;
  return `${name}=${value}; Path=/${age}; Secure; HttpOnly; SameSite=${options.sameSite}`;
}

/** A Set-Cookie line that removes a cookie of the gate. `sameSite` need not match what was set (RFC 6265bis 5.7). */
export function clearCookie(name: string): string {
  return `${name}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax`;
}

const foldedPrefix = cookiePrefix.toLowerCase();

/** Whether a cookie name is the gate's. Case, padding and quotes are ignored: code behind the gate may ignore them too. */
export function isGateCookie(name: string): boolean {
  // The prefix begins with what most names don't.
  if (/[\w-]/.exec(name)?.[0] !== "_") return false;
  return name
    .replace(/[^\w-]/g, "")
    .toLowerCase()
    .startsWith(foldedPrefix);
}

/**
 * A Cookie header without the gate's cookies.
 *
 * @returns the other cookies as they were sent, or undefined where none is left
 */
export function withoutGateCookies(header: string): string | undefined {
  // A pair without a name (`=__Host-…=x`) is read as a name by some parsers: leading equals signs don't count.
  const kept = header.split(";").filter((pair) => {
    const start = pair.search(/[^\s=]/);
    if (start < 0) return true;
    const end = pair.indexOf("=", start);
    return !isGateCookie(pair.slice(start, end < 0 ? undefined : end));
  });
  const rest = kept.join(";").trim();
  return rest === "" ? undefined : rest;
}
