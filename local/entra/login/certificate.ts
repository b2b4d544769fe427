import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  jwtVerify,
  type ProtectedHeaderParameters,
} from "jose";
import { readCertificate, thumbprints } from "../directory/certificates.ts";
import type { Application, ApplicationCertificate } from "../directory/model.ts";
import { AadstsError } from "./aadsts.ts";

/** Seconds by which the two clocks may differ. */
const leeway = 300;
/** The longest that an assertion may live. */
const longest = 600;

/** Whether an assertion is the application's own (`private_key_jwt`), not another issuer's. */
export function isOwnAssertion(assertion: string, clientId: string): boolean {
  try {
    return decodeJwt(assertion).iss?.toLowerCase() === clientId.toLowerCase();
  } catch {
    return false;
  }
}

/**
 * Checks an assertion that is signed with the key of one of the application's certificates: header, issuer, subject,
 * audience, times, then the signature.
 * Source: learn.microsoft.com, "Microsoft identity platform application authentication certificate credentials".
 * @param now milliseconds since 1970
 * @throws AadstsError 50027, 700021, 700023, 700024, 700027
 */
export async function checkCertificateAssertion(
  application: Application,
  assertion: string,
  tokenEndpoint: string,
  now: number,
): Promise<void> {
  const { header, claims } = read(assertion);
  if (claims.sub?.toLowerCase() !== application.appId)
    throw new AadstsError(
      700021,
      "Client assertion application identifier doesn't match 'client_id' parameter.",
    );
  if (claims.aud !== tokenEndpoint)
    throw new AadstsError(
      700023,
      `Client assertion audience claim does not match Realm issuer. '${claims.aud}'`,
    );
  const { exp, nbf = claims.iat, jti } = claims;
  if (exp === undefined || nbf === undefined || jti === undefined)
    throw new AadstsError(50027, "JWT token is invalid or malformed.");
  if (exp - nbf > longest) throw outOfTime();
  const certificate = find(application, header, now);
  try {
    await jwtVerify(assertion, certificate, {
      algorithms: ["PS256", "RS256"],
      typ: "JWT",
      currentDate: new Date(now),
      clockTolerance: leeway,
    });
  } catch (error) {
    if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed)
      throw outOfTime();
    throw new AadstsError(700027, "Client assertion contains an invalid signature.");
  }
}

function read(assertion: string): { header: ProtectedHeaderParameters; claims: JWTPayload } {
  try {
    return { header: decodeProtectedHeader(assertion), claims: decodeJwt(assertion) };
  } catch {
    throw new AadstsError(50027, "JWT token is invalid or malformed.");
  }
}

function find(application: Application, header: ProtectedHeaderParameters, now: number) {
  const named = (one: ApplicationCertificate): boolean => {
    const { sha1, sha256 } = thumbprints(one);
    return header["x5t#S256"] === sha256 || (header["x5t#S256"] === undefined && header.x5t === sha1);
  };
  const known = application.keyCredentials.find((one) => one.usableFrom <= now && named(one));
  const thumbprint = String(header["x5t#S256"] ?? header.x5t ?? "");
  const refuse = (reason: string): AadstsError =>
    new AadstsError(
      700027,
      `Client assertion contains an invalid signature. [Reason - ${reason}, Thumbprint of key used by client: '${thumbprint}'].`,
    );
  const key = known && readCertificate(known.key)?.publicKey;
  if (known === undefined || key === undefined) throw refuse("The key was not found.");
  if (now < Date.parse(known.startDateTime) || now >= Date.parse(known.endDateTime))
    throw refuse("The key used is expired.");
  return key;
}

function outOfTime(): AadstsError {
  return new AadstsError(
    700024,
    "Client assertion is not within its valid time range. Please see the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials.",
  );
}
