import { createHash, randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { compilePolicy } from "../../../contract/policy/compile.ts";
import { parsePolicy } from "../../../contract/policy/parse.ts";
import type { SiteRow } from "../../../contract/sites/row.ts";
import { openSession, sessionRefused } from "../../../src/clients/machine-session.ts";
import { runToken } from "../../../src/commands/token.ts";
import { checkCredential } from "../../../src/steps/credential-check.ts";
import { checkMachines } from "../../../src/steps/machines.ts";
import { checkSignIn, type ExpectedSignIn } from "../../../src/steps/sign-in-check.ts";
import { readHostKeys, readHostStatus } from "../../../src/steps/sign-in-status.ts";
import { memberEntry } from "../small-row.ts";
import { cloudflare, type EveryCall, github, graph, type Surroundings } from "./call.ts";
import { lookingCalls } from "./looking-calls.ts";

const fresh = (): string => `x${randomUUID().slice(0, 8)}`;
const status = { context: "Entra Gate", description: "", state: "pending" } as const;

/** Every call that the action makes to a service, looking first. */
export const everyCall: readonly EveryCall[] = [
  ...lookingCalls,
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

function rowOf({ host }: Surroundings): SiteRow {
  return {
    project: "site",
    subdomain: "site.example",
    origins: [host],
    entries: { production: memberEntry },
  };
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
