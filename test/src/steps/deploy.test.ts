import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCloudflareClient } from "../../../src/clients/cloudflare.ts";
import { createHttp } from "../../../src/clients/http.ts";
import { nodeTransport } from "../../../src/clients/transport.ts";
import { type DeployDeps, deploy, withdraw } from "../../../src/steps/deploy.ts";
import { digestOf, modulesOf } from "../../../src/steps/folder.ts";
import type { Bundle, DeployTarget } from "../../../src/steps/types.ts";
import { originsOf, requireClosed, uncovered, verify } from "../../../src/steps/verify.ts";
import { assembleOpen, wrapPack } from "../../../src/steps/wrap.ts";
import { accountId, type Cloudflare, call, start, token } from "../../local/cloudflare/fixtures.ts";
import { recordingLog } from "../support.ts";
import { buildDist, functionsModule, packOf, root, scratchFolder, site, siteConfig } from "./fixtures.ts";

const scratch = scratchFolder();
let dist: string;
let cloudflare: Cloudflare;
let deps: DeployDeps;
let count = 0;

const quick = { timeout: 10_000, attempts: 2, statusAttempts: 5, pause: 50 };
const commit = "a".repeat(40);
const preview: DeployTarget = {
  project: "demo",
  branch: "pr-7",
  productionBranch: "main",
  environment: "preview",
  commit,
  message: "Mend the pier\nand more",
};
const production: DeployTarget = { ...preview, branch: "main", environment: "production" };

beforeAll(async () => {
  dist = await buildDist(scratch.at("dist"));
  cloudflare = await start({ subdomainLabel: (name) => `${name}-x1` });
  await call(cloudflare, "POST", "pages/projects", { name: "demo", production_branch: "main" });
  const sleep = (milliseconds: number) =>
    new Promise<void>((resolve) => setTimeout(resolve, Math.min(milliseconds, 200)));
  const http = createHttp({
    transport: nodeTransport,
    now: Date.now,
    sleep,
    random: Math.random,
    left: () => 600_000,
  });
  deps = {
    cloudflare: createCloudflareClient(http, { baseUrl: cloudflare.apiUrl, token, accountId }, sleep),
    now: () => cloudflare.clock.now(),
    sleep,
    log: recordingLog(),
    wrapUp: () => undefined,
    wrangler: {
      tools: { folder: root, wrangler: join(root, "node_modules", "wrangler", "bin", "wrangler.js") },
      apiToken: token,
      accountId,
      apiBaseUrl: cloudflare.apiUrl,
    },
  };
});
afterAll(async () => {
  await cloudflare.close();
  scratch.remove();
});

/** As if it had been rehearsed; test/src/rehearsal shows that it is. */
async function bundleFor(environment: "preview" | "production" = "preview"): Promise<Bundle> {
  count += 1;
  const pack = await packOf({ ...site, "worker/index.js": functionsModule() }, scratch.at(`pack-${count}`));
  const bundle = await wrapPack(
    pack,
    await siteConfig(environment),
    scratch.at(`bundle-${count}`),
    join(dist, "gate", "site.js"),
  );
  return { ...bundle, rehearsed: digestOf(bundle.files), modules: modulesOf(bundle.files) };
}

describe("a preview, deployed by the real wrangler", () => {
  it("answers under its hash and its alias, closed to every probe", async () => {
    const bundle = await bundleFor();
    const deployment = await deploy(bundle, preview, deps);
    expect(deployment).toMatchObject({
      environment: "preview",
      branch: "pr-7",
      bundle: bundle.id,
      project: "demo",
    });
    const subdomain = `demo-x1.localhost:${cloudflare.port}`;
    expect(deployment.url).toMatch(new RegExp(`^http://[0-9a-f]{8}\\.${subdomain}$`));
    expect(deployment.aliases).toEqual([`http://pr-7.${subdomain}`]);
    const [record] = cloudflare.deployments("demo");
    expect(record?.commit).toMatchObject({
      branch: "pr-7",
      commit_hash: commit,
      commit_message: `[entra-gate ${bundle.id}] Mend the pier`,
    });
    const report = await verify(bundle, originsOf(deployment), quick);
    expect(report).toMatchObject({ ok: true, open: 0 });
    expect(new Set(report.results.map(({ origin }) => origin)).size).toBe(2);
    requireClosed(report);

    // The same deployment, asked whether it is another bundle: closed as it is, it is not the one that was meant.
    const other = await verify({ ...bundle, id: "0".repeat(32) }, [deployment.url], {
      ...quick,
      statusAttempts: 2,
    });
    expect(other.results[0]).toMatchObject({ kind: "status", outcome: "inconclusive" });
    expect(() => requireClosed(other)).toThrow(expect.objectContaining({ code: "verify-inconclusive" }));
  });

  it("is open where one path is served past the worker, and is then covered and deleted", async () => {
    const bundle = await bundleFor();
    const deployment = await deploy(bundle, { ...preview, branch: "pr-8" }, deps);
    await cloudflare.bypassWorker("demo", "/data.json", "preview");
    const report = await verify(bundle, originsOf(deployment), quick);
    expect(report.open).toBeGreaterThanOrEqual(1);
    expect(report.results.filter(({ outcome }) => outcome === "open").map(({ target }) => target)).toContain(
      "/data.json",
    );
    expect(() => requireClosed(report)).toThrow(expect.objectContaining({ code: "verify-open" }));
    const { cover, deleted } = await withdraw(deployment, { ...preview, branch: "pr-8" }, deps);
    expect(deleted).toBe(true);
    expect(await uncovered(cover, originsOf(cover), quick)).toEqual([]);
    expect(cover.aliases).toEqual(deployment.aliases);
    const left = await deps.cloudflare.deployments("demo", "preview");
    expect(left.map(({ id }) => id)).not.toContain(deployment.id);
  });
});

