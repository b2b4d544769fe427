import { cookies } from "../../../contract/names/cookies.ts";
import type { StepUp } from "../../../contract/policy/model.ts";
import { createTransactions, type SealedTransaction } from "./sealed-transaction.ts";

/** One authorization request that a site which signs in for itself has under way. */
export interface OwnTransaction extends SealedTransaction {
  /** Path and query of the page that was asked for. */
  readonly returnTo: string;
  /** What that page's rule wants. */
  readonly stepUp: StepUp;
  /** Entra was told to let nobody through without proving who he is: that is done once. */
  readonly prompted: boolean;
  /** Attempts that the pages made by themselves before this one. */
  readonly attempts: number;
}

/** They share their name with what a used transaction leaves behind (site-transaction.ts), which takes their place. */
export const ownTransactions = createTransactions<OwnTransaction>(
  "entra-gate-own-transaction",
  cookies.siteTransaction,
);
