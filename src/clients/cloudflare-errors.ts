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

/** A call as the operator has to know it. */
export interface Named {
  /** `GET project harbour` */
  readonly name: string;
  /** Path below the account. */
  readonly path: string;
}

/** True where Cloudflare says so of a token that is wrong as of one that may not. */
export function isDenied({ status, codes }: Refusal): boolean {
  const denied = codes.some((code) => code === authentication || code === unauthorized);
  return denied || status === 401 || status === 403;
}

/** @param known Cloudflare knows the token; where it was denied all the same, a permission is missing */
export function cloudflareError({ name, path }: Named, refusal: Refusal, known: boolean): ActionError {
  const detail = `Cloudflare, ${name}: status ${refusal.status}, ${refusal.said}`;
  const asked = { service: "Cloudflare", call: name };
  if (isDenied(refusal)) {
    const needs = `Account · ${path.startsWith("/d1/") ? "D1" : "Cloudflare Pages"} · Edit`;
    const grant = {
      needs,
      grantedBy: "a Super Administrator of the account, or whoever else may edit the token",
    };
    const code = known ? "cloudflare-permission-missing" : "cloudflare-token-refused";
    return new ActionError(code, detail, { asked: { ...asked, ...grant } });
  }
  const code = refusal.status === 404 ? "cloudflare-not-found" : "cloudflare-request-refused";
  return new ActionError(code, detail, { asked });
}

/** @param what about the answer is not as Cloudflare documents it */
export function unreadable({ name }: Named, what: string): ActionError {
  return new ActionError("service-answer-unreadable", `Cloudflare, ${name}: ${what}`, {
    asked: { service: "Cloudflare", call: name },
  });
}
