import { request as httpRequest } from "node:http";
import { getOctokit } from "@actions/github";
import { CallLog } from "../../../local/call-log.ts";
import { TestClock } from "../../../local/clock.ts";
import { Faults } from "../../../local/faults.ts";
import { type GitHubStandIn, type Repository, startGitHub } from "../../../local/github/index.ts";
import { actionsBot } from "../../../local/github/state/store.ts";
import {
  type Level,
  type Permissions,
  readPermissions,
  type Scope,
} from "../../../local/github/tokens/permissions.ts";

/** fetch for `*.localhost`, which Node doesn't resolve: the address is loopback, the name goes into Host. No redirects. */
export const localFetch = (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
  const url = new URL(input instanceof Request ? input.url : input);
  const headers = Object.fromEntries(new Headers(init.headers));
  const options = {
    host: "127.0.0.1",
    port: url.port,
    path: url.pathname + url.search,
    method: init.method ?? "GET",
    headers: { ...headers, host: url.host },
    agent: false,
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest(options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const answered = new Headers();
        for (const [name, value] of Object.entries(response.headers)) answered.set(name, String(value));
        const body = [204, 304].includes(response.statusCode ?? 0) ? null : Buffer.concat(chunks);
        resolve(new Response(body, { status: response.statusCode ?? 0, headers: answered }));
      });
    });
    request.on("error", reject);
    request.end(init.body as string | undefined);
  });
};

export interface Setting {
  readonly github: GitHubStandIn;
  readonly clock: TestClock;
  readonly log: CallLog;
  readonly faults: Faults;
}

export async function startSetting(): Promise<Setting> {
  const setting = { clock: new TestClock(), log: new CallLog(), faults: new Faults() };
  return { ...setting, github: await startGitHub(setting) };
}

export function octokitFor(github: GitHubStandIn, token: string) {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  return getOctokit(token, { baseUrl: github.apiUrl, request: { fetch: localFetch }, log });
}

/** A job's token with exactly these permissions. */
export function jobToken(
  github: GitHubStandIn,
  repository: Repository,
  granted: Partial<Record<Scope, Level>>,
): string {
  const permissions: Permissions = readPermissions(granted);
  return github.tokens.issue({ kind: "job", repository, permissions, account: actionsBot });
}

/** Status and message of the answer that a call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<{ status: number; message: string }> {
  try {
    await call;
  } catch (error) {
    const { status, response } = error as { status: number; response?: { data: { message: string } } };
    return { status, message: response?.data.message ?? String(error) };
  }
  throw new Error("the call was not refused");
}
