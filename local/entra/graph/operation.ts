import type { Directory } from "../directory/directory.ts";
import type { Caller } from "./caller.ts";

/** What the tenant's application management policy allows of secrets; nothing is forbidden unless set. */
export interface SecretPolicy {
  blocked: boolean;
  maxDays: number | undefined;
}

export interface GraphRequest {
  readonly caller: Caller;
  readonly directory: Directory;
  readonly parameters: URLSearchParams;
  readonly body: unknown;
  readonly secretPolicy: SecretPolicy;
  /** Where Graph is, for links to the next page. */
  readonly graphUrl: string;
}

export interface GraphAnswer {
  readonly status: 200 | 201 | 204;
  /** What follows `$metadata#` in `@odata.context`. */
  readonly context?: string;
  readonly body?: object;
}
