import { cookies } from "../../../contract/names/cookies.ts";
import type { Environment, StepUp } from "../../../contract/policy/model.ts";
import { createTransactions, type SealedTransaction } from "./sealed-transaction.ts";

/** Which site wants to know who the visitor is, and what it needs back with the ticket. */
export interface TicketRequest {
  readonly origin: string;
  readonly environment: Environment;
  /** The site's own transaction. */
  readonly tx: string;
  /** base64url(SHA-256) of the site's verifier. */
  readonly challenge: string;
}

/** One authorization request that the sign-in host has under way, for the site that asked. */
export interface HostTransaction extends TicketRequest, SealedTransaction {
  /** Query of the host's audit page, which asked instead of a site. */
  readonly page?: string;
  /** What the site's rule wants, as far as the host's entry knows it. */
  readonly stepUp: StepUp;
  /** Entra was told to let nobody through without proving who he is: that is done once. */
  readonly prompted: boolean;
  /** Attempts that the pages made by themselves before this one. */
  readonly attempts: number;
}

export const hostTransactions = createTransactions<HostTransaction>(
  "entra-gate-host-transaction",
  cookies.hostTransaction,
);
