import type { BearerConfig } from "../../../contract/config/site.ts";
import { type BearerErrorCode, bearerCodes, bearerStatus } from "../../../contract/errors/bearer-codes.ts";
import type { AnswerTable } from "../../../contract/errors/definition.ts";
import type { SiteText } from "../../../contract/texts/site.ts";
import { bearerChallenge, readBearer } from "../http/bearer.ts";
import type { Deps, WaitUntil } from "../http/deps.ts";
import { GateFault } from "../http/fault.ts";
import { claimsIn, isFor, verifyAccessToken } from "../oidc/access-token.ts";
import { entraEndpoints } from "../oidc/endpoints.ts";
import { createMemo } from "../session/site-memo.ts";
import type { SiteSession } from "../session/site-session.ts";
import { createSiteTenantKeys } from "../session/tenant-keys.ts";

export type BearerReading =
  | { readonly ok: true; readonly session: SiteSession }
  | { readonly ok: false; readonly code: BearerErrorCode };

interface Asked {
  readonly request: Request;
  readonly waitUntil: WaitUntil;
}

/** Takes Entra's access tokens at a production. */
export interface BearerTokens {
  readonly answers: AnswerTable<SiteText>;
  /**
   * Who a request's token stands for. Undefined where there is none, or none for the gate beside a session cookie: that
   * one is the site's own affair.
   *
   * @throws GateFault keys-unavailable
   */
  read(asked: Asked, hasCookie: boolean): BearerReading | Promise<BearerReading> | undefined;
  /** Whether an Authorization header holds a token for the gate, be it good or not: the code behind must not see it. */
  isOurs(authorization: string | null): boolean;
  /** `WWW-Authenticate` of a refusal, where a token was sent. */
  challenge(request: Request, code: string, status: number): Readonly<Record<string, string>>;
}

export type CreateBearerTokens = (config: BearerConfig, deps: Deps) => BearerTokens;

/** Tokens kept per isolate: about 3 KB each. */
const mostRemembered = 512;

interface Remembered {
  readonly reading: Extract<BearerReading, { ok: true }>;
  readonly kid: string;
  readonly key: CryptoKey;
}

/**
 * A token that was verified is remembered in the isolate as sessions are. It counts until its own end: that is Entra's
 * answer to how long it may be trusted, and `recheck` does not shorten it.
 */
export const createBearerTokens: CreateBearerTokens = ({ tenantId, clientId, authority }, deps) => {
  const endpoints = entraEndpoints(authority, tenantId);
  const { issuer, issuerV1 } = endpoints;
  const expected = { tenantId, clientId, issuer, issuerV1 };
  const keys = createSiteTenantKeys(endpoints, deps);
  const remembered = createMemo<Remembered>(mostRemembered);

  const verify = async (token: string, waitUntil: WaitUntil): Promise<BearerReading> => {
    let used: Pick<Remembered, "kid" | "key"> | undefined;
    const find = async (kid: string): Promise<CryptoKey> => {
      const key = await keys.find(kid, waitUntil);
      if (key === undefined) throw new GateFault("bearer-key-unknown");
      used = { kid, key };
      return key;
    };
    const { visitor, expires } = await verifyAccessToken(token, expected, find, deps.now());
    const reading = { ok: true, session: { visitor, expires } } as const;
    if (used !== undefined) remembered.set(token, { reading, ...used });
    return reading;
  };

  const recall = (token: string, waitUntil: WaitUntil): BearerReading | undefined => {
    const hit = remembered.get(token);
    if (hit === undefined) return undefined;
    keys.tend(waitUntil);
    if (deps.now() < hit.reading.session.expires * 1000 && keys.holds(hit.kid, hit.key)) return hit.reading;
    remembered.delete(token);
    return undefined;
  };

  // An Authorization header can hold several values; each of them is looked at.
  const isOurs = (authorization: string | null): boolean =>
    authorization
      ?.split(/[\s,]+/)
      .some((word) => remembered.get(word) || isFor(claimsIn(word) ?? {}, clientId)) === true;

  return {
    answers: Object.fromEntries(
      bearerCodes.map((code) => [code, { status: bearerStatus(code), visitor: "Sign in to see this page" }]),
    ),
    isOurs,
    read({ request, waitUntil }, hasCookie) {
      const authorization = request.headers.get("authorization");
      if (authorization === null) return undefined;
      if (!isOurs(authorization) && (hasCookie || !/^bearer\b/i.test(authorization))) return undefined;
      try {
        const token = readBearer(request);
        return recall(token, waitUntil) ?? verify(token, waitUntil).catch(refused);
      } catch (error) {
        return refused(error);
      }
    },
    challenge: ({ headers }, code, status) =>
      headers.has("authorization") ? { "www-authenticate": bearerChallenge(code, status) } : {},
  };
};

function refused(error: unknown): BearerReading {
  const { code } = error as { code?: string };
  if (error instanceof GateFault && code?.startsWith("bearer-"))
    return { ok: false, code: code as BearerErrorCode };
  throw error;
}
