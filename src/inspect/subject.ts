import { federationAudience } from "../clients/entra.ts";
import { peekClaims, requestIdToken } from "../clients/id-token.ts";
import { type ActionContext, idTokenSource } from "../context.ts";
import type { Subject } from "./federation.ts";

/** What this job's ID token says of it, as Entra compares it; the environment is empty where the job has none. */
export interface JobToken extends Subject {
  readonly environment: string;
}

/**
 * Reads the subject from a token of this very job: how one looks depends on when the repository was made and on what
 * it chose itself, so that none is ever put together from names.
 * @throws ActionError id-token-unavailable, service-*
 */
export async function jobToken({ http, env, log }: ActionContext): Promise<JobToken> {
  const mask = (secret: string): void => log.mask(secret);
  return peekClaims(await requestIdToken(http, idTokenSource(env), federationAudience, mask));
}
