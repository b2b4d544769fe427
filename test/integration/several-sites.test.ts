import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demo } from "../../local/world/demo.ts";
import { type Company, get, living, type Ran, runLimit, startCompany, withoutDelays } from "./company.ts";
import { packed, paths, policy, smallRepository, smallSite } from "./small-site.ts";

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

beforeAll(async () => {
  company = await startCompany(nonce);
  withoutDelays(company.world);
  const { [paths.gate]: gate = "", ...small } = await smallRepository(nonce);
  const oneProject = /project-name: \$\{\{ vars\.CLOUDFLARE_PROJECT \}\}\n/;
  const widening = { ...smallSite(nonce), "assets/_redirects": "/.well-known/* /docs/ 200\n" };
  const files = {
    ...small,
    [paths.build]: Buffer.from(build),
    [paths.gate]: Buffer.from(`${gate}`.replace(oneProject, table)),
    "sites/docs/gate.json": Buffer.from(JSON.stringify(policy)),
    "sites/docs/entra-gate.tar": await packed(smallSite(nonce)),
    "sites/shop/gate.json": Buffer.from(JSON.stringify(policy)),
    "sites/shop/entra-gate.tar": await packed(widening),
  };
  pushed = await company.push({ branch: "main", files, wholeTree: true });
}, runLimit);
afterAll(() => company?.close());

describe("two projects in one run, the first of them broken", () => {
  it("ends the run with exit code 1, naming the project and what is wrong with it", () => {
    expect(pushed.gate?.conclusion, pushed.gate?.log).toBe("failure");
    expect(pushed.errors.map(({ properties }) => properties["title"])).toEqual([
      "Entra Gate (harbour-shop): rewrite-widens",
      "Entra Gate: projects-failed",
    ]);
  });

  it("deploys and verifies the other one", async () => {
    const projects = JSON.parse(pushed.gate?.outputs["projects"] ?? "{}");
    expect(projects).toMatchObject({
      "harbour-docs": { verified: "true", gated: "true", "alias-url": at("harbour-docs") },
      "harbour-shop": { verified: "false", "deployment-url": "", error: "rewrite-widens" },
    });
    const status = await get(`${at("harbour-docs")}/.auth/status`);
    expect(JSON.parse(status.body.toString())).toMatchObject({ role: "site", environment: "production" });
    expect((await get(`${at("harbour-docs")}/`)).status).toBe(401);
  });

  it("uploads nothing of the broken one", () => {
    expect(living(company.world, "harbour-shop")).toEqual([]);
    expect(living(company.world, "harbour-docs")).toHaveLength(1);
  });

  it("tells the sign-in host of both, with one credential for them", async () => {
    const { cloudflare, entra } = company.world;
    const rows = await cloudflare.sql(demo.signInHostProject, "SELECT project FROM sites ORDER BY project");
    expect(rows).toMatchObject({ results: [{ project: "harbour-docs" }, { project: "harbour-shop" }] });
    const application = entra.directory.application(entra.cast.applications.gate.appId);
    expect(application?.passwordCredentials).toHaveLength(1);
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
