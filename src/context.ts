import { realpathSync } from "node:fs";
import { dirname } from "node:path";
import { type CloudflareClient, createCloudflareClient } from "./clients/cloudflare.ts";
import { createEntraClient, type EntraClient } from "./clients/entra.ts";
import { createGitHubClient, type GitHubClient } from "./clients/github.ts";
import { createGraphClient, type GraphClient } from "./clients/graph.ts";
import { createHttp, type Http } from "./clients/http.ts";
import { paced } from "./clients/pace.ts";
import { nodeTransport } from "./clients/transport.ts";
import { createDeadline, type Deadline, wrapUpTime } from "./deadline.ts";
import { ActionError } from "./errors.ts";
import { type BuildEvent, type GateEvent, readEvent } from "./event.ts";
import { type Inputs, readInputs } from "./inputs.ts";
import type { SiteInputs } from "./inputs-sites.ts";
import type { Log } from "./log.ts";
import { createTrail, type Trail } from "./steps/trail.ts";

/** What the runner says of this run. Source: GitHub, "Variables reference", default environment variables. */
export interface RunnerFacts {
  /** `owner/name` */
  readonly repository: string;
  readonly runId: number;
  /** 1, and more where somebody had it run again. */
  readonly attempt: number;
  readonly runUrl: string;
  readonly apiUrl: string;
  /** Login of whoever set the run off; empty where the runner does not say. */
  readonly actor: string;
  /** Folder for this job's files. */
  readonly temp: string;
}

/** All that a run works with; nothing else is read from the process. */
export interface ActionContext {
  readonly inputs: Inputs;
  readonly event: GateEvent;
  readonly runner: RunnerFacts;
  readonly log: Log;
  readonly http: Http;
  readonly github: GitHubClient;
  readonly cloudflare: CloudflareClient;
  readonly entra: EntraClient;
  readonly graph: GraphClient;
  /** What this run changed outside, as audit events. */
  readonly trail: Trail;
  /** The action's dist folder. */
  readonly dist: string;
  /** Environment of the process, for the tools that need a few of its variables. */
  readonly env: Variables;
  /** `https://api.cloudflare.com/client/v4`, for wrangler. */
  readonly cloudflareUrl: string;
  readonly deadline: Deadline;
  now(): number;
  /** Waits within the run's time. @throws ActionError deadline-exceeded */
  sleep(milliseconds: number): Promise<void>;
  random(): number;
  setOutput(name: string, value: string): void;
  addSummary(markdown: string): Promise<void>;
}

/** A run with a build to deploy, whichever event told of it. */
export interface BuildContext extends ActionContext {
  readonly build: BuildEvent;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** The parts of a context that a test puts in place of the machine's own. */
export interface Surroundings {
  readonly env: Variables;
  readonly log: Log;
  readonly dist: string;
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  random(): number;
  setOutput(name: string, value: string): void;
  addSummary(markdown: string): Promise<void>;
}

/** Of Cloudflare's 1,200 in five minutes; wrangler makes some of its own. */
const cloudflarePace = { limit: 1_000, window: 5 * 60_000 };

/** A gate job has no business working longer; GitHub's own limit is six hours. What follows is bounded, too. */
const wholeRun = { work: 20 * 60_000, reserve: wrapUpTime.cover + wrapUpTime.report };

/** What makes the context of one site among several. */
export interface Share {
  readonly site: SiteInputs;
  /** The credential and keys are the host's: with several sites they are rotated once. */
  readonly rotates: boolean;
  /** When Cloudflare was called, in milliseconds since 1970: its limit is for all sites together. */
  readonly sent: number[];
}

/**
 * Reads inputs, event and environment and makes the clients.
 * @param share left out where the run is about one site
 * @throws ActionError inputs-invalid, command-unavailable, event-unreadable, environment-incomplete
 */
export function createContext(around: Surroundings, share?: Share): ActionContext {
  const { env, log, now, random } = around;
  const mask = (secret: string): void => log.mask(secret);
  const read = readInputs(env, mask);
  const inputs = share ? { ...read, ...share.site, rotate: read.rotate && share.rotates } : read;
  const runner = readRunner(env);
  const event = readEvent(env);
  const deadline = createDeadline({ ...wholeRun, now, sleep: around.sleep });
  const { left, sleep } = deadline;
  const http = createHttp({ transport: nodeTransport, now, sleep, random, left });
  const entra = createEntraClient(
    { http, now, sleep, mask },
    {
      authority: inputs.entraAuthority,
      tenantId: inputs.tenantId,
      clientId: inputs.clientId,
      graphUrl: inputs.graphUrl,
      idToken: idTokenSource(env),
    },
  );
  const cloudflareUrl = (env["CLOUDFLARE_API_BASE_URL"] || "https://api.cloudflare.com/client/v4").replace(
    /\/$/,
    "",
  );
  const [owner = "", repo = ""] = runner.repository.split("/");
  const actor = {
    app: inputs.clientId,
    run: runner.runUrl,
    repository: runner.repository,
    ...(runner.actor === "" ? {} : { login: runner.actor }),
  };
  return {
    ...around,
    sleep,
    inputs,
    event,
    runner,
    http,
    entra,
    trail: createTrail(actor, now),
    graph: createGraphClient(http, entra, inputs.graphUrl, mask),
    github: createGitHubClient(http, { apiUrl: runner.apiUrl, token: inputs.githubToken, owner, repo }),
    cloudflare: createCloudflareClient(
      paced(http, { ...cloudflarePace, now, sleep, ...(share && { sent: share.sent }) }),
      { baseUrl: cloudflareUrl, token: inputs.cloudflareApiToken, accountId: inputs.cloudflareAccountId },
      sleep,
    ),
    cloudflareUrl,
    deadline,
  };
}

/** Where this job gets its ID tokens; undefined without `id-token: write`. */
export function idTokenSource(env: Variables) {
  const url = env["ACTIONS_ID_TOKEN_REQUEST_URL"];
  const requestToken = env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
  return url && requestToken ? { url, requestToken } : undefined;
}

function readRunner(env: Variables): RunnerFacts {
  const missing: string[] = [];
  const need = (name: string): string => {
    const value = env[name] ?? "";
    if (value === "") missing.push(name);
    return value;
  };
  const repository = need("GITHUB_REPOSITORY");
  const runId = Number(need("GITHUB_RUN_ID"));
  const server = need("GITHUB_SERVER_URL");
  const apiUrl = need("GITHUB_API_URL");
  const temp = need("RUNNER_TEMP");
  if (missing.length > 0) throw new ActionError("environment-incomplete", missing.join(", "));
  // Whoever ran it again, where somebody did.
  const actor = env["GITHUB_TRIGGERING_ACTOR"] || (env["GITHUB_ACTOR"] ?? "");
  const attempt = Number(env["GITHUB_RUN_ATTEMPT"] || 1);
  return {
    repository,
    actor,
    runId,
    attempt,
    runUrl: `${server}/${repository}/actions/runs/${runId}`,
    apiUrl,
    temp,
  };
}

/** Folder of the script that node was started with: the action's dist, wherever the runner put it. */
export function distFolder(script: string | undefined): string {
  return dirname(realpathSync(script ?? "."));
}
