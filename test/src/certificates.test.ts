import { createHash, createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { makeCertificate } from "../../src/certificates.ts";

const from = new Date("2026-11-25T09:00:00Z");
const to = new Date("2027-02-23T09:00:00Z");

describe("makeCertificate", () => {
  it("makes one that OpenSSL reads: its own name, its times, its key, signed by itself", async () => {
    const made = await makeCertificate("entra-gate acme-sign-in", from, to);
    const read = new X509Certificate(made.certificate);
    expect(read.subject).toBe("CN=entra-gate acme-sign-in");
    expect(read.issuer).toBe(read.subject);
    expect([read.validFromDate, read.validToDate]).toEqual([from, to]);
    expect(read.verify(read.publicKey)).toBe(true);
    expect(read.checkPrivateKey(createPrivateKey({ key: made.privateKey, format: "jwk" }))).toBe(true);
    expect(read.ca).toBe(false);
    expect(read.serialNumber).toMatch(/^01[0-9A-F]{30}$/);
    const { n, e } = made.privateKey;
    expect(
      createPublicKey(read.publicKey.export({ type: "spki", format: "pem" })).export({ format: "jwk" }),
    ).toMatchObject({ n, e });
    expect(made.thumbprint).toBe(createHash("sha256").update(read.raw).digest("base64url"));
  });

  it("also for people with other letters, for long names and for times after 2049", async () => {
    const name = "Zoë’s Gate ".repeat(12).trim();
    const late = new Date("2051-01-02T03:04:05Z");
    const read = new X509Certificate((await makeCertificate(name, from, late)).certificate);
    expect(read.toLegacyObject().subject.CN).toBe(name);
    expect(read.validToDate).toEqual(late);
  });
});
