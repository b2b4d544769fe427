import { createHash, createSign, generateKeyPair, type JsonWebKey, randomBytes } from "node:crypto";
import { promisify } from "node:util";

/** A key with the certificate that tells others about it. */
export interface SelfSigned {
  /** DER (RFC 5280). */
  readonly certificate: Buffer;
  /** base64url(SHA-256) of it, as `x5t#S256` (RFC 7515 section 4.1.8). */
  readonly thumbprint: string;
  readonly privateKey: JsonWebKey;
}

const makeKeyPair = promisify(generateKeyPair);

/**
 * Makes an RSA key of 2048 bits and a certificate for it, signed by itself: nobody has to trust it but the application
 * that it is given to.
 * @param name common name, for people
 */
export async function makeCertificate(name: string, notBefore: Date, notAfter: Date): Promise<SelfSigned> {
  const { publicKey, privateKey } = await makeKeyPair("rsa", { modulusLength: 2048 });
  const subject = sequence(set(sequence(oid("2.5.4.3"), tlv(0x0c, Buffer.from(name, "utf8")))));
  const toBeSigned = sequence(
    tlv(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(0x01), randomBytes(15)])),
    sha256WithRsa,
    subject,
    sequence(time(notBefore), time(notAfter)),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(digitalSignatureOnly)),
  );
  const signature = createSign("sha256").update(toBeSigned).sign(privateKey);
  const certificate = sequence(toBeSigned, sha256WithRsa, bits(signature));
  return {
    certificate,
    thumbprint: createHash("sha256").update(certificate).digest("base64url"),
    privateKey: privateKey.export({ format: "jwk" }),
  };
}

/** One element of DER (X.690 section 8.1). */
function tlv(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const size =
    length < 0x80
      ? Buffer.of(length)
      : length < 0x100
        ? Buffer.of(0x81, length)
        : Buffer.of(0x82, length >> 8, length & 0xff);
  return Buffer.concat([Buffer.of(tag), size, body]);
}

function sequence(...content: readonly Buffer[]): Buffer {
  return tlv(0x30, ...content);
}

function set(...content: readonly Buffer[]): Buffer {
  return tlv(0x31, ...content);
}

/** @param bytes big-endian; the first is below 128, else the number would be negative */
function integer(bytes: Buffer): Buffer {
  return tlv(0x02, bytes);
}

function bits(bytes: Buffer): Buffer {
  return tlv(0x03, Buffer.of(0), bytes);
}

/** Times until 2049 have two digits for the year (RFC 5280 section 4.1.2.5). */
function time(date: Date): Buffer {
  const text = date.toISOString().replace(/[-:T]/g, "").replace(/\..*$/, "Z");
  return date.getUTCFullYear() < 2050
    ? tlv(0x17, Buffer.from(text.slice(2), "ascii"))
    : tlv(0x18, Buffer.from(text, "ascii"));
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = rest.flatMap((arc) => {
    const digits = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  });
  return tlv(0x06, Buffer.of(first * 40 + second, ...bytes));
}

const sha256WithRsa = sequence(oid("1.2.840.113549.1.1.11"), tlv(0x05));
/** keyUsage, critical: digitalSignature (RFC 5280 section 4.2.1.3). */
const digitalSignatureOnly = sequence(
  oid("2.5.29.15"),
  tlv(0x01, Buffer.of(0xff)),
  tlv(0x04, tlv(0x03, Buffer.of(7, 0x80))),
);
