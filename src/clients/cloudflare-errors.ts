import { ActionError } from "../errors.ts";

/** An answer of Cloudflare that says no. */
export interface Refusal {
  readonly status: number;
  readonly codes: readonly number[];
  /** `8000007 Project not found.` and the like, in one line. */
  readonly said: string;
}

export function refusalOf(status: number, errors: readonly { code: number; message: string }[]): Refusal {
  const said = errors.map(({ code, message }) => `${code} ${message.slice(0, 200)}`).join("; ");
  return { status, codes: errors.map(({ code }) => code), said: said === "" ? "no error code" : said };
}

/** Authentication error; for a token that is wrong as for one that may not. */
const authentication = 10000;
/** D1: not authorised. */
const unauthorized = 7403;

/** @param call what was asked, for people */
export function cloudflareError(call: string, refusal: Refusal): ActionError {
  const detail = `Cloudflare, ${call}: status ${refusal.status}, ${refusal.said}`;
  const denied = refusal.codes.some((code) => code === authentication || code === unauthorized);
  if (denied || refusal.status === 401 || refusal.status === 403)
    return new ActionError("cloudflare-permission-missing", detail);
  if (refusal.status === 404) return new ActionError("cloudflare-not-found", detail);
  return new ActionError("cloudflare-request-refused", detail);
}
