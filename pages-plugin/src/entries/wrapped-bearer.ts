import { createBearerTokens } from "../site/bearer.ts";
import { type GatedWorker, createGate as withoutTokens } from "./wrapped.ts";

/** The same gate for a production whose policy says `"bearer": true`: others need not carry what verifies tokens. */
export function createGate(config: unknown, site: unknown): GatedWorker {
  return withoutTokens(config, site, undefined, createBearerTokens);
}
