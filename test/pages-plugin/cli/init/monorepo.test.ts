import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readWorkflow } from "../../../../local/github/runner/workflow-file.ts";
import { createAsker, type Given } from "../../../../pages-plugin/src/cli/init/ask.ts";
import { init } from "../../../../pages-plugin/src/cli/init/init.ts";
import { workspaceFolders } from "../../../../pages-plugin/src/cli/init/workspaces.ts";
import { readSites } from "../../../../src/inputs-sites.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function repository(files: Readonly<Record<string, string | object>>): string {
  const root = mkdtempSync(join(tmpdir(), "entra-gate-monorepo-"));
  folders.push(root);
  for (const [path, content] of Object.entries({ ".git/HEAD": "ref: refs/heads/main\n", ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
  }
  return root;
}

const given: Given = {
  sites: [],
  groups: [],
  everyMember: true,
  production: "open",
  action: "acme/entra-gate@v1",
  yes: true,
};
const run = (project: string, more: Partial<Given> = {}) =>
  init({ project, dryRun: false }, createAsker({ ...given, ...more }, false));
const read = (root: string, path: string) => readFileSync(join(root, path), "utf8");
const buildFile = ".github/workflows/entra-gate-build.yml";
const gateFile = ".github/workflows/entra-gate.yml";

/** Two sites, a library that Vite builds, and something without a page. */
const company = {
  "package.json": {
    workspaces: ["sites/*", "packages/*"],
    devDependencies: { "pages-plugin-entra-gate": "1" },
  },
  "package-lock.json": "",
  "sites/docs/package.json": { scripts: { build: "x" }, dependencies: { astro: "5" } },
  "sites/docs/wrangler.toml": 'name = "acme-docs"\npages_build_output_dir = "out"\n',
  "sites/shop/package.json": { scripts: { build: "x" }, devDependencies: { vite: "7" } },
  "sites/shop/index.html": "",
  "sites/shop/functions/api.ts": "",
  "packages/ui/package.json": { devDependencies: { vite: "7" } },
  "packages/tools/package.json": {},
};

describe("workspaces", () => {
  it("are those of package.json, patterns and exceptions", () => {
    const files = { "apps/a/x": "", "apps/b/x": "", "deep/er/c/x": "", "deep/node_modules/d/x": "" };
    const workspaces = { packages: ["apps/*", "!apps/b", "deep/**", "./one", "../away"] };
    const root = repository({ ...files, "package.json": { workspaces } });
    expect(workspaceFolders(root)).toEqual(["apps/a", "deep", "deep/er", "deep/er/c"]);
  });

  it("are those of pnpm-workspace.yaml", () => {
    const yaml = "# sites\npackages:\n  - 'apps/*' # all\n  - \"site-?\"\n  - docs\ncatalog:\n  - other\n";
    const root = repository({ "apps/a/x": "", "docs/x": "", "other/x": "", "pnpm-workspace.yaml": yaml });
    expect(workspaceFolders(root)).toEqual(["apps/a", "docs"]);
  });

  it("are undefined where there are none", () => {
    expect(workspaceFolders(repository({ "package.json": "{" }))).toBeUndefined();
    expect(workspaceFolders(repository({}))).toBeUndefined();
  });
});

describe("entra-gate init in a monorepo", () => {
  it("names the flag where nobody can be asked which folders are sites", async () => {
    const root = repository(company);
    await expect(run(root)).rejects.toMatchObject({
      code: "answer-missing",
      message: expect.stringContaining("--site"),
    });
    expect(existsSync(join(root, gateFile))).toBe(false);
  });

  it("writes a policy for each site and one pair of workflows", async () => {
    const root = repository(company);
    await run(root, { sites: ["sites/docs", "./sites/shop/"] });
    for (const path of [
      "sites/docs/gate.json",
      "sites/shop/gate.json",
      "sites/shop/functions/_middleware.ts",
    ])
      expect(existsSync(join(root, path)), path).toBe(true);
    expect(JSON.parse(read(root, "sites/docs/gate.json")).$schema).toMatch(/^\.\.\/\.\.\/node_modules\//);
    const build = parse(read(root, buildFile));
    expect(build.jobs.build.steps.slice(2)).toEqual([
      { run: "npm ci" },
      { run: "npm run build", "working-directory": "sites/docs" },
      { run: "npx entra-gate pack out", "working-directory": "sites/docs" },
      expect.objectContaining({
        with: expect.objectContaining({ name: "entra-gate-acme-docs", path: "sites/docs/entra-gate.tar" }),
      }),
      { run: "npm run build", "working-directory": "sites/shop" },
      { run: "npx entra-gate pack dist", "working-directory": "sites/shop" },
      expect.objectContaining({
        with: expect.objectContaining({ name: "entra-gate-shop", path: "sites/shop/entra-gate.tar" }),
      }),
    ]);
    const gate = parse(read(root, gateFile));
    expect(gate.on.workflow_run.workflows).toEqual([build.name]);
    const inputs = gate.jobs.gate.steps[0].with;
    expect(inputs["project-name"]).toBeUndefined();
    expect(readSites({ INPUT_PROJECTS: inputs.projects })).toMatchObject({
      mistakes: [],
      sites: [
        { projectName: "acme-docs", policyPath: "sites/docs/gate.json", artifact: "entra-gate-acme-docs" },
        { projectName: "shop", policyPath: "sites/shop/gate.json", artifact: "entra-gate-shop" },
      ],
    });
    for (const path of [buildFile, gateFile])
      expect(await readWorkflow(path, read(root, path))).toHaveProperty("file");
  });

  it("changes nothing when it is run again", async () => {
    const root = repository(company);
    const sites = ["sites/docs", "sites/shop"];
    await run(root, { sites });
    expect(await run(root, { sites })).toMatchObject({ exit: 0, data: { written: false } });
  });

  it("asks nothing about workspaces where the root is a site itself, or has no site among them", async () => {
    const root = {
      "package.json": { workspaces: ["packages/*"] },
      "hugo.toml": "",
      "packages/a/public/index.html": "",
    };
    expect(await run(repository(root))).toMatchObject({ data: { written: true } });
    const { "hugo.toml": _, ...rest } = root;
    const none = { ...rest, "packages/a/public/index.html": undefined, "public/index.html": "" };
    const files = Object.fromEntries(Object.entries(none).filter(([, content]) => content !== undefined));
    expect(await run(repository(files as Record<string, string>))).toMatchObject({ data: { written: true } });
  });

  it("names the project of a site that is set up by itself, so that two never share one", async () => {
    const root = repository(company);
    await run(join(root, "sites/docs"));
    const gate = parse(read(root, ".github/workflows/entra-gate-sites-docs.yml"));
    expect(gate.jobs.gate.steps[0].with).toMatchObject({
      "project-name": "acme-docs",
      "working-directory": "sites/docs",
    });
  });

  it.each([
    ["no such folder", ["sites/blog"]],
    ["a folder outside", ["../elsewhere"]],
    ["the root itself", ["."]],
    ["no output that is known", ["packages/tools"]],
    ["two sites of one name", ["sites/shop", "other/shop"]],
    ["a project's name that is none", ["sites/odd"]],
  ])("refuses %s", async (_, sites) => {
    const root = repository({
      ...company,
      "other/shop/public/index.html": "",
      "sites/odd/wrangler.toml": 'name = "Odd One"\npages_build_output_dir = "out"\n',
    });
    await expect(run(root, { sites })).rejects.toMatchObject({ code: "site-unknown" });
    expect(existsSync(join(root, gateFile))).toBe(false);
  });
});