describe("production", () => {
  it("is deployed to the production branch and verified on its domain", async () => {
    const bundle = await bundleFor("production");
    const deployment = await deploy(bundle, production, deps);
    expect(deployment.environment).toBe("production");
    const origins = originsOf(deployment, [`http://demo-x1.localhost:${cloudflare.port}`]);
    expect(await verify(bundle, origins, quick)).toMatchObject({ ok: true });
  });

  it("may be open, and is then deployed as it was built", async () => {
    const pack = await packOf({ ...site, "worker/index.js": functionsModule() }, scratch.at("open-pack"), [
      "/docs/*",
    ]);
    const bundle = await assembleOpen(pack, "production", scratch.at("open"));
    const { url } = await deploy(bundle, production, deps);
    const { host, port } = new URL(url);
    const answer = await fetch(`http://127.0.0.1:${port}/api/hello`, { headers: { host } }).catch(
      () => undefined,
    );
    expect(answer).toBeDefined();
  });
});

describe("what Cloudflare does now and then", () => {
  it("keeps one of two where the upload was doubled (8000000)", async () => {
    cloudflare.meet("demo", { kind: "doubled" });
    const bundle = await bundleFor();
    const deployment = await deploy(bundle, { ...preview, branch: "pr-20" }, deps);
    const ours = (await deps.cloudflare.deployments("demo", "preview")).filter(
      ({ deployment_trigger: trigger }) => trigger?.metadata?.commit_message.includes(bundle.id),
    );
    expect(ours.map(({ id }) => id)).toEqual([deployment.id]);
  });

  it("waits for a deployment that is late", async () => {
    cloudflare.meet("demo", { kind: "late", ms: 2_500 });
    const deployment = await deploy(await bundleFor(), { ...preview, branch: "pr-21" }, deps);
    expect(deployment.branch).toBe("pr-21");
  });

  it("leaves nothing of one that failed", async () => {
    cloudflare.meet("demo", { kind: "failed", line: "Error: no more harbour" });
    const bundle = await bundleFor();
    await expect(deploy(bundle, { ...preview, branch: "pr-22" }, deps)).rejects.toMatchObject({
      code: "deploy-failed",
    });
    const left = await deps.cloudflare.deployments("demo", "preview");
    expect(
      left.some(({ deployment_trigger: trigger }) => trigger?.metadata?.commit_message.includes(bundle.id)),
    ).toBe(false);
  });

  it("tells wrangler's words without the token where the token is refused", async () => {
    const wrangler = { ...deps.wrangler, apiToken: "token-disabled" };
    const failure = deploy(await bundleFor(), { ...preview, branch: "pr-23" }, { ...deps, wrangler });
    await expect(failure).rejects.toMatchObject({
      code: "deploy-failed",
      message: expect.not.stringContaining("token-disabled"),
    });
  });
});

describe("what is never uploaded", () => {
  it.each([
    [
      "a bundle that was not rehearsed",
      async () => ({ ...(await bundleFor()), rehearsed: undefined }) as unknown as Bundle,
    ],
    [
      "a bundle of which another module was rehearsed",
      async () => {
        const bundle = await bundleFor();
        return { ...bundle, modules: { ...bundle.modules, "_worker.js/gate.js": "0".repeat(64) } };
      },
    ],
    [
      "a bundle that was changed after its rehearsal",
      async () => {
        const bundle = await bundleFor();
        writeFileSync(
          join(bundle.folder, "_worker.js", "gate.js"),
          "export const createGate = (config, site) => site;",
        );
        return bundle;
      },
    ],
    [
      "a bundle that something was added to",
      async () => {
        const bundle = await bundleFor();
        writeFileSync(join(bundle.folder, "_worker.js", "extra.js"), "export default {};");
        return bundle;
      },
    ],
  ])("%s", async (_, make) => {
    const before = cloudflare.deployments("demo").length;
    await expect(deploy(await make(), preview, deps)).rejects.toMatchObject({ code: "deploy-failed" });
    expect(cloudflare.deployments("demo").length).toBe(before);
  });

  it("a preview to the production branch, however it is called", async () => {
    const before = cloudflare.deployments("demo").length;
    await expect(deploy(await bundleFor(), { ...preview, branch: "main" }, deps)).rejects.toMatchObject({
      code: "branch-is-production",
    });
    await expect(deploy(await bundleFor(), { ...production, branch: "pr-7" }, deps)).rejects.toMatchObject({
      code: "deploy-wrong-environment",
    });
    expect(cloudflare.deployments("demo").length).toBe(before);
  });
});
