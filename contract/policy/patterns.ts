/** What texts in gate.json may look like; the schema adds what to write instead, the gate only asks. */
export const patterns = {
  duration: /^[1-9]\d{0,6}[smhd]$/,
  guid: /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
  groupName: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  /** @see learn.microsoft.com, Graph resource type appRole, `value`; the comma is left out: headers list roles with it. */
  role: /^(?!\.)[A-Za-z0-9:!#$%&'()*+./;<=>?@[\]^_`{|}~-]{1,120}$/,
  /**
   * Value of a permission that the gate's application exposes, as `scp` lists it.
   *
   * @see learn.microsoft.com, Graph resource type permissionScope, `value`
   */
  scope: /^(?!\.)[A-Za-z0-9:!#$%&'()*+,./;<=>?@[\]^_`{|}~-]{1,120}$/,
  authContext: /^c[1-9]\d?$/,
  testPath: /^\/(?!\/)/,
  header: /^[A-Za-z0-9!#$%&'+.^_`|~-]{1,64}$/,
} as const;

/** Text that is shown as it stands: nothing in it can hide, break the line or turn its direction. */
export function shownPattern(most: number): RegExp {
  return new RegExp(`^(?=\\S)[^\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]{1,${most}}$`, "u");
}

/** Seconds. */
export const day = 86_400;
const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: day };

/** Seconds of a text that looks like a duration. */
export function secondsOf(text: string): number {
  return Number(text.slice(0, -1)) * (unitSeconds[text.slice(-1)] ?? 0);
}

/**
 * RFC 6454 section 6.2: what the parser reads is what is written; it takes `*` for a letter. Plain http is for a
 * developer's own machine.
 */
export function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (url?.origin !== text || text.includes("*")) return false;
  const local = url.hostname === "localhost" || url.hostname.endsWith(".localhost");
  return url.protocol === "https:" || (url.protocol === "http:" && local);
}

/** So many groups fit into a session cookie beside everything else. */
export const mostGroups = 50;

/** Keys that a record drops on reading, since they mean something to JavaScript's objects. */
export const reservedNames = ["__proto__", "prototype", "constructor"];

/** Fetch's CORS-safelisted methods: what a browser sends to another origin without asking before. */
export const simpleMethods = ["GET", "HEAD", "POST"] as const;
export const corsMethods = [...simpleMethods, "PUT", "PATCH", "DELETE"] as const;
export const corsHeaders = ["Authorization", "Content-Type"];
