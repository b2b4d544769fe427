import { createHash, randomUUID } from "node:crypto";
import * as v from "valibot";
import { readCertificate } from "../directory/certificates.ts";
import type { Application, ApplicationCertificate } from "../directory/model.ts";
import { GraphError } from "./errors.ts";

const dateTime = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z$/));

/** `keyCredential` as a PATCH may hold it; `key` of those that are there already reads as null and may stay so. */
export const keyCredentialSchema = v.strictObject({
  keyId: v.optional(v.nullable(v.pipe(v.string(), v.uuid()))),
  displayName: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(90)))),
  type: v.picklist(["AsymmetricX509Cert", "Symmetric", "X509CertAndPassword"]),
  usage: v.picklist(["Verify", "Sign"]),
  key: v.optional(v.nullable(v.pipe(v.string(), v.base64()))),
  startDateTime: v.optional(v.nullable(dateTime)),
  endDateTime: v.optional(v.nullable(dateTime)),
  customKeyIdentifier: v.optional(v.nullable(v.string())),
});

/**
 * The application's certificates after a PATCH: the array is replaced whole, so what isn't in it is gone. An entry with
 * the id of one that is there keeps that one's certificate; each other needs its own.
 * Source: Graph v1.0, keyCredential resource type; "Add a certificate to an app using Microsoft Graph".
 * @param usableFrom milliseconds since 1970 from which sign-in knows new ones
 */
export function replaceCertificates(
  { keyCredentials: present }: Application,
  wanted: readonly v.InferOutput<typeof keyCredentialSchema>[],
  usableFrom: number,
): readonly ApplicationCertificate[] {
  const ids = wanted.flatMap(({ keyId }) => keyId?.toLowerCase() ?? []);
  if (new Set(ids).size !== ids.length)
    throw invalid("KeyCredentialsInvalidKeyId", "Key ids must be unique.");
  return wanted.map((entry) => {
    const known = present.find(({ keyId }) => keyId === entry.keyId?.toLowerCase());
    if (known !== undefined && entry.key == null) return known;
    return added(entry, usableFrom);
  });
}

function added(entry: v.InferOutput<typeof keyCredentialSchema>, usableFrom: number): ApplicationCertificate {
  const certificate = entry.key == null ? undefined : readCertificate(entry.key);
  if (
    certificate === undefined ||
    entry.key == null ||
    entry.type !== "AsymmetricX509Cert" ||
    entry.usage !== "Verify"
  )
    throw invalid(
      "Request_BadRequest",
      "Invalid value specified for property 'keyCredentials' of resource 'Application'.",
    );
  const { validFromDate, validToDate } = certificate;
  const start = new Date(entry.startDateTime ?? validFromDate);
  const end = new Date(entry.endDateTime ?? validToDate);
  if (start < validFromDate)
    throw invalid("KeyCredentialsInvalidStartDate", "Key credential start date is invalid.");
  if (end > validToDate) throw invalid("KeyCredentialsInvalidEndDate", "Key credential end date is invalid.");
  return {
    keyId: entry.keyId?.toLowerCase() ?? randomUUID(),
    displayName: entry.displayName ?? certificate.subject,
    startDateTime: start.toISOString(),
    endDateTime: end.toISOString(),
    customKeyIdentifier:
      entry.customKeyIdentifier ?? createHash("sha1").update(certificate.raw).digest("hex").toUpperCase(),
    key: entry.key,
    usableFrom,
  };
}

function invalid(code: string, message: string): GraphError {
  return new GraphError(400, code, message);
}
