import { execFile } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importCookieKey, importSigningKey } from "../../../pages-plugin/src/session/keys.ts";
import { unpackArtifact } from "../../../src/steps/artifact.ts";
import { listFiles } from "../../../src/steps/folder.ts";
import { root, scratchFolder, zipOf } from "../../src/steps/fixtures.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());
let count = 0;
let bin: string;

/** The published package as the build makes it: launcher, command and a gate, away from the repository. */
beforeAll(async () => {
  const place = scratch.at("package");
  mkdirSync(join(place, "dist"), { recursive: true });
  cpSync(join(root, "pages-plugin", "bin"), join(place, "bin"), { recursive: true });
  cpSync(join(root, "pages-plugin", "package.json"), join(place, "package.json"));
  writeFileSync(join(place, "dist", "gate-site.js"), "export const createGate = (config, site) => site;\n");
  await build({
    absWorkingDir: root,
    entryPoints: { cli: "pages-plugin/src/cli/main.ts" },
    outdir: join(place, "dist"),
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    minify: true,
    logLevel: "error",
    banner: {
      js: 'import { createRequire as __require } from "node:module"; const require = __require(import.meta.url);',
    },
  });
  bin = join(place, "bin", "entra-gate.js");
});

type Files = Readonly<Record<string, string | Buffer>>;

const group = "b3d5a1f0-6c2e-4f7a-8e19-2a4c6d8f0b11";
const rules = [
  { path: "/public/*", allow: "anyone" },
  { path: "/*", allow: { groups: ["reviewers"] } },
];
const policy = { groups: { reviewers: group }, preview: { rules }, production: "open" };

function project(files: Files = {}): string {
  count += 1;
  const folder = scratch.at(`project-${count}`);
  const all: Files = {
    "public/index.html": "<h1>harbour</h1>",
    "public/.well-known/x": "known",
    "gate.json": JSON.stringify(policy),
    ...files,
  };
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(join(root, "node_modules", "wrangler"), join(folder, "node_modules", "wrangler"));
  return folder;
}

interface Ended {
  readonly code: number;
  readonly out: string;
}

function entraGate(folder: string, ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), out: stdout + stderr });
    });
  });
}

const wrapArguments = [
  "--policy",
  "gate.json",
  "--environment",
  "preview",
  "--sign-in-origin",
  "https://sign-in.example.com",
];
const functions = {
  "functions/api/[name].ts":
    "export const onRequest: PagesFunction = ({ params }) => new Response(String(params.name));",
};

