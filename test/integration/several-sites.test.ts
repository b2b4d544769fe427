import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demo } from "../../local/world/demo.ts";
import { blocksOf } from "../docs/blocks/block.ts";
import { type Company, get, living, type Ran, runLimit, startCompany, withoutDelays } from "./company.ts";
import { packed, paths, policy, smallRepository, smallSite } from "./small-site.ts";
import { untriedCalls } from "./untried-calls.ts";

const nonce = `release-${Date.now().toString(36)}`;
/** The first of them is broken. */
const sites = { "harbour-shop": "sites/shop", "harbour-docs": "sites/docs" } as const;

const build = `name: Build
on: [push, pull_request]
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
${Object.entries(sites)
  .map(
    ([project, folder]) => `      - uses: actions/upload-artifact@v4
        with:
          name: entra-gate-${project}
          path: ${folder}/entra-gate.tar
`,
  )
  .join("")}`;

const table = `projects: |
${Object.entries(sites)
  .map(([project, folder]) => `            ${project}: ${folder}\n`)
  .join("")}`;

let company: Company;
let pushed: Ran & { readonly sha: string };

const at = (project: string) => `http://${project}.localhost:${company.world.cloudflare.port}`;

/** As a project is that Cloudflare has built until now. */
async function connectToGit(name: string): Promise<void> {
  const { apiUrl, accountId, connect } = company.world.cloudflare;
  const headers = {
    authorization: `Bearer ${demo.cloudflareToken(nonce)}`,
    "content-type": "application/json",
  };
  const url = `${apiUrl}/accounts/${accountId}/pages/projects`;
  await fetch(url, { method: "POST", headers, body: JSON.stringify({ name, production_branch: "main" }) });
  connect(name, demo.owner, demo.repository);
}

beforeAll(async () => {
  company = await startCompany(nonce);
  withoutDelays(company.world);
  const { [paths.gate]: gate = "", ...small } = await smallRepository(nonce);
  await connectToGit("harbour-docs");
  Object.assign(company.world.demo.repository, { visibility: "public" });
  const oneProject = /project-name: \$\{\{ vars\.CLOUDFLARE_PROJECT \}\}\n/;
  const planted = [{ name: "assets/../../planted.html", content: "planted" }];
  const files = {
    ...small,
    [paths.build]: Buffer.from(build),
    [paths.gate]: Buffer.from(`${gate}`.replace(oneProject, `take-over: true\n          ${table}`)),
    "sites/docs/gate.json": Buffer.from(JSON.stringify(policy)),
    "sites/docs/entra-gate.tar": await packed(smallSite(nonce)),
    "sites/shop/gate.json": Buffer.from(JSON.stringify(policy)),
    "sites/shop/entra-gate.tar": await packed(smallSite(nonce), planted),
  };
  pushed = await company.push({ branch: "main", files, wholeTree: true });
}, runLimit);
afterAll(() => company?.close());

