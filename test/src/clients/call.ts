import type { ActionErrorCode } from "../../../contract/errors/action.ts";
import type { ActionContext } from "../../../src/context.ts";

/** What a call needs around it. */
export interface Surroundings extends ActionContext {
  /** Origin of something that answers as a sign-in host and as a site. */
  readonly host: string;
  readonly gate: { readonly id: string; readonly appId: string };
  readonly testClientId: string;
  readonly tip: string;
  readonly pullRequest: number;
  readonly comment: number;
  readonly githubDeployment: number;
  readonly artifact: { readonly id: number; readonly digest: string; readonly run: number };
  readonly project: string;
  /** Of production, and not the newest. */
  readonly deployment: string;
  readonly database: string;
  /** A key of a client secret that the gate application has. */
  newKey(): string;
}

/** One outside call of the action, as its clients make it. */
export interface EveryCall {
  /** As local/call-name.ts names it. */
  readonly call: string;
  run(on: Surroundings): Promise<unknown>;
  /** What a refusal for want of a permission ends with; absent where that is an answer like any other. */
  readonly denied?: ActionErrorCode | undefined;
  /** Doing it twice is not the same as once. */
  readonly once?: true;
  /** Success has no body, or none that is read: it can't be cut short. */
  readonly bodyless?: true;
  /** Any page is a good answer. */
  readonly page?: true;
  /** What a page instead of an answer ends with, where there is a code for it. */
  readonly otherwise?: ActionErrorCode;
  /** What every fault ends with: which one it was is in the error's detail. */
  readonly always?: ActionErrorCode;
  /** No fault is an error: whoever asks is content with nothing. */
  readonly quiet?: true;
  /** A refusal is taken for delay at first. */
  readonly patient?: true;
  /** It is tried again for longer than one request is: what it is about spreads slowly. */
  readonly longTried?: true;
}

export const cloudflare = (
  call: string,
  run: EveryCall["run"],
  more: Partial<EveryCall> = {},
): EveryCall => ({
  call: `cloudflare ${call.replace(" ", " /client/v4/accounts/{account}")}`,
  run,
  denied: "cloudflare-permission-missing",
  ...more,
});
export const graph = (call: string, run: EveryCall["run"], more: Partial<EveryCall> = {}): EveryCall => ({
  call: `graph ${call.replace(" ", " /v1.0")}`,
  run,
  denied: "graph-permission-missing",
  ...more,
});
export const github = (call: string, run: EveryCall["run"], more: Partial<EveryCall> = {}): EveryCall => ({
  call: `github ${call.replace(" ", " /repos/{owner}/{repo}")}`,
  run,
  denied: "github-permission-missing",
  ...more,
});
