import { afterAll, beforeAll, expect, it } from "vitest";
import { type Cloudflare, call, settle, start, writeFolder } from "./fixtures.ts";

let cloudflare: Cloudflare;
const folder = writeFolder({ "index.html": "<p>from git</p>", _headers: "/*\n  X-Built: yes\n" });
const push = (branch: string) => ({ branch, commitHash: "a".repeat(40), message: "Say", folder });

beforeAll(async () => {
  cloudflare = await start();
  await call(cloudflare, "POST", "pages/projects", { name: "site", production_branch: "main" });
});
afterAll(() => cloudflare.close());

it("builds nothing of a project that is connected to no repository", async () => {
  expect(await cloudflare.buildFromGit("site", push("main"))).toBeUndefined();
});

it("builds every branch of a connected one, and serves what it made", async () => {
  cloudflare.connect("site", "acme", "site");
  const made = await cloudflare.buildFromGit("site", push("feature/x"));
  settle(cloudflare);
  const { result } = await call(cloudflare, "GET", `pages/projects/site/deployments/${made?.id}`);
  expect(result).toMatchObject({
    environment: "preview",
    deployment_trigger: {
      type: "github:push",
      metadata: { branch: "feature/x", commit_hash: "a".repeat(40) },
    },
    source: { type: "github", config: { owner: "acme", repo_name: "site" } },
  });
  expect(await cloudflare.buildFromGit("site", push("main"))).toMatchObject({ environment: "production" });
});

it.each([
  ["previews", { preview_deployment_setting: "none" }, ["main"]],
  ["production", { preview_deployment_setting: "all", production_deployments_enabled: false }, ["topic"]],
  ["both", { deployments_enabled: false }, []],
])("leaves out %s where the settings say so", async (_, config, left) => {
  const source = { type: "github", config };
  expect((await call(cloudflare, "PATCH", "pages/projects/site", { source })).success).toBe(true);
  const made = [];
  for (const branch of ["main", "topic"])
    made.push((await cloudflare.buildFromGit("site", push(branch)))?.commit.branch);
  expect(made.filter((branch) => branch !== undefined)).toEqual(left);
});
