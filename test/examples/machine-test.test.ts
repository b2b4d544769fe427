import { execFile } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { start } from "../../src/start.ts";
import { type MachineWorld, startMachineWorld } from "../src/machine-world.ts";
import { recordingLog } from "../src/support.ts";

const root = join(import.meta.dirname, "..", "..");
const example = join(root, "examples", "machine-test");
const temp = mkdtempSync(join(tmpdir(), "machine-test-"));
const run = promisify(execFile);
let world: MachineWorld;
beforeAll(async () => {
  world = await startMachineWorld();
});
afterAll(async () => {
  await world?.close();
  rmSync(temp, { recursive: true, force: true });
});

const ids = () => {
  const { cast, tenantId } = world.tenant.entra;
  const { gate, testClient } = cast.applications;
  return { tenantId, gate: gate.appId, test: testClient.appId };
};

function script(paths: readonly string[], changes: Record<string, string> = {}) {
  const { tenantId, gate, test } = ids();
  const env = {
    ...{ PATH: process.env["PATH"] ?? "", TMPDIR: temp, ...world.jobEnv() },
    ...{ PREVIEW_URL: `${world.preview}/any/page`, SIGN_IN_ORIGIN: world.signInOrigin },
    ...{ TENANT_ID: tenantId, GATE_CLIENT_ID: gate, TEST_CLIENT_ID: test },
    ...{ ENTRA_AUTHORITY: world.tenant.entra.authority, ...changes },
  };
  return run("bash", [join(example, "preview.sh"), ...paths], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

describe("the curl script", () => {
  it("gets into the preview and shows no secret; Entra's token does not reach the preview", async () => {
    world.reached.length = 0;
    const { code, stdout, stderr } = await script(["/", "/docs/"]);
    expect([code, stdout, stderr]).toEqual([0, "200 /\n200 /docs/\n", ""]);
    expect(world.reached.map(({ path }) => path)).toEqual(["/", "/docs/"]);
    for (const { headers } of world.reached) {
      expect(headers.get("x-entra-gate-roles")).toBe("Preview.Test");
      expect(headers.get("authorization")).toBeNull();
      expect(headers.get("cookie")).toBeNull();
    }
    // Only the browser's test below has files there.
    expect(readdirSync(temp)).toEqual([]);
  });

  it("fails where the policy keeps a page from it, where Entra doesn't know the job, and without its variables", async () => {
    expect(await script(["/admin/"])).toMatchObject({ code: 22, stdout: "" });
    expect((await script(["/"], world.jobEnv("repo:contoso/site:pull_request"))).code).not.toBe(0);
    expect((await script(["/"], { SIGN_IN_ORIGIN: "" })).stderr).toContain("SIGN_IN_ORIGIN");
  });
});

/** What the action's `token` gives to a job. */
async function session(): Promise<NodeJS.ProcessEnv> {
  const outputs: Record<string, string> = {};
  const { tenantId, gate, test } = ids();
  const inputs = {
    ...{ INPUT_COMMAND: "token", "INPUT_TENANT-ID": tenantId, "INPUT_GATE-CLIENT-ID": gate },
    ...{ "INPUT_TEST-CLIENT-ID": test, "INPUT_SIGN-IN-ORIGIN": world.signInOrigin, INPUT_URL: world.preview },
    "INPUT_ENTRA-AUTHORITY": world.tenant.entra.authority,
  };
  await start({
    env: { ...world.jobEnv(), RUNNER_TEMP: temp, ...inputs },
    log: recordingLog(),
    dist: "",
    now: Date.now,
    sleep: async () => undefined,
    random: () => 0.5,
    setOutput: (name, value) => {
      outputs[name] = value;
    },
    addSummary: async () => undefined,
  });
  const { default: packaged } = await import("@sparticuz/chromium");
  return {
    ...process.env,
    PREVIEW_URL: world.preview,
    STORAGE_STATE: outputs["storage-state-path"],
    CHROMIUM_PATH: await packaged.executablePath(),
  };
}

it("the browser's test passes with the session that the action's token made", async () => {
  const args = ["--test", "--test-reporter=tap", "preview.test.js"];
  const { stdout } = await run(process.execPath, args, { cwd: example, env: await session() });
  expect(stdout).toMatch(/^# pass 2$/m);
}, 60_000);

/** Opens the page where Lighthouse does, in a new tab of the browser at that port, and says what Lighthouse would of it. */
const lighthouse = `
import { chromium } from "playwright-core";
export default async function (url, { port, disableStorageReset }) {
  const browser = await chromium.connectOverCDP("http://127.0.0.1:" + port);
  const [context] = browser.contexts();
  if (!disableStorageReset) await context.clearCookies();
  const status = (await (await context.newPage()).goto(url)).status();
  const runtimeError = status < 400 ? undefined : { code: "ERRORED_DOCUMENT_REQUEST", message: String(status) };
  return { lhr: { runtimeError, categories: { performance: { title: "Performance", score: 1 } } } };
}`;

it("Lighthouse finds the session in the profile where it opens its tab", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lighthouse-"));
  try {
    cpSync(join(example, "lighthouse.js"), join(folder, "lighthouse.mjs"));
    mkdirSync(join(folder, "node_modules", "lighthouse"), { recursive: true });
    writeFileSync(join(folder, "node_modules", "lighthouse", "package.json"), '{"main":"index.mjs"}');
    writeFileSync(join(folder, "node_modules", "lighthouse", "index.mjs"), lighthouse);
    symlinkSync(
      join(root, "node_modules", "playwright-core"),
      join(folder, "node_modules", "playwright-core"),
    );
    const env = await session();
    const measure = (page: string) =>
      run(process.execPath, ["lighthouse.mjs"], { cwd: folder, env: { ...env, PAGE: page } }).then(
        ({ stdout }) => stdout,
        ({ stderr }: { stderr: string }) => stderr,
      );
    expect(await measure("/docs/")).toBe("Performance: 1\n");
    expect(await measure("/admin/")).toContain("ERRORED_DOCUMENT_REQUEST: 403");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);

it("the workflow gives the action what it has inputs for, and the testing job holds no secret", () => {
  const workflow = parse(readFileSync(join(example, ".github/workflows/entra-gate.yml"), "utf8"));
  const action = parse(readFileSync(join(root, "action.yml"), "utf8"));
  for (const { steps } of Object.values<{ steps: { uses?: string; with?: object }[] }>(workflow.jobs))
    for (const { uses, with: given } of steps.filter(({ uses }) => uses?.startsWith("acme/entra-gate")))
      expect([uses, Object.keys(action.inputs)]).toEqual([
        uses,
        expect.arrayContaining(Object.keys(given ?? {})),
      ]);
  expect(JSON.stringify(workflow.jobs.test)).not.toContain("secrets.");
  expect(workflow.jobs.test.permissions).toEqual({ "id-token": "write", contents: "read" });
});