describe("entra-gate pack", { timeout: 120_000 }, () => {
  it("makes one tar that the action unpacks, and the same one from the same site", async () => {
    const folder = project({
      ...functions,
      "public/_routes.json": '{"version":1,"include":["/*"],"exclude":["/static/*"]}',
      "public/.DS_Store": "x",
    });
    const packed = await entraGate(folder, "pack", "public");
    expect(packed).toMatchObject({
      code: 0,
      out: expect.stringContaining("2 files and 1 modules (functions)"),
    });
    const tar = readFileSync(join(folder, "entra-gate.tar"));
    const pack = await unpackArtifact(await zipOf({ "entra-gate.tar": tar }), scratch.at("unpacked"));
    expect(pack.manifest.files.map(({ path }) => path)).toEqual([
      "assets/.well-known/x",
      "assets/index.html",
      "routes.json",
      "worker/index.js",
    ]);
    expect(pack.routes.exclude).toEqual(["/static/*"]);
    expect(readFileSync(join(pack.folder, "worker/index.js"), "utf8")).toContain('routePath: "/api/:name"');
    await entraGate(folder, "pack", "--output", "public", "--out", "again.tar");
    expect(readFileSync(join(folder, "again.tar")).equals(tar)).toBe(true);
  });

  it.each([
    ["wrangler.toml", 'name = "x"\npages_build_output_dir = "./public"\n'],
    ["wrangler.jsonc", '{ // here\n  "pages_build_output_dir": "public" }'],
    ["wrangler.json", '{ "pages_build_output_dir": "public" }'],
  ])("finds the output folder in %s", async (name, text) => {
    expect(await entraGate(project({ [name]: text }), "pack")).toMatchObject({
      code: 0,
      out: expect.stringContaining("(static)"),
    });
  });

  it.each([
    ["no output folder is named", {}, ["pack"], "output-unnamed"],
    ["the output folder is missing", {}, ["pack", "dist"], "output-missing"],
    [
      "_worker.js is a service worker of the old kind",
      { "public/_worker.js": "addEventListener('fetch', (event) => event.respondWith(new Response('x')));" },
      ["pack", "public"],
      "worker-unusable",
    ],
    [
      "_worker.js/ has no index.js",
      { "public/_worker.js/main.js": "export default {}" },
      ["pack", "public"],
      "not-a-file",
    ],
    [
      "_worker.js does not compile",
      { "public/_worker.js": "export default {;" },
      ["pack", "public"],
      "functions-failed",
    ],
    [
      "_routes.json includes nothing",
      { ...functions, "public/_routes.json": '{"version":1,"include":[],"exclude":["/a"]}' },
      ["pack", "public"],
      "routes-invalid",
    ],
    ["a name is the gate's", { "public/.auth/login": "x" }, ["pack", "public"], "name-reserved"],
    ["a name would never reach a worker", { "public/cdn-cgi/x": "x" }, ["pack", "public"], "name-reserved"],
    ["two names are one", { "public/INDEX.html": "x" }, ["pack", "public"], "name-collision"],
    [
      "functions don't compile",
      { "functions/a.ts": "export const onRequest = (;" },
      ["pack", "public"],
      "functions-failed",
    ],
    [
      "_routes.json is none",
      { ...functions, "public/_routes.json": "{" },
      ["pack", "public"],
      "routes-invalid",
    ],
  ])("refuses where %s", async (_, files, args, code) => {
    const folder = project(files as Files);
    expect(await entraGate(folder, ...args)).toMatchObject({
      code: 1,
      out: expect.stringContaining(`[${code}]`),
    });
    expect(readdirSync(folder).filter((name) => name.startsWith("entra-gate.tar"))).toEqual([]);
  });

  it("packs the _worker.js of a framework with what it imports, and leaves functions/ out as Pages does", async () => {
    const wasm = Buffer.from("0061736d01000000", "hex");
    const folder = project({
      ...functions,
      "elsewhere.js": "export const from = 'outside the output';",
      "public/_worker.js":
        "import { from } from '../elsewhere.js'; import module from './add.wasm'; export default { fetch: () => new Response(from + module) };",
      "public/add.wasm": wasm,
      "public/_routes.json": '{"version":1,"description":"x","include":["/api/*"],"exclude":["/api/x"]}',
    });
    const packed = await entraGate(folder, "pack", "public");
    expect(packed).toMatchObject({ code: 0, out: expect.stringContaining("functions/ is left out") });
    const zip = await zipOf({ "entra-gate.tar": readFileSync(join(folder, "entra-gate.tar")) });
    const pack = await unpackArtifact(zip, scratch.at("unpacked-worker"));
    expect(pack.manifest).toMatchObject({ kind: "worker", main: "_worker.js" });
    expect(pack.manifest.modules.map(({ type }) => type)).toEqual(["esm", "wasm"]);
    expect(pack.routes).toEqual({ version: 1, include: ["/api/*"], exclude: ["/api/x"] });
    const main = readFileSync(join(pack.folder, "worker", "_worker.js"), "utf8");
    expect(main).toContain("outside the output");
    expect(main).not.toMatch(/0\.\d{6,}/);
  });

  it("refuses a symbolic link, wherever it leads", async () => {
    const folder = project();
    symlinkSync("/etc/hostname", join(folder, "public", "link.txt"));
    expect(await entraGate(folder, "pack", "public")).toMatchObject({
      code: 1,
      out: expect.stringMatching(/link\.txt.*\[not-a-file\]/),
    });
  });

  it("refuses a file that Pages would not take", async () => {
    const folder = project({ "public/big.bin": "" });
    truncateSync(join(folder, "public", "big.bin"), 25 * 1024 * 1024 + 1);
    expect(await entraGate(folder, "pack", "public")).toMatchObject({
      code: 1,
      out: expect.stringContaining("[file-too-large]"),
    });
  });
});

