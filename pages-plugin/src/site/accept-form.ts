import { acceptFields } from "../../../contract/tickets/claims.ts";
import { GateFault } from "../http/fault.ts";

/** A ticket fits into a cookie; form encoding adds nothing to base64url and dots. */
const largestForm = 8192;

/**
 * Reads the form that the sign-in host posts.
 *
 * @throws GateFault accept-form-invalid: another content type, too large, or a field that is missing, doubled or odd
 */
export async function readAcceptForm(request: Request): Promise<{ ticket: string; transaction: string }> {
  const type = (request.headers.get("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded")
    throw new GateFault("accept-form-invalid", "content type");
  const form = new URLSearchParams(await boundedBody(request));
  const [ticket, ...moreTickets] = form.getAll(acceptFields.ticket);
  const [transaction, ...moreTransactions] = form.getAll(acceptFields.transaction);
  if (ticket === undefined || transaction === undefined || moreTickets.length + moreTransactions.length > 0) {
    throw new GateFault("accept-form-invalid", "fields");
  }
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(ticket)) throw new GateFault("ticket-malformed", "shape");
  return { ticket, transaction };
}

async function boundedBody(request: Request): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > largestForm) throw new GateFault("accept-form-invalid", "too large");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
