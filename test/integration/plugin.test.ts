import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import * as miniflare from "miniflare";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPagesFolder } from "../../src/pages-runtime/folder.ts";
import type { PagesRuntime } from "../../src/pages-runtime/options.ts";
import { startPagesRuntime } from "../../src/pages-runtime/runtime.ts";
import { installPublished } from "../pages-plugin/package/published.ts";
import { get } from "./company.ts";
import { policy } from "./small-site.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..", "..");
const compatibilityDate = "2026-11-01";
const signInOrigin = "http://sign-in.localhost:9999";
const content = "The tide tables of pier nine";

/** What somebody who uses the plugin without the action has in his repository. */
const project = {
  "package.json": JSON.stringify({ name: "site", private: true, type: "module" }),
  "gate.json": JSON.stringify(policy),
  "functions/_middleware.ts":
    'import entraGate from "pages-plugin-entra-gate";\nimport policy from "../gate.json";\nexport const onRequest = entraGate(policy);\n',
  "functions/api/hello.ts": `export const onRequestGet = () => new Response(${JSON.stringify(content)});\n`,
  "public/index.html": `<!doctype html><p>${content}</p>`,
  "public/docs/index.html": `<!doctype html><p>${content}: documents</p>`,
  "public/.well-known/security.txt": "Contact: mailto:security@harbour.example\n",
};
const everyPath = [
  "/",
  "/index.html",
  "/docs/",
  "/api/hello",
  "/%61pi/hello",
  "//docs/",
  "/nothing-of-the-kind",
];

let folder: string;
const running: PagesRuntime[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "entra-gate-plugin-"));
  for (const [path, text] of Object.entries(project)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await installPublished(folder);
  await symlink(join(root, "node_modules", "wrangler"), join(folder, "node_modules", "wrangler"));
}, 60_000);
afterAll(async () => {
  await Promise.all(running.map((runtime) => runtime.close()));
  await rm(folder, { recursive: true, force: true });
});

/** Serves an output folder as Pages would. */
async function serve(output: string, vars: Readonly<Record<string, string>> = {}): Promise<string> {
  const runtime = await startPagesRuntime(miniflare, {
    ...(await readPagesFolder(output)),
    assetServer: await readFile(join(root, "dist", "pages-runtime", "asset-server.js"), "utf8"),
    compatibilityDate,
    compatibilityFlags: [],
    vars,
    outbound: async () => new Response(null, { status: 530 }),
    log: () => undefined,
  });
  running.push(runtime);
  return `http://a1b2c3d4.site.localhost:${runtime.port}`;
}

/** `public/` with the functions that the real wrangler made of `functions/`, as `wrangler pages deploy` uploads it. */
async function compiled(name: string): Promise<string> {
  const output = join(folder, name);
  await cp(join(folder, "public"), output, { recursive: true });
  const wrangler = join(folder, "node_modules", "wrangler", "bin", "wrangler.js");
  const args = ["pages", "functions", "build", `--outdir=${join(output, "_worker.js")}`];
  const env = { PATH: process.env["PATH"], HOME: folder, WRANGLER_SEND_METRICS: "false", CI: "1" };
  await run(process.execPath, [wrangler, ...args, `--compatibility-date=${compatibilityDate}`], {
    cwd: folder,
    env,
  });
  return output;
}

async function answersOf(origin: string, paths: readonly string[]) {
  const answers = await Promise.all(paths.map((path) => get(origin + path)));
  return answers.map(({ status, headers, body }, index) => ({
    path: paths[index],
    status,
    code: headers["x-entra-gate-code"],
    shown: body.includes(content),
  }));
}

describe("the published plugin, compiled by wrangler", () => {
  let output: string;
  beforeAll(async () => {
    output = await compiled("compiled");
  }, 60_000);

  it("asks for sign-in on every path but the open ones", async () => {
    const origin = await serve(output, {
      GATE_ENVIRONMENT: "preview",
      GATE_SIGN_IN_ORIGIN: signInOrigin,
      GATE_SIGN_IN_KEYS: JSON.stringify({ keys: [] }),
    });
    for (const { path, status, shown } of await answersOf(origin, everyPath))
      expect([path, [400, 401].includes(status), shown]).toEqual([path, true, false]);
    const open = await get(`${origin}/.well-known/security.txt`);
    expect([open.status, open.body.toString()]).toEqual([200, expect.stringContaining("Contact:")]);
  });

  // Charca/cloudflare-pages-auth lets everybody in where its variables are missing.
  it.each([
    ["no settings", {}],
    ["half of them", { GATE_ENVIRONMENT: "preview" }],
    [
      "an environment that Pages does not have",
      { GATE_ENVIRONMENT: "staging", GATE_SIGN_IN_ORIGIN: signInOrigin },
    ],
    ["an environment in another case", { GATE_ENVIRONMENT: "Production", GATE_SIGN_IN_ORIGIN: signInOrigin }],
    [
      "a sign-in host without TLS",
      { GATE_ENVIRONMENT: "preview", GATE_SIGN_IN_ORIGIN: "http://sign-in.example" },
    ],
  ])("shows nothing at all with %s (Charca/cloudflare-pages-auth)", async (_, vars) => {
    const origin = await serve(output, vars);
    for (const answer of await answersOf(origin, [
      ...everyPath,
      "/.well-known/security.txt",
      "/.auth/status",
    ]))
      expect(answer).toMatchObject({ status: 503, code: "site-settings-invalid", shown: false });
  });
});

describe("entra-gate wrap, of a plain folder", () => {
  it("puts the gate in front, by the published command", async () => {
    const output = join(folder, "plain");
    await cp(join(folder, "public"), output, { recursive: true });
    const elsewhere = join(folder, "elsewhere");
    await mkdir(elsewhere);
    await cp(join(folder, "gate.json"), join(elsewhere, "gate.json"));
    const command = join(folder, "node_modules", "pages-plugin-entra-gate", "bin", "entra-gate.js");
    const args = ["wrap", output, "--policy", "gate.json", "--environment", "preview"];
    await run(process.execPath, [command, ...args, "--sign-in-origin", signInOrigin], { cwd: elsewhere });
    const origin = await serve(output);
    for (const { path, status, shown } of await answersOf(origin, everyPath))
      expect([path, [400, 401].includes(status), shown]).toEqual([path, true, false]);
    const status = JSON.parse((await get(`${origin}/.auth/status`)).body.toString()) as object;
    expect(status).toMatchObject({
      role: "site",
      environment: "preview",
      bundle: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect((await get(`${origin}/.well-known/security.txt`)).status).toBe(200);
  });
});
