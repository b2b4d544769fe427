import { createHash } from "node:crypto";
import type { CloudflareStandIn } from "../cloudflare/cloudflare.ts";
import type { EntraStandIn } from "../entra/entra.ts";
import { readFolder } from "../github/events/activity.ts";
import type { GitHubEvent, GitHubStandIn, Repository } from "../github/index.ts";

/** Names of the demo company's things. */
export const demo = {
  owner: "acme",
  repository: "harbour",
  environment: "entra-gate",
  testEnvironment: "preview-test",
  project: "harbour",
  signInHostProject: "acme-sign-in",
  action: "acme/entra-gate@v1",
  cloudflareAccountId: createHash("md5").update("acme").digest("hex"),
  cloudflareToken: (nonce: string) =>
    `cf-${createHash("sha256").update(`token ${nonce}`).digest("base64url")}`,
} as const;

export interface Demo {
  readonly repository: Repository;
  readonly nonce: string;
  /** Events of the repository's first push. */
  readonly firstPush: readonly GitHubEvent[];
  /** Pushes a branch that changes a page, and opens a pull request for it. */
  openPullRequest(
    branch: string,
  ): Promise<{ readonly number: number; readonly events: readonly GitHubEvent[] }>;
}

interface Services {
  readonly entra: EntraStandIn;
  readonly cloudflare: CloudflareStandIn;
  readonly github: GitHubStandIn;
}

/**
 * The demo site's repository, from its folder, with what its administrators set once: the environment that admits the
 * default branch only, its variables, and the one secret there is, Cloudflare's token.
 */
export async function createDemo(
  services: Services,
  folder: string,
  nonce: string,
  changes: Readonly<Record<string, string>> = {},
): Promise<Demo> {
  const { github } = services;
  const files: Record<string, Uint8Array> = {
    ...(await readFolder(folder)),
    "release.json": Buffer.from(JSON.stringify({ release: nonce })),
    ...Object.fromEntries(Object.entries(changes).map(([path, text]) => [path, Buffer.from(text)])),
  };
  const { repository, events } = await github.createRepository({
    owner: demo.owner,
    name: demo.repository,
    files,
  });
  configureEnvironment(services, repository, nonce);
  return {
    repository,
    nonce,
    firstPush: events,
    async openPullRequest(branch) {
      const page = Buffer.from(files["site/about/index.html"] ?? []).toString();
      const changed = page.replace("unreleased until spring", `unreleased until summer (${nonce})`);
      await github.activities.push(repository, {
        branch,
        files: { "site/about/index.html": Buffer.from(changed) },
        message: "Move the release to summer",
      });
      const { pull, events: opened } = await github.activities.openPullRequest(repository, {
        branch,
        title: "Move the release to summer",
      });
      return { number: pull.number, events: opened };
    },
  };
}

function configureEnvironment(
  { entra, cloudflare, github }: Services,
  repository: Repository,
  nonce: string,
): void {
  const environment = github.store.environment(repository, demo.environment);
  environment.branches = [repository.defaultBranch];
  const { automation, gate, testClient } = entra.cast.applications;
  const variables = {
    ENTRA_TENANT_ID: entra.tenantId,
    ENTRA_AUTOMATION_CLIENT_ID: automation.appId,
    ENTRA_GATE_CLIENT_ID: gate.appId,
    ENTRA_TEST_CLIENT_ID: testClient.appId,
    ENTRA_AUTHORITY: entra.authority,
    GRAPH_URL: entra.graphUrl,
    CLOUDFLARE_PROJECT: demo.project,
    SIGN_IN_HOST_PROJECT: demo.signInHostProject,
    CLOUDFLARE_ACCOUNT_ID: cloudflare.accountId,
    CLOUDFLARE_API_BASE_URL: cloudflare.apiUrl,
  };
  for (const [name, value] of Object.entries(variables)) environment.variables.set(name, value);
  environment.secrets.set("CLOUDFLARE_API_TOKEN", demo.cloudflareToken(nonce));
}