describe("entra-gate wrap", { timeout: 120_000 }, () => {
  it("wraps in place, and again with the same result", async () => {
    const folder = project({
      ...functions,
      "public/_routes.json": '{"version":1,"include":["/*"],"exclude":["/static/*"]}',
    });
    const first = await entraGate(folder, "wrap", "public", ...wrapArguments);
    expect(first.code).toBe(0);
    const files = await listFiles(join(folder, "public"));
    expect(files.map(({ path }) => path)).toEqual([
      ".well-known/x",
      "_routes.json",
      "_worker.js/config.js",
      "_worker.js/gate.js",
      "_worker.js/index.js",
      "_worker.js/site/index.js",
      "index.html",
    ]);
    expect(readFileSync(join(folder, "public/_worker.js/config.js"), "utf8")).toContain("/static/*");
    expect((await entraGate(folder, "wrap", "public", ...wrapArguments)).code).toBe(0);
    expect(await listFiles(join(folder, "public"))).toEqual(files);
    // A build that breaks leaves the folder as gated as it was.
    writeFileSync(join(folder, "functions", "broken.ts"), "export const onRequest = (;");
    expect((await entraGate(folder, "wrap", "public", ...wrapArguments)).code).toBe(1);
    expect(await listFiles(join(folder, "public"))).toEqual(files);
    expect(readdirSync(folder).filter((name) => name.startsWith(".entra-gate"))).toEqual([]);
  });

  it("wraps into another folder and leaves the build alone", async () => {
    const folder = project();
    const before = await listFiles(join(folder, "public"));
    expect(
      (
        await entraGate(
          folder,
          "wrap",
          "public",
          ...wrapArguments,
          "--out",
          "gated",
          "--project-name",
          "demo",
        )
      ).code,
    ).toBe(0);
    expect(await listFiles(join(folder, "public"))).toEqual(before);
    expect(existsSync(join(folder, "gated", "_worker.js", "gate.js"))).toBe(true);
    expect((await entraGate(folder, "wrap", "public", ...wrapArguments, "--out", "gated")).out).toContain(
      "[out-not-empty]",
    );
  });

  it.each([
    ["production that the policy leaves open", {}, ["--environment", "production"], "policy-open"],
    ["an environment that does not exist", {}, ["--environment", "staging"], "Allowed choices"],
    [
      "a sign-in host over plain http",
      {},
      ["--sign-in-origin", "http://sign-in.example.com"],
      "sign-in-origin-invalid",
    ],
    [
      "a sign-in host with a path",
      {},
      ["--sign-in-origin", "https://sign-in.example.com/x"],
      "sign-in-origin-invalid",
    ],
    [
      "a policy that is none",
      { "gate.json": '{"preview":{"rules":[{"path":"nope"}]}}' },
      [],
      "policy-invalid",
    ],
    [
      "a policy whose tests fail",
      {
        "gate.json": JSON.stringify({
          ...policy,
          tests: [{ in: "preview", as: "anyone", get: "/", expect: "allow" }],
        }),
      },
      [],
      "policy-tests-failed",
    ],
    ["a missing policy", {}, ["--policy", "nowhere.json"], "file-missing"],
    [
      "keys that are none",
      { "keys.json": '{"keys":[{"kty":"oct"}]}' },
      ["--keys", "keys.json"],
      "keys-invalid",
    ],
    ["a rewrite that widens", { "public/_redirects": "/public/a / 200\n" }, [], "_redirects:1"],
    ["a folder inside of what it wraps", {}, ["--out", "public/gated"], "out-inside"],
    ["a wrangler file that would be served", { "public/wrangler.toml": "x" }, [], "wrangler.toml"],
    ["functions that would be served", { "public/functions/a.js": "x" }, [], "functions/a.js"],
    ["a file under a name of the gate's", { "public/.auth/login": "x" }, [], ".auth/login"],
    ["a folder for a worker that has none", { "public/_worker.js/main.js": "x" }, [], "_worker.js"],
    [
      "a worker that can't stand behind the gate",
      { "public/_worker.js": "addEventListener('fetch', () => {});" },
      [],
      "worker-unusable",
    ],
  ])("refuses %s and writes nothing", async (_, files, args, code) => {
    const folder = project(files as Files);
    const before = await listFiles(join(folder, "public"));
    const ended = await entraGate(folder, "wrap", "public", ...wrapArguments, ...args);
    // Words that the command does not know end it with 2, before it looks at anything.
    expect(ended.code).toBe(code === "Allowed choices" ? 2 : 1);
    expect(ended.out).toContain(code);
    expect(await listFiles(join(folder, "public"))).toEqual(before);
  });
});

