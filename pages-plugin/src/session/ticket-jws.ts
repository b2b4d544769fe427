import { ticketAlgorithm, ticketType } from "../../../contract/tickets/claims.ts";
import { decodeBase64url, utf8 } from "../http/base64url.ts";
import { GateFault } from "../http/fault.ts";

/** A ticket and its verifier fit a cookie of 4096 bytes; nothing much longer is even looked at. */
const largestTicket = 8192;

const strict = new TextDecoder("utf-8", { fatal: true });

/**
 * The header of the last good ticket: whatever one key signs begins with the same text. Only what was verified gets
 * here.
 */
let known = { head: "", kid: "" };

/** A ticket's payload, with the key that signed it. */
export interface VerifiedJws {
  readonly payload: Readonly<Record<string, unknown>>;
  readonly kid: string;
  readonly key: CryptoKey;
}

/**
 * Verifies a JWS in compact form (RFC 7515 section 5.2) that can be nothing but a ticket: RS256 and the ticket's own
 * `typ`, exactly, no `crit`; the key comes from its `kid` alone, and nothing of the payload is read before it is
 * verified. It is done by hand because a general library is a third of a site's bundle and of the time a new session
 * takes; test/pages-plugin/session/ticket-jws.test.ts holds it against that library.
 *
 * @param find the key of an id; undefined where there is none
 * @throws GateFault ticket-malformed, -key-unknown, -signature; and what `find` throws
 */
export async function verifyTicketJws(
  ticket: string,
  find: (kid: string) => Promise<CryptoKey | undefined>,
): Promise<VerifiedJws> {
  const [head = "", body = "", tail = "", ...rest] = ticket.length > largestTicket ? [] : ticket.split(".");
  if (rest.length > 0) throw new GateFault("ticket-malformed", "parts");
  const kid = head !== "" && head === known.head ? known.kid : readKid(head);
  const key = await find(kid);
  if (key === undefined) throw new GateFault("ticket-key-unknown", kid.slice(0, 64));
  const signature = read(tail, "signature");
  const signed = utf8(ticket.slice(0, head.length + 1 + body.length));
  const verified = await crypto.subtle.verify("RSASSA-PKCS1-v1_5", key, signature, signed).catch(() => false);
  if (verified !== true) throw new GateFault("ticket-signature");
  known = { head, kid };
  return { payload: readObject(body, "payload"), kid, key };
}

function readKid(head: string): string {
  const { alg, typ, kid, crit } = readObject(head, "header");
  if (alg !== ticketAlgorithm || typ !== ticketType || crit !== undefined)
    throw new GateFault("ticket-malformed", "header");
  if (typeof kid !== "string" || kid === "") throw new GateFault("ticket-malformed", "kid");
  return kid;
}

function read(text: string, part: string): Uint8Array<ArrayBuffer> {
  try {
    return decodeBase64url(text);
  } catch {
    throw new GateFault("ticket-malformed", part);
  }
}

function readObject(text: string, part: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(strict.decode(read(text, part)));
  } catch {
    // Told on below.
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new GateFault("ticket-malformed", part);
  return value as Record<string, unknown>;
}
