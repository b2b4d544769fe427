import { GateFault } from "./fault.ts";

/**
 * The bearer token of a request (RFC 6750 section 2.1). The scheme is read in any case (RFC 9110 section 11.1).
 *
 * @throws GateFault bearer-missing, bearer-several, bearer-malformed
 */
export function readBearer({ headers }: Request): string {
  const [, token] = /^bearer(?= |$) *(.*)$/i.exec(headers.get("authorization") ?? "") ?? [];
  if (token === undefined) throw new GateFault("bearer-missing");
  // Several header lines arrive as one, with commas in between (Fetch, "get"); no token holds one.
  if (token.includes(",")) throw new GateFault("bearer-several");
  if (!/^[\w.~+/-]+=*$/.test(token)) throw new GateFault("bearer-malformed", "characters");
  return token;
}

/**
 * What `WWW-Authenticate` says of a refusal (RFC 6750 section 3): no error where nobody tried to authenticate.
 *
 * @param status of the answer
 */
export function bearerChallenge(code: string, status: number): string {
  const errors: Readonly<Record<number, string>> = {
    400: "invalid_request",
    401: "invalid_token",
    403: "insufficient_scope",
  };
  const error = code === "bearer-missing" ? undefined : errors[status];
  return `Bearer realm="Entra Gate"${error === undefined ? "" : `, error="${error}"`}`;
}
