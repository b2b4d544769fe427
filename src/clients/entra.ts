import * as v from "valibot";
import { ActionError } from "../errors.ts";
import { type EntraRefusal, entraError, readRefusal } from "./aadsts.ts";
import { assertionType, signAssertion } from "./client-assertion.ts";
import type { Http } from "./http.ts";
import { endOf, type IdTokenSource, peekClaims, requestIdToken } from "./id-token.ts";

export interface EntraSettings {
  /** `https://login.microsoftonline.com` */
  readonly authority: string;
  readonly tenantId: string;
  /** Client id of the automation application. */
  readonly clientId: string;
  /** Origin of Microsoft Graph, whose `/.default` scope is asked for. */
  readonly graphUrl: string;
  readonly idToken: IdTokenSource | undefined;
}

export interface EntraDeps {
  readonly http: Http;
  /** Milliseconds since 1970. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  mask(secret: string): void;
}

export type TokenAnswer =
  | { readonly token: string }
  | {
      readonly refused: EntraRefusal;
      /** Whom and what Entra refused, as the operator has to know it. */
      readonly context: string;
    };

export interface EntraClient {
  /**
   * A token for Microsoft Graph, kept for the run: it lives an hour or more, a run 20 minutes at most.
   * @throws ActionError id-token-unavailable, entra-*, service-*
   */
  graphToken(): Promise<string>;
  /** Drops the kept token, for the case that Graph does not accept it any more. */
  forgetToken(): void;
  /**
   * A token for one application as another, which this job's ID token stands for; not kept.
   * @param clientId of the application that asks
   * @param resource client id of the application that the token is for
   * @returns what Entra refused with, where it did
   * @throws ActionError id-token-unavailable, service-*
   */
  applicationToken(clientId: string, resource: string): Promise<TokenAnswer>;
  /**
   * Tries a client secret. Resolves with what Entra refused with, or undefined where it works.
   * @throws ActionError service-*
   */
  trySecret(clientId: string, secret: string): Promise<EntraRefusal | undefined>;
  /**
   * The same for a certificate's key.
   * @param jwk private RSA JWK with `x5t#S256`, as JSON
   */
  tryKey(clientId: string, jwk: string): Promise<EntraRefusal | undefined>;
}

/** What GitHub's token must be for. Source: learn.microsoft.com, "Workload identity federation". */
export const federationAudience = "api://AzureADTokenExchange";

/** Milliseconds before its end at which an ID token is not used any more. */
const expiryMargin = 60_000;

/** Waits while a new federated credential reaches all of Entra; 73 s in all. */
const propagation = [3_000, 5_000, 10_000, 15_000, 20_000, 20_000];

const tokenSchema = v.object({ access_token: v.pipe(v.string(), v.nonEmpty()) });

/** Entra's token endpoint, as the automation (federated) and as the gate application (to try its secret). */
export function createEntraClient(deps: EntraDeps, settings: EntraSettings): EntraClient {
  const endpoint = `${settings.authority}/${settings.tenantId}/oauth2/v2.0/token`;
  const graph = `${settings.graphUrl}/.default`;
  let kept: string | undefined;
  let jobToken: { readonly value: string; readonly until: number } | undefined;

  /** GitHub's token of this job: one serves several exchanges, as long as it lives. */
  async function assertionOf(fresh: boolean): Promise<string> {
    if (!fresh && jobToken !== undefined && deps.now() < jobToken.until) return jobToken.value;
    const value = await requestIdToken(deps.http, settings.idToken, federationAudience, deps.mask);
    jobToken = { value, until: endOf(value) - expiryMargin };
    return value;
  }

  /** RFC 6749 section 4.4; tried again freely, since nothing lasting comes of it. */
  async function clientCredentials(fields: Record<string, string>) {
    const answer = await deps.http.send({
      service: "Entra",
      call: "POST /oauth2/v2.0/token",
      method: "POST",
      url: endpoint,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ grant_type: "client_credentials", scope: graph, ...fields }).toString(),
      idempotent: true,
      expect: "json",
    });
    if (answer.status !== 200) return { refused: readRefusal(bodyOf(answer)) };
    const parsed = v.safeParse(tokenSchema, answer.json());
    if (!parsed.success)
      throw new ActionError("service-answer-unreadable", "Entra, POST /oauth2/v2.0/token: no access token.", {
        asked: { service: "Entra", call: "POST /oauth2/v2.0/token" },
      });
    deps.mask(parsed.output.access_token);
    return { token: parsed.output };
  }

  /** RFC 7523 section 2.2: GitHub's token is the application's proof of who it is. */
  async function exchange(clientId: string, scope: string): Promise<TokenAnswer> {
    for (let attempt = 0; ; attempt += 1) {
      const assertion = await assertionOf(attempt > 0);
      const result = await clientCredentials({
        client_id: clientId,
        client_assertion_type: assertionType,
        client_assertion: assertion,
        scope,
      });
      if (result.token !== undefined) return { token: result.token.access_token };
      const wait = result.refused.code === "entra-federation-mismatch" ? propagation[attempt] : undefined;
      if (wait === undefined)
        return {
          refused: result.refused,
          context: federationContext(settings.tenantId, clientId, assertion),
        };
      await deps.sleep(wait);
    }
  }

  return {
    graphToken: async () => {
      if (kept !== undefined) return kept;
      const answer = await exchange(settings.clientId, graph);
      if ("refused" in answer) throw entraError(answer.refused, answer.context);
      kept = answer.token;
      return kept;
    },
    forgetToken: () => {
      kept = undefined;
    },
    applicationToken: (clientId, resource) => exchange(clientId, `${resource}/.default`),
    tryKey: async (clientId, jwk) => {
      const assertion = signAssertion(jwk, clientId, endpoint, deps.now());
      return (await clientCredentials({ client_id: clientId, ...assertion })).refused;
    },
    trySecret: async (clientId, secret) =>
      (await clientCredentials({ client_id: clientId, client_secret: secret })).refused,
  };
}

/** Issuer, subject and audience come from the token itself: subjects can't be put together from names. */
function federationContext(tenantId: string, clientId: string, assertion: string): string {
  const { iss, sub, aud } = peekClaims(assertion);
  return `Application ${clientId}, tenant ${tenantId}; the job's token has issuer ${iss}, subject ${sub}, audience ${aud}`;
}

function bodyOf(answer: { json(): unknown }): unknown {
  try {
    return answer.json();
  } catch {
    return undefined;
  }
}
