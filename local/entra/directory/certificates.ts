import { createHash, X509Certificate } from "node:crypto";
import type { ApplicationCertificate } from "./model.ts";

/** Base64 of a DER certificate, read; undefined for what is none. */
export function readCertificate(key: string): X509Certificate | undefined {
  try {
    return new X509Certificate(Buffer.from(key, "base64"));
  } catch {
    return undefined;
  }
}

/** base64url digests by which an assertion's header may name a certificate (RFC 7515 sections 4.1.7 and 4.1.8). */
export function thumbprints({ key }: ApplicationCertificate): {
  readonly sha1: string;
  readonly sha256: string;
} {
  const der = Buffer.from(key, "base64");
  const digest = (algorithm: string) => createHash(algorithm).update(der).digest("base64url");
  return { sha1: digest("sha1"), sha256: digest("sha256") };
}
