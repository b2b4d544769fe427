import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from "jose";
import type { Directory } from "../directory/directory.ts";
import type { Application, FederatedCredential } from "../directory/model.ts";
import { getLoopbackJson } from "../loopback.ts";
import { AadstsError } from "./aadsts.ts";

const advice =
  "Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation";

/** Federated credentials that worked may fail again while they propagate (facts); how many more exchanges shall. */
export interface Relapse {
  left: number;
}

/**
 * Checks a GitHub token against the application's federated identity credentials: issuer, audience and subject exactly
 * and in their case, then the signature by the issuer's published keys, then the times.
 * Source: RFC 7523 section 3; learn.microsoft.com, "Workload identity federation".
 * @throws AadstsError 70021, 700211, 700212, 700213, 7002138, 70025, 700024, 700027, 50027, 501661
 */
export async function checkFederatedAssertion(
  directory: Directory,
  application: Application,
  assertion: string,
  relapse: Relapse,
): Promise<void> {
  const claims = readClaims(assertion);
  const credential = match(directory, application, claims, relapse);
  const keys = await issuerKeys(credential.issuer);
  try {
    await jwtVerify(assertion, createLocalJWKSet(keys), {
      algorithms: ["RS256"],
      issuer: credential.issuer,
      audience: credential.audiences[0],
      requiredClaims: ["exp", "iat", "sub"],
      // The issuer next door reads the same clock; Entra allows five minutes of difference.
      currentDate: new Date(directory.clock.now()),
      clockTolerance: 300,
    });
  } catch (error) {
    if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed) {
      throw new AadstsError(
        700024,
        "Client assertion is not within its valid time range. Please see the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials.",
      );
    }
    throw new AadstsError(700027, "Client assertion failed signature validation.");
  }
}

function readClaims(assertion: string): JWTPayload {
  try {
    return decodeJwt(assertion);
  } catch {
    throw new AadstsError(50027, "JWT token is invalid or malformed.");
  }
}

function match(
  directory: Directory,
  application: Application,
  { iss, aud, sub }: JWTPayload,
  relapse: Relapse,
): FederatedCredential {
  const all = directory.applicationEntry(application.appId)?.federatedCredentials ?? [];
  if (all.length === 0) {
    throw new AadstsError(
      70025,
      `The client '${application.appId}'(${application.displayName}) has no configured federated identity credentials.`,
    );
  }
  const now = directory.clock.now();
  const visible = relapse.left > 0 ? [] : all.filter(({ usableFrom }) => usableFrom <= now);
  if (visible.length === 0) {
    if (relapse.left > 0) relapse.left -= 1;
    throw new AadstsError(
      70021,
      `No matching federated identity record found for presented assertion. Assertion Issuer: '${iss}'. Assertion Subject: '${sub}'. Assertion Audience: '${aud}'. https://learn.microsoft.com/entra/workload-id/workload-identity-federation`,
    );
  }
  const byIssuer = visible.filter(({ issuer }) => issuer === iss);
  if (byIssuer.length === 0) throw noMatch(700211, "issuer", iss);
  const byAudience = byIssuer.filter(({ audiences }) => audiences[0] === aud);
  if (byAudience.length === 0) throw noMatch(700212, "audience", aud);
  const exact = byAudience.find(({ subject }) => subject === sub);
  if (exact !== undefined) return exact;
  if (byAudience.some(({ subject }) => subject.toLowerCase() === sub?.toLowerCase())) {
    throw new AadstsError(
      7002138,
      `No matching federated identity record found for presented assertion subject '${sub}'. The subject matches with case-insensitive comparison, but not with case-sensitive comparison. ${advice}`,
    );
  }
  throw noMatch(700213, "subject", sub);
}

function noMatch(code: 700211 | 700212 | 700213, what: string, value: unknown): AadstsError {
  return new AadstsError(
    code,
    `No matching federated identity record found for presented assertion ${what} '${String(value)}'. ${advice}`,
  );
}

async function issuerKeys(issuer: string): Promise<JSONWebKeySet> {
  try {
    const document = (await getLoopbackJson(`${issuer}/.well-known/openid-configuration`)) as {
      issuer?: unknown;
      jwks_uri?: unknown;
    };
    if (document.issuer !== issuer) throw new Error("issuer differs");
    return (await getLoopbackJson(String(document.jwks_uri))) as JSONWebKeySet;
  } catch (error) {
    throw new AadstsError(501661, `Request to External OIDC endpoint failed. ${(error as Error).message}`);
  }
}
