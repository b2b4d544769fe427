import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkRunEvent, readFolder } from "../../local/github/index.ts";
import { demo } from "../../local/world/demo.ts";
import { cloudflareApp } from "../../src/steps/find-built.ts";
import {
  addresses,
  type Company,
  get,
  living,
  type Ran,
  runLimit,
  startCompany,
  withoutDelays,
} from "./company.ts";
import { untriedCalls } from "./untried-calls.ts";

const root = join(import.meta.dirname, "..", "..");
const example = join(root, "examples", "git-integration");
const nonce = `release-${Date.now().toString(36)}`;
const content = "The tide tables of the harbour.";

let company: Company;
let folder: string;
/** Output folders as Cloudflare's build leaves them: with the functions compiled, and of somebody who left them out. */
let builds: { readonly gated: string; readonly open: string };

const project = () => company.world.cloudflare.project(demo.project);
const rowsAtHost = async () => {
  const { results } = await company.world.cloudflare.sql(demo.signInHostProject, "SELECT project FROM sites");
  return results;
};

async function cloudflareCall(method: string, path: string, body: unknown): Promise<void> {
  const { apiUrl, accountId } = company.world.cloudflare;
  const headers = {
    authorization: `Bearer ${demo.cloudflareToken(nonce)}`,
    "content-type": "application/json",
  };
  const url = `${apiUrl}/accounts/${accountId}/pages/projects${path}`;
  const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
}

/** Compiles the example as Cloudflare's own build does. */
async function build(): Promise<typeof builds> {
  const source = join(folder, "source");
  await cp(example, source, { recursive: true });
  await mkdir(join(source, "node_modules"));
  await symlink(join(root, "pages-plugin"), join(source, "node_modules", "pages-plugin-entra-gate"));
  const [gated, open] = [join(folder, "gated"), join(folder, "open")];
  for (const output of [gated, open]) await cp(join(source, "public"), output, { recursive: true });
  const wrangler = join(root, "node_modules", "wrangler", "bin", "wrangler.js");
  const args = ["pages", "functions", "build", `--outdir=${join(gated, "_worker.js")}`];
  const env = { PATH: process.env["PATH"], HOME: folder, WRANGLER_SEND_METRICS: "false", CI: "1" };
  await promisify(execFile)(process.execPath, [wrangler, ...args, "--compatibility-date=2026-11-01"], {
    cwd: source,
    env,
  });
  return { gated, open };
}

/** A push that Cloudflare builds, and what its check starts. */
async function built(branch: string, sha: string, output: string): Promise<Ran | undefined> {
  const { cloudflare, github, demo: site } = company.world;
  const made = await cloudflare.buildFromGit(demo.project, {
    branch,
    commitHash: sha,
    message: "Push",
    folder: output,
  });
  if (made === undefined) return undefined;
  const detailsUrl = `https://dash.cloudflare.com/?to=/${cloudflare.accountId}/pages/view/${demo.project}/${made.id}`;
  const event = await checkRunEvent(github.store, github, site.repository, {
    sha,
    branch,
    app: { slug: cloudflareApp, name: "Cloudflare Workers and Pages" },
    name: "Cloudflare Pages",
    conclusion: "success",
    detailsUrl,
  });
  return company.run([event]);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "git-built-"));
  const [started, made] = await Promise.all([startCompany(nonce), build()]);
  [company, builds] = [started, made];
  withoutDelays(company.world);
  const { cloudflare, demo: site } = company.world;
  await cloudflareCall("POST", "", { name: demo.project, production_branch: "main" });
  cloudflare.connect(demo.project, demo.owner, demo.repository);
  const settings = (environment: string) => ({
    env_vars: {
      GATE_ENVIRONMENT: { value: environment },
      GATE_SIGN_IN_ORIGIN: { value: addresses(company.world).host },
      GATE_SIGN_IN_KEYS: { value: '{"keys":[]}' },
    },
  });
  const configs = { preview: settings("preview"), production: settings("production") };
  await cloudflareCall("PATCH", `/${demo.project}`, {
    deployment_configs: configs,
    build_config: { destination_dir: "public" },
  });
  await company.world.github.activities.push(site.repository, {
    branch: "main",
    files: await readFolder(example),
    wholeTree: true,
  });
}, runLimit);
afterAll(async () => {
  await company?.close();
  await rm(folder, { recursive: true, force: true });
});

describe("a project that Cloudflare builds itself", () => {
  it(
    "has its production checked, and everything about it brought in line but its builds",
    async () => {
      const { github, demo: site } = company.world;
      const { sha } = await github.activities.push(site.repository, { branch: "main", files: {} });
      const ran = await built("main", sha, builds.gated);
      expect(ran?.gate?.conclusion, ran?.gate?.log).toBe("success");
      expect(ran?.gate?.outputs).toMatchObject({ verified: "true", gated: "true" });
      expect(ran?.gate?.outputs["alias-url"] ?? "").toBe("");
      expect((await get(`${addresses(company.world).production}/`)).status).toBe(401);
      expect(await rowsAtHost()).toEqual([{ project: demo.project }]);
      expect(project()?.configs.production.fail_open).toBe(false);
      expect(project()?.source).toMatchObject({
        config: { preview_deployment_setting: "all", production_deployments_enabled: true },
      });
      const evidence = JSON.parse(await readFile(ran?.gate?.outputs["evidence-path"] ?? "", "utf8"));
      expect(evidence).toMatchObject({ environment: "production", commit: sha, verified: true });
      expect(evidence.buildRun).toBeUndefined();
    },
    runLimit,
  );

  it(
    "loses a preview whose functions a pull request left out",
    async () => {
      const { github, demo: site } = company.world;
      const { sha } = await github.activities.push(site.repository, { branch: "summer", files: {} });
      await github.activities.openPullRequest(site.repository, { branch: "summer" });
      const ran = await built("summer", sha, builds.open);
      expect(ran?.gate?.conclusion).toBe("failure");
      expect(ran?.errors.map(({ properties }) => properties["title"])).toEqual(["Entra Gate: verify-open"]);
      const address = `http://summer.${demo.project}.localhost:${company.world.cloudflare.port}/`;
      const { status, body } = await get(address);
      expect([status, body.includes(content)]).toEqual([403, false]);
      expect(
        living(company.world).filter(({ trigger, alias }) => trigger === "github:push" && alias),
      ).toEqual([]);
    },
    runLimit,
  );
});

it("makes no call at which no fault is tried", () => {
  expect(untriedCalls(company.world.log.calls)).toEqual([]);
});
