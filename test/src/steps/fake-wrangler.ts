import { mkdirSync, writeFileSync } from "node:fs";
import { createCloudflareClient } from "../../../src/clients/cloudflare.ts";
import type { DeployDeps } from "../../../src/steps/deploy.ts";
import { deploy } from "../../../src/steps/deploy.ts";
import { digestOf, listFiles, modulesOf } from "../../../src/steps/folder.ts";
import type { Bundle, DeployTarget } from "../../../src/steps/types.ts";
import { newBundleId } from "../../../src/steps/wrap.ts";
import { accountId, type Cloudflare, call, token } from "../../local/cloudflare/fixtures.ts";
import { FakeTime, httpWith, recordingLog } from "../support.ts";
import { type scratchFolder, siteConfig } from "./fixtures.ts";

/** How a wrangler behaves that is not as it should be. */
export interface FakeWrangler {
  /** How often it posts the deployment. */
  readonly posts: number;
  readonly code: number;
  /** Written to its standard output at the end; `TOKEN` stands for the token that it was given. */
  readonly says: string;
}

/**
 * A wrangler.js that posts an empty deployment under the given message, as often as told, says what it is told to say,
 * and ends with that code.
 */
function writeFakeWrangler(path: string, { posts, code, says }: FakeWrangler): void {
  writeFileSync(
    path,
    `
const { CLOUDFLARE_API_BASE_URL: base, CLOUDFLARE_ACCOUNT_ID: account, CLOUDFLARE_API_TOKEN: token } = process.env;
const given = (name) => process.argv.find((one) => one.startsWith("--" + name + "="))?.slice(name.length + 3);
for (let post = 0; post < ${posts}; post += 1) {
  const form = new FormData();
  form.set("manifest", "{}");
  form.set("branch", given("branch"));
  form.set("commit_hash", given("commit-hash"));
  form.set("commit_message", given("commit-message"));
  const url = base + "/accounts/" + account + "/pages/projects/" + given("project-name") + "/deployments";
  const answer = await fetch(url, { method: "POST", headers: { authorization: "Bearer " + token }, body: form });
  if (!answer.ok) throw new Error(await answer.text());
}
console.log(${JSON.stringify(says)}.replaceAll("TOKEN", token));
process.exitCode = ${code};
`,
  );
}

const good: FakeWrangler = { posts: 1, code: 0, says: "Deployment complete!" };

/** A project of its own, a gated bundle for a preview, and a wrangler of this kind; waiting takes no time. */
export async function fakeDeploys(
  cloudflare: Cloudflare,
  scratch: ReturnType<typeof scratchFolder>,
  {
    name: project,
    productionBranch,
    ...kind
  }: Partial<FakeWrangler> & { readonly name: string; readonly productionBranch: string },
) {
  await call(cloudflare, "POST", "pages/projects", { name: project, production_branch: productionBranch });
  const wrangler = scratch.at(`${project}.mjs`);
  writeFakeWrangler(wrangler, { ...good, ...kind });
  const time = new FakeTime(cloudflare.clock.now(), (milliseconds) => cloudflare.clock.advance(milliseconds));
  const settings = { baseUrl: cloudflare.apiUrl, token, accountId };
  const log = recordingLog();
  const wrapUps: number[] = [];
  const deps: DeployDeps = {
    cloudflare: createCloudflareClient(httpWith(time), settings, time.sleep),
    now: time.now,
    sleep: time.sleep,
    log,
    wrapUp: () => wrapUps.push(time.now()),
    wrangler: {
      tools: { folder: scratch.path, wrangler },
      apiToken: token,
      accountId,
      apiBaseUrl: cloudflare.apiUrl,
    },
  };
  const bundle = await gatedBundle(scratch.at(`${project}-bundle`));
  const target: DeployTarget = {
    project,
    branch: "pr-7",
    productionBranch: "main",
    environment: "preview",
    commit: "a".repeat(40),
    message: "pull request 7",
  };
  return {
    ...{ bundle, target, deps, time, log, wrapUps },
    run: () => deploy(bundle, target, deps),
    /** Messages of what is there. */
    left: () =>
      cloudflare
        .deployments(project)
        .flatMap(({ commit, deletedAt }) => (deletedAt === undefined ? [commit.commit_message] : [])),
  };
}

/** As if it had been rehearsed. */
async function gatedBundle(folder: string): Promise<Bundle> {
  mkdirSync(folder, { recursive: true });
  const files = await listFiles(folder);
  const config = await siteConfig("preview");
  return {
    ...({ kind: "gated", folder, id: newBundleId(), environment: "preview", files, config } as const),
    rehearsed: digestOf(files),
    modules: modulesOf(files),
  };
}