describe("entra-gate keygen", () => {
  const run = (...args: string[]) =>
    new Promise<{ stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, [bin, "keygen", ...args], (_, stdout, stderr) =>
        resolve({ stdout, stderr }),
      );
    });

  it("prints keys that a sign-in host starts with, and their secrets nowhere but on standard output", async () => {
    const { stdout, stderr } = await run();
    const env = Object.fromEntries(
      stdout
        .trim()
        .split("\n")
        .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    const signing = env[`GATE_SIGNING_KEY_${env["GATE_SIGNING_ACTIVE"]}`] ?? "";
    const cookie = env[`GATE_COOKIE_KEY_${env["GATE_COOKIE_ACTIVE"]}`] ?? "";
    await importSigningKey(env["GATE_SIGNING_ACTIVE"] ?? "", signing);
    await importCookieKey(env["GATE_COOKIE_ACTIVE"] ?? "", cookie);
    for (const secret of [JSON.parse(signing).d, cookie]) expect(stderr).not.toContain(secret);
    for (const name of Object.keys(env)) expect(stderr).toContain(name);
  });

  it("as JSON keeps secrets and plain variables apart, other keys each time", async () => {
    const [one, two] = await Promise.all([run("--json"), run("--json")]);
    const { secrets, variables } = JSON.parse(one.stdout);
    expect(Object.keys(secrets).sort()).toEqual([
      `GATE_COOKIE_KEY_${variables.GATE_COOKIE_ACTIVE}`,
      `GATE_SIGNING_KEY_${variables.GATE_SIGNING_ACTIVE}`,
    ]);
    expect(two.stdout).not.toContain(variables.GATE_COOKIE_ACTIVE);
  });

  it("makes for a site that signs in for itself what its settings take, and nothing else", async () => {
    const { stdout, stderr } = await run("--standalone", "--json");
    const { secrets, variables } = JSON.parse(stdout);
    expect([Object.keys(secrets), Object.keys(variables)]).toEqual([
      [`GATE_COOKIE_KEY_${variables.GATE_COOKIE_ACTIVE}`],
      ["GATE_COOKIE_ACTIVE"],
    ]);
    expect(stderr).not.toContain("SIGNING");
  });
});

describe("a folder that was wrapped and then changed", { timeout: 120_000 }, () => {
  it.each([
    ["_worker.js/index.js", (text: string) => text.replace("createGate(config, site)", "site")],
    ["_worker.js/config.js", (text: string) => `${text}// by hand\n`],
    ["_routes.json", () => '{"version":1,"include":["/api/*"],"exclude":[]}'],
    ["_routes.json", undefined],
  ] as const)("is not wrapped again over what is no longer known: %s", async (name, change) => {
    const folder = project();
    await entraGate(folder, "wrap", "public", ...wrapArguments);
    const file = join(folder, "public", name);
    if (change === undefined) rmSync(file);
    else writeFileSync(file, change(readFileSync(file, "utf8")));
    const before = await listFiles(join(folder, "public"));
    const ended = await entraGate(folder, "wrap", "public", ...wrapArguments);
    expect(ended).toMatchObject({ code: 1, out: expect.stringContaining("[wrapped-unreadable]") });
    expect(ended.out).toContain(name);
    expect(await listFiles(join(folder, "public"))).toEqual(before);
  });

  it("is wrapped anew by a newer gate", async () => {
    const folder = project();
    await entraGate(folder, "wrap", "public", ...wrapArguments);
    const files = await listFiles(join(folder, "public"));
    writeFileSync(join(folder, "public", "_worker.js", "gate.js"), "// of an older version\n");
    expect((await entraGate(folder, "wrap", "public", ...wrapArguments)).code).toBe(0);
    expect(await listFiles(join(folder, "public"))).toEqual(files);
  });
});

describe("the launcher", () => {
  it("says what is missing where the package is not built", async () => {
    const place = scratch.at("unbuilt");
    cpSync(dirname(dirname(bin)), place, { recursive: true });
    rmSync(join(place, "dist"), { recursive: true });
    chmodSync(join(place, "bin", "entra-gate.js"), 0o755);
    const ended = await new Promise<Ended>((resolve) => {
      execFile(process.execPath, [join(place, "bin", "entra-gate.js"), "pack"], (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), out: stdout + stderr }),
      );
    });
    expect(ended).toMatchObject({ code: 1, out: expect.stringContaining("npm run build") });
  });
});