describe("two projects in one run, the first of them broken", () => {
  it("ends the run with exit code 1, naming the project and what is wrong with it", () => {
    expect(pushed.gate?.conclusion, pushed.gate?.log).toBe("failure");
    expect(pushed.errors.map(({ properties }) => properties["title"])).toEqual([
      "Entra Gate (harbour-shop): artifact-invalid",
      "Entra Gate: projects-failed",
    ]);
  });

  it("deploys and verifies the other one", async () => {
    const projects = JSON.parse(pushed.gate?.outputs["projects"] ?? "{}");
    expect(projects).toMatchObject({
      "harbour-docs": { verified: "true", gated: "true", "alias-url": at("harbour-docs") },
      "harbour-shop": { verified: "false", "deployment-url": "", error: "artifact-invalid" },
    });
    const status = await get(`${at("harbour-docs")}/.auth/status`);
    expect(JSON.parse(status.body.toString())).toMatchObject({ role: "site", environment: "production" });
    expect((await get(`${at("harbour-docs")}/`)).status).toBe(401);
  });

  it("takes over what Cloudflare built by itself", async () => {
    const { cloudflare } = company.world;
    expect(cloudflare.project("harbour-docs")?.source).toMatchObject({
      config: { preview_deployment_setting: "none", production_deployments_enabled: false },
    });
    const push = { commitHash: pushed.sha, message: "Push", folder: import.meta.dirname };
    for (const branch of ["main", "summer"])
      expect(await cloudflare.buildFromGit("harbour-docs", { branch, ...push })).toBeUndefined();
  });

  it("uploads nothing of the broken one", () => {
    expect(living(company.world, "harbour-shop")).toEqual([]);
    expect(living(company.world, "harbour-docs")).toHaveLength(1);
  });

  it("has evidence of each, kept and signed by GitHub, also of the one that failed", async () => {
    const { attestations, artifacts } = company.world.demo.repository;
    expect(attestations.map(({ subject }) => subject.name)).toEqual([
      "evidence-harbour-docs.json",
      "evidence-harbour-shop.json",
    ]);
    expect(attestations[0]?.workflowRef).toBe(
      "acme/harbour/.github/workflows/entra-gate.yml@refs/heads/main",
    );
    const paths = (pushed.gate?.outputs["evidence-path"] ?? "").split("\n");
    const digests = await Promise.all(
      paths.map(async (path) =>
        createHash("sha256")
          .update(await readFile(path))
          .digest("hex"),
      ),
    );
    expect(attestations.map(({ subject }) => subject.sha256).sort()).toEqual(digests.sort());
    expect(artifacts.map(({ name }) => name)).toContain("entra-gate-evidence");
  });

  it("has a status for each", () => {
    const { statuses } = company.world.demo.repository;
    const states = statuses.filter(({ sha }) => sha === pushed.sha).map((one) => [one.context, one.state]);
    expect(states).toEqual([
      ["Entra Gate (harbour-shop)", "pending"],
      ["Entra Gate (harbour-shop)", "failure"],
      ["Entra Gate (harbour-docs)", "pending"],
      ["Entra Gate (harbour-docs)", "success"],
    ]);
  });
});

describe("a site that uses another one's sign-in host, as its recipe has it", () => {
  const roles = () => {
    const { entra } = company.world;
    return entra.directory
      .application(entra.cast.applications.gate.appId)
      ?.appRoles.map(({ value }) => value);
  };
  let before: unknown;
  const state = () => ({ roles: roles(), host: living(company.world, demo.signInHostProject) });
  let used: Ran;

  beforeAll(async () => {
    before = state();
    const { [paths.gate]: gate = "", ...small } = await smallRepository(nonce, { "sign-in-host": "use" });
    const [, recipe] = blocksOf("docs/recipes/several-sites.md").filter(
      ({ language }) => language === "json",
    );
    const written = JSON.parse(recipe?.text ?? "");
    const files = {
      ...small,
      [paths.gate]: Buffer.from(`${gate}`.replace(/\$\{\{ vars\.CLOUDFLARE_PROJECT \}\}/, "acme-shop")),
      [paths.policy]: Buffer.from(JSON.stringify({ ...written, production: written.preview })),
    };
    used = await company.push({ branch: "main", files, wholeTree: true });
  }, runLimit);

  it("is deployed, proved closed and known to the host", async () => {
    expect(used.gate?.conclusion, used.gate?.log).toBe("success");
    expect(used.gate?.outputs).toMatchObject({
      verified: "true",
      gated: "true",
      "alias-url": at("acme-shop"),
    });
    expect((await get(`${at("acme-shop")}/`)).status).toBe(401);
    const rows = await company.world.cloudflare.sql(
      demo.signInHostProject,
      "SELECT data ->> '$.entries.production.roles' AS roles, data ->> '$.owner' AS owner FROM sites WHERE project = 'acme-shop'",
    );
    expect(rows).toMatchObject({ results: [{ roles: '["Shop.Editor"]', owner: null }] });
  });

  it("leaves the host as it is, and makes no role: that is the owner's", () => {
    expect(state()).toEqual(before);
    expect(roles()).not.toContain("Shop.Editor");
  });
});

it("makes no call at which no fault is tried", () => {
  expect(untriedCalls(company.world.log.calls)).toEqual([]);
});
