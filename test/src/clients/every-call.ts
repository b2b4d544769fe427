import { createHash, randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import type { ActionErrorCode } from "../../../contract/errors/action.ts";
import { compilePolicy } from "../../../contract/policy/compile.ts";
import { parsePolicy } from "../../../contract/policy/parse.ts";
import type { SiteRow } from "../../../contract/sites/row.ts";
import { openSession, sessionRefused } from "../../../src/clients/machine-session.ts";
import { runToken } from "../../../src/commands/token.ts";
import type { ActionContext } from "../../../src/context.ts";
import { checkCredential } from "../../../src/steps/credential-check.ts";
import { checkMachines } from "../../../src/steps/machines.ts";
import { checkSignIn, type ExpectedSignIn } from "../../../src/steps/sign-in-check.ts";
import { readHostKeys, readHostStatus } from "../../../src/steps/sign-in-status.ts";

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
  readonly denied?: ActionErrorCode;
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

const cloudflare = (call: string, run: EveryCall["run"], more: Partial<EveryCall> = {}): EveryCall => ({
  call: `cloudflare ${call.replace(" ", " /client/v4/accounts/{account}")}`,
  run,
  denied: "cloudflare-permission-missing",
  ...more,
});
const graph = (call: string, run: EveryCall["run"], more: Partial<EveryCall> = {}): EveryCall => ({
  call: `graph ${call.replace(" ", " /v1.0")}`,
  run,
  denied: "graph-permission-missing",
  ...more,
});
const github = (call: string, run: EveryCall["run"], more: Partial<EveryCall> = {}): EveryCall => ({
  call: `github ${call.replace(" ", " /repos/{owner}/{repo}")}`,
  run,
  denied: "github-permission-missing",
  ...more,
});
const fresh = (): string => `x${randomUUID().slice(0, 8)}`;
const status = { context: "Entra Gate", description: "", state: "pending" } as const;

/** Every call that the action makes to a service, in the order of src/clients. */
export const everyCall: readonly EveryCall[] = [
  {
    call: "github run-actions GET /idtoken/{number}",
    denied: "id-token-unavailable",
    run: ({ entra }) => entra.graphToken(),
  },
  {
    call: "entra POST /{id}/oauth2/v2.0/token",
    denied: "entra-federation-mismatch",
    patient: true,
    longTried: true,
    run: ({ entra }) => entra.graphToken(),
  },
  {
    call: "entra GET /{id}/oauth2/v2.0/authorize",
    denied: "entra-refused",
    longTried: true,
    page: true,
    bodyless: true,
    run: (on) => checkSignIn(on, rowOf(on), expectedOf(on)),
  },

  graph("GET /applications(appId='{appId}')", ({ graph: on, gate }) => on.application(gate.appId)),
  graph("POST /applications", ({ graph: on }) => on.createApplication(newApplication()), { once: true }),
  graph(
    "PATCH /applications/{id}",
    ({ graph: on, gate }) => on.patchApplication(gate.id, { groupMembershipClaims: "SecurityGroup" }),
    { bodyless: true },
  ),
  graph(
    "POST /applications/{id}/addPassword",
    ({ graph: on, gate, now }) => on.addPassword(gate.id, fresh(), new Date(now() + 8 * 86_400_000)),
    { once: true },
  ),
  graph(
    "POST /applications/{id}/removePassword",
    ({ graph: on, gate, newKey }) => on.removePassword(gate.id, newKey()),
    {
      once: true,
      bodyless: true,
    },
  ),
  graph("GET /applications/{id}/federatedIdentityCredentials", ({ graph: on, gate }) =>
    on.federatedCredentials(gate.id),
  ),
  graph(
    "POST /applications/{id}/federatedIdentityCredentials",
    ({ graph: on, gate }) =>
      on.addFederatedCredential(gate.id, {
        name: fresh(),
        issuer: `https://${fresh()}.example`,
        subject: fresh(),
        audiences: ["api://AzureADTokenExchange"],
      }),
    { once: true },
  ),
  graph("GET /servicePrincipals(appId='{appId}')", ({ graph: on, gate }) => on.servicePrincipal(gate.appId)),
  graph(
    "POST /servicePrincipals",
    async ({ graph: on, sleep }) => {
      const { appId } = await on.createApplication(newApplication());
      await sleep(60_000);
      return on.createServicePrincipal(appId);
    },
    { once: true },
  ),

  cloudflare("GET /pages/projects/{project}", ({ cloudflare: on, project }) => on.project(project)),
  cloudflare("POST /pages/projects", ({ cloudflare: on }) => on.createProject(fresh(), "main"), {
    once: true,
  }),
  cloudflare("PATCH /pages/projects/{project}", ({ cloudflare: on, project }) =>
    on.patchProject(project, { deployment_configs: { preview: { fail_open: false } } }),
  ),
  cloudflare("GET /pages/projects/{project}/deployments", ({ cloudflare: on, project }) =>
    on.deployments(project),
  ),
  cloudflare("DELETE /pages/projects/{project}/deployments/{id}", ({ cloudflare: on, project }) =>
    on.deleteDeployment(project, randomUUID()),
  ),
  cloudflare("GET /d1/database", ({ cloudflare: on }) => on.findDatabase("none")),
  cloudflare("POST /d1/database", ({ cloudflare: on }) => on.createDatabase(fresh()), { once: true }),
  cloudflare("POST /d1/database/{id}/query", ({ cloudflare: on, database }) =>
    on.query(database, "SELECT 1"),
  ),

  github("GET /git/ref/heads%2F{name}", ({ github: on }) => on.branchTip("main")),
  github("GET /git/ref/tags%2F{name}", ({ github: on }) => on.tagCommit("v1")),
  github("GET /pulls", ({ github: on }) => on.openPullRequests("acme", "feature")),
  github("GET /pulls/{number}", ({ github: on, pullRequest }) => on.pullRequestHead(pullRequest)),
  github("GET /contents/{path}", ({ github: on, tip }) => on.fileAt("gate.json", tip)),
  github("GET /actions/runs/{number}/artifacts", ({ github: on, artifact }) =>
    on.findArtifact(artifact.run, "entra-gate"),
  ),
  github(
    "GET /actions/artifacts/{number}/zip",
    ({ github: on, artifact }) => on.downloadArtifact(artifact, 1_000_000),
    {
      bodyless: true,
    },
  ),
  {
    call: "github artifacts GET /artifacts/{number}.zip",
    denied: "service-failing",
    patient: true,
    longTried: true,
    run: ({ github: on, artifact }) => on.downloadArtifact(artifact, 1_000_000),
  },
  github("GET /actions/runs/{number}", ({ github: on, artifact }) => on.runIsOver(artifact.run)),
  github("GET /deployments", ({ github: on }) => on.deploymentsSince("site (preview)", 0)),
  github("GET /commits/{sha}/statuses", ({ github: on, tip }) => on.commitStatuses(tip)),
  github("GET /collaborators/{name}/permission", ({ github: on }) => on.permissionOf("acme")),
  github("POST /statuses/{sha}", ({ github: on, tip }) => on.setCommitStatus(tip, status)),
  github("POST /deployments", ({ github: on, tip }) =>
    on.createDeployment({ commit: tip, environment: "site (preview)", production: false, description: "" }),
  ),
  github("POST /deployments/{number}/statuses", ({ github: on, githubDeployment }) =>
    on.setDeploymentStatus(githubDeployment, { state: "inactive", description: "" }),
  ),
  github("GET /issues/{number}/comments", ({ github: on, pullRequest }) =>
    on.commentsStarting(pullRequest, "x"),
  ),
  github(
    "POST /issues/{number}/comments",
    ({ github: on, pullRequest }) => on.createComment(pullRequest, "x"),
    {
      once: true,
    },
  ),
  github("PATCH /issues/comments/{number}", ({ github: on, comment }) => on.updateComment(comment, "y")),

  {
    call: "site GET /.auth/status",
    quiet: true,
    run: ({ http, host }) => readHostStatus(http, host, 4),
  },
  {
    call: "site GET /.auth/jwks",
    denied: "sign-in-host-unreachable",
    patient: true,
    always: "sign-in-host-unreachable",
    run: ({ http, host }) => readHostKeys(http, host),
  },
  {
    call: "site GET /.auth/authorize",
    denied: "sign-in-host-wrong-answer",
    otherwise: "sign-in-host-wrong-answer",
    bodyless: true,
    patient: true,
    longTried: true,
    run: (on) => checkSignIn(on, rowOf(on), expectedOf(on)),
  },
  {
    call: "site GET /.auth/callback",
    page: true,
    bodyless: true,
    run: (on) => checkCredential(on, rowOf(on), expectedOf(on)),
  },
  {
    call: "site POST /.auth/session",
    denied: "service-answer-unreadable",
    patient: true,
    run: async ({ http, host, log }) => {
      const asked = { signInOrigin: host, origin: host, token: "t" };
      const answer = await openSession(http, asked, (secret) => log.mask(secret));
      if (!answer.ok) throw sessionRefused(answer, host);
    },
  },
  {
    call: "site GET /.auth/me",
    denied: "service-answer-unreadable",
    patient: true,
    run: (on) => runToken({ ...on, temp: tmpdir(), inputs: tokenInputs(on) }),
  },
  {
    call: "site HEAD {page}",
    denied: "session-refused",
    page: true,
    bodyless: true,
    run: async (on) => checkMachines(on, [machine()], await machineAt(on)),
  },
];

function newApplication() {
  return { displayName: fresh(), signInAudience: "AzureADMyOrg" };
}

const entry = {
  environment: "production",
  digest: "d",
  lifetime: 1,
  recheck: 1,
  groupNames: {},
  anyone: false,
  members: true,
  guests: false,
  groups: [],
  roles: [],
  apps: [],
} as const;

function rowOf({ host }: Surroundings): SiteRow {
  return { project: "site", subdomain: "site.example", origins: [host], entries: { production: entry } };
}

function expectedOf({ host, gate, inputs }: Surroundings): ExpectedSignIn {
  const { entraAuthority: authority, tenantId } = inputs;
  const redirectUri = `${host}/.auth/callback`;
  return { origin: host, authority, tenantId, clientId: gate.appId, redirectUri };
}

function tokenInputs({ host, gate, testClientId, inputs: { tenantId, entraAuthority } }: Surroundings) {
  const gateClientId = gate.appId;
  return { tenantId, entraAuthority, gateClientId, testClientId, signInOrigin: host, origin: host };
}

function machine() {
  const visitor = {
    kind: "app",
    tid: "",
    oid: "",
    name: "m",
    app: "m",
    groups: [],
    roles: ["Tester"],
  } as const;
  return { app: "m", gate: "g", token: "t", visitor, admitted: true };
}

async function machineAt({ host }: Surroundings) {
  const rules = [{ path: "/*", allow: { roles: ["Tester"] } }];
  const parsed = parsePolicy({ roles: ["Tester"], preview: { rules } });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const policy = await compilePolicy(parsed.policy, "preview");
  const digest = createHash("sha256").update("").digest("hex");
  const files = [{ path: "index.html", size: 0, sha256: digest }];
  const bundle = { kind: "gated", folder: "", id: "b", environment: "preview", files } as const;
  return { signInOrigin: host, origin: host, bundle, policy };
}
