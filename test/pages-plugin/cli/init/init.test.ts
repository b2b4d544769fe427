import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parsePolicyText } from "../../../../contract/policy/parse.ts";
import { createAsker, type Given } from "../../../../pages-plugin/src/cli/init/ask.ts";
import { detect } from "../../../../pages-plugin/src/cli/init/detect.ts";
import { init } from "../../../../pages-plugin/src/cli/init/init.ts";
import { readGroups } from "../../../../pages-plugin/src/cli/setup/entra/policy-file.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function repository(files: Readonly<Record<string, string | object>>): string {
  const root = mkdtempSync(join(tmpdir(), "entra-gate-init-"));
  folders.push(root);
  for (const [path, content] of Object.entries({ ".git/HEAD": "ref: refs/heads/trunk\n", ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
  }
  return root;
}

const group = "b3d5a1f0-6c2e-4f7a-8e19-2a4c6d8f0b11";
const given: Given = {
  sites: [],
  groups: [`reviewers=${group}`],
  everyMember: false,
  production: "open",
  action: "acme/entra-gate@v1",
  yes: true,
};
const run = (project: string, more: Partial<Given> = {}, dryRun = false) =>
  init({ project, dryRun }, createAsker({ ...given, ...more }, false));
const read = (root: string, path: string) => readFileSync(join(root, path), "utf8");
const buildFile = ".github/workflows/entra-gate-build.yml";
const gateFile = ".github/workflows/entra-gate.yml";
const auditFile = ".github/workflows/entra-gate-audit.yml";

/** What `run:` says in the build workflow, in its order. */
function commandsIn(text: string): string[] {
  const { jobs } = parse(text) as { jobs: { build: { steps: { run?: string }[] } } };
  return jobs.build.steps.flatMap(({ run: command }) => command ?? []);
}

it("leaves the id of a group that only its name is known of to setup", async () => {
  const root = repository({ "public/index.html": "x" });
  await run(root, { groups: ["reviewers", `editors=${group}`] });
  const policy = JSON.parse(read(root, "gate.json"));
  expect(policy.groups).toEqual({ editors: group });
  const { unknown } = readGroups(join(root, "gate.json")) ?? {};
  expect(unknown).toEqual(["reviewers"]);
});

describe("what init finds", () => {
  it.each([
    ["SvelteKit", { devDependencies: { "@sveltejs/kit": "2", vite: "7" } }, ".svelte-kit/cloudflare"],
    ["Nuxt", { dependencies: { nuxt: "4" } }, "dist"],
    ["Astro", { dependencies: { astro: "5" } }, "dist"],
    ["Docusaurus", { dependencies: { "@docusaurus/core": "3" } }, "build"],
    ["Vite", { devDependencies: { vite: "7" } }, "dist"],
  ])("%s by its dependency", (framework, manifest, output) => {
    expect(detect(repository({ "package.json": manifest }))).toMatchObject({ framework, output });
  });

  it("Hugo by its file, and plain files by their folder", () => {
    expect(detect(repository({ "hugo.toml": "" }))).toMatchObject({
      framework: "Hugo",
      output: "public",
      build: "hugo --minify",
    });
    expect(detect(repository({ "site/index.html": "" }))).toMatchObject({ output: "site" });
  });

  it("the wrangler file's word before a framework's habit", () => {
    const root = repository({
      "package.json": { dependencies: { astro: "5" } },
      "wrangler.toml": 'name = "harbour"\npages_build_output_dir = "out/web"\n',
    });
    expect(detect(root)).toMatchObject({ output: "out/web", project: "harbour" });
  });

  it.each([
    ["pnpm-lock.yaml", "pnpm install --frozen-lockfile", "pnpm exec"],
    ["yarn.lock", "yarn install --immutable", "yarn"],
    ["bun.lock", "bun install --frozen-lockfile", "bunx"],
    ["package-lock.json", "npm ci", "npx"],
  ])("the package manager by %s, at the repository's root too", (lock, install, exec) => {
    const root = repository({ [lock]: "", "apps/docs/package.json": { scripts: { build: "x" } } });
    expect(detect(join(root, "apps/docs"))).toMatchObject({
      manager: { install, exec },
      repository: { directory: "apps/docs" },
    });
  });

  it("the remote's default branch before the one checked out", () => {
    const root = repository({
      "public/index.html": "",
      ".git/refs/remotes/origin/HEAD": "ref: refs/remotes/origin/main\n",
    });
    expect(detect(root).repository.defaultBranch).toBe("main");
  });
});

describe("entra-gate init", () => {
  it("writes a usable policy and workflows, and changes nothing when it is run again", async () => {
    const root = repository({ "public/index.html": "hello" });
    expect(await run(root)).toMatchObject({ exit: 0, data: { written: true } });
    expect(parsePolicyText(read(root, "gate.json"))).toMatchObject({
      ok: true,
      policy: { groups: { reviewers: group } },
    });
    const before = [read(root, "gate.json"), read(root, buildFile), read(root, gateFile)];
    expect(await run(root)).toMatchObject({ exit: 0, data: { written: false } });
    expect([read(root, "gate.json"), read(root, buildFile), read(root, gateFile)]).toEqual(before);
  });

  it("writes what the example has", async () => {
    const root = repository({
      ".git/HEAD": "ref: refs/heads/main\n",
      "public/index.html": "",
      "package.json": { scripts: { build: "x" }, devDependencies: { "pages-plugin-entra-gate": "0.1.0" } },
    });
    await run(root);
    const example = join(import.meta.dirname, "../../../../examples/demo");
    expect(read(root, buildFile)).toBe(read(example, buildFile));
    // The example also runs on stand-ins, whose addresses are variables.
    const ofStandIns = /^ *(entra-authority|graph-url|CLOUDFLARE_API_BASE_URL):.*\n|^ *env:\n *#.*\n/gm;
    for (const file of [gateFile, auditFile])
      expect(read(root, file)).toBe(read(example, file).replace(ofStandIns, ""));
  });

  it("never overwrites: what is there stays, and the rest is written", async () => {
    const root = repository({
      "public/index.html": "",
      "gate.json": "mine",
      "functions/_middleware.js": "mine",
    });
    await run(root);
    expect(read(root, "gate.json")).toBe("mine");
    expect(read(root, "functions/_middleware.js")).toBe("mine");
    expect(existsSync(join(root, gateFile))).toBe(true);
  });

  it("writes the middleware only where there are functions, in their language", async () => {
    const plain = repository({ "public/index.html": "" });
    await run(plain);
    expect(existsSync(join(plain, "functions"))).toBe(false);
    const root = repository({ "public/index.html": "", "functions/api/hello.ts": "" });
    await run(root);
    expect(read(root, "functions/_middleware.ts")).toContain("entraGate(policy)");
  });

  it("leaves workflows alone that use the gate already, under whatever name", async () => {
    const root = repository({
      "public/index.html": "",
      ".github/workflows/site.yaml": "uses: acme/entra-gate@v1",
    });
    await run(root);
    expect(existsSync(join(root, buildFile))).toBe(false);
    expect(existsSync(join(root, "gate.json"))).toBe(true);
  });

  it("gives a site of a monorepo workflows of its own, and no build the name of another workflow", async () => {
    const root = repository({
      "apps/docs/public/index.html": "",
      "public/index.html": "",
      ".github/workflows/ci.yml": 'name: "Build"\n',
    });
    await run(join(root, "apps/docs"));
    const build = parse(read(root, ".github/workflows/entra-gate-build-apps-docs.yml"));
    const gate = parse(read(root, ".github/workflows/entra-gate-apps-docs.yml"));
    const audit = parse(read(root, ".github/workflows/entra-gate-audit-apps-docs.yml"));
    expect([audit.name, audit.jobs.audit.steps[0].with["working-directory"]]).toEqual([
      "Entra Gate audit apps/docs",
      "apps/docs",
    ]);
    expect(build.jobs.build.defaults.run["working-directory"]).toBe("apps/docs");
    expect(build.jobs.build.steps.at(-1).with.path).toBe("apps/docs/entra-gate.tar");
    expect(gate.on.workflow_run.workflows).toEqual([build.name]);
    expect(gate.jobs.gate.steps[0].with["working-directory"]).toBe("apps/docs");
    await run(root);
    const other = parse(read(root, gateFile));
    expect(gate.concurrency.group).not.toBe(other.concurrency.group);
    expect(gate.concurrency.group).toContain("apps-docs");
    expect(parse(read(root, buildFile)).name).not.toBe("Build");
    expect(parse(read(root, gateFile)).on.workflow_run.workflows).toEqual([
      parse(read(root, buildFile)).name,
    ]);
  });

  it("quotes an output folder whatever it is called", async () => {
    const root = repository({ "public/index.html": "" });
    await run(root, { output: "out: 'of' #order" });
    expect(commandsIn(read(root, buildFile)).at(-1)).toMatch(/ pack 'out: '\\''of'\\'' #order'$/);
  });

  it("writes nothing in a dry run, nor without somebody's yes", async () => {
    const root = repository({ "public/index.html": "" });
    expect(await run(root, {}, true)).toMatchObject({ exit: 0, data: { written: false } });
    await expect(run(root, { yes: false })).rejects.toMatchObject({ code: "answer-missing" });
    expect(existsSync(join(root, "gate.json"))).toBe(false);
  });

  it.each([
    ["an output that is the project itself", { output: "." }, "output-outside"],
    ["an output elsewhere", { output: "../other" }, "output-outside"],
    ["a group whose name has a space", { groups: ["site reviewers"] }, "group-invalid"],
    ["a group whose name is none of a policy's", { groups: ["re/viewers"] }, "policy-invalid"],
    ["a group whose id is none", { groups: ["reviewers=abc"] }, "policy-invalid"],
    ["an action without a version", { action: "acme/entra-gate" }, "action-invalid"],
    ["an action that would be more than a word of YAML", { action: "a/b@v1\n  run: x" }, "action-invalid"],
  ] satisfies [string, Partial<Given>, string][])("refuses %s", async (_, more, code) => {
    const root = repository({ "public/index.html": "" });
    await expect(run(root, more)).rejects.toMatchObject({ code });
    expect(existsSync(join(root, "gate.json"))).toBe(false);
  });

  it("names all flags at once where nobody can be asked", async () => {
    const nothing: Given = { sites: [], groups: [], everyMember: false, yes: true };
    const root = repository({ "public/index.html": "" });
    const { message } = await init({ project: root, dryRun: false }, createAsker(nothing, false)).then(
      () => ({ message: "" }),
      (fault: Error) => fault,
    );
    for (const flag of ["--group", "--every-member", "--production", "--action"])
      expect(message).toContain(flag);
  });

  it.each(["groups", "production", "action"] as const)(
    "names the flag for %s where nobody can be asked",
    async (name) => {
      const root = repository({ "public/index.html": "" });
      const { [name]: _, ...rest } = given;
      await expect(
        init({ project: root, dryRun: false }, createAsker({ groups: [], ...rest } as Given, false)),
      ).rejects.toMatchObject({ code: "answer-missing" });
    },
  );
});
