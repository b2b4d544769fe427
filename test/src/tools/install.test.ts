import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { presetTools } from "../../../local/preset-tools.ts";
import { installTools } from "../../../src/tools/install.ts";
import { runProcess } from "../../../src/tools/process.ts";
import { root, scratchFolder } from "../steps/fixtures.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());
const pinned = join(root, "src", "tools", "pinned");
const before = process.env["RUNNER_TOOL_CACHE"];
let count = 0;
let cache: string;

beforeEach(() => {
  count += 1;
  cache = scratch.at(`cache-${count}`);
  process.env["RUNNER_TOOL_CACHE"] = cache;
});
afterEach(() => {
  if (before === undefined) delete process.env["RUNNER_TOOL_CACHE"];
  else process.env["RUNNER_TOOL_CACHE"] = before;
});

/** An npm that writes down how it was called and installs what `script` makes. */
function npm(script: string): { readonly PATH: string; readonly record: string } {
  const bin = scratch.at(`bin-${count}`);
  const record = scratch.at(`record-${count}`);
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "npm"), `#!/bin/sh\n{ echo "$@"; env; cat .npmrc; } > ${record}\n${script}\n`);
  chmodSync(join(bin, "npm"), 0o755);
  return { PATH: [bin, "/usr/bin", "/bin"].join(delimiter), record };
}

const { wrangler: wanted } = (
  JSON.parse(readFileSync(join(pinned, "package.json"), "utf8")) as { dependencies: { wrangler: string } }
).dependencies;
const wranglerOf = (version: string) =>
  `mkdir -p node_modules/wrangler/bin && echo > node_modules/wrangler/bin/wrangler.js && echo '{"version":"${version}"}' > node_modules/wrangler/package.json`;
const working = wranglerOf(wanted);
const install = (env: Record<string, string>, from = pinned) =>
  installTools({ pinned: from, log: () => undefined, env, timeout: 20_000 });

describe("the pinned tools", () => {
  it("are exactly those that this repository is tested with, and name no registry", () => {
    const lock = JSON.parse(readFileSync(join(pinned, "package-lock.json"), "utf8")) as {
      packages: Record<string, { version?: string; resolved?: string }>;
    };
    const own = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as typeof lock;
    for (const name of ["wrangler", "miniflare", "workerd", "esbuild"]) {
      expect(lock.packages[`node_modules/${name}`]?.version).toBe(
        own.packages[`node_modules/${name}`]?.version,
      );
    }
    expect(Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
    const manifest = JSON.parse(readFileSync(join(pinned, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    expect(manifest.dependencies).toEqual({ wrangler: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  });

  it("have every platform's programs in their lock", () => {
    const lock = JSON.parse(readFileSync(join(pinned, "package-lock.json"), "utf8")) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const wanted = ["workerd", "esbuild"].flatMap((name) =>
      Object.keys(lock.packages[`node_modules/${name}`]?.optionalDependencies ?? {}),
    );
    expect(wanted.length).toBeGreaterThan(10);
    expect(wanted.filter((name) => lock.packages[`node_modules/${name}`] === undefined)).toEqual([]);
  });
});

describe("installing", () => {
  it("runs npm ci once, without scripts, without the job's secrets, under its own .npmrc", async () => {
    const { PATH, record } = npm(working);
    const env = {
      PATH,
      HOME: scratch.path,
      CLOUDFLARE_API_TOKEN: "secret-token",
      npm_config_registry: "http://evil.example",
      NODE_OPTIONS: "--require evil",
    };
    const tools = await install(env);
    expect(tools.wrangler.startsWith(cache)).toBe(true);
    expect(existsSync(tools.wrangler)).toBe(true);
    const said = readFileSync(record, "utf8");
    expect(said).toMatch(/^ci --ignore-scripts/);
    expect(said).toContain("ignore-scripts=true");
    expect(said).not.toMatch(/secret-token|evil/);
    writeFileSync(record, "");
    expect(await install(env)).toEqual(tools);
    expect(readFileSync(record, "utf8")).toBe("");
  });

  it("installs anew where the lock differs", async () => {
    const { PATH, record } = npm(working);
    await install({ PATH });
    const other = scratch.at("other-pins");
    cpSync(pinned, other, { recursive: true });
    writeFileSync(
      join(other, "package-lock.json"),
      `${readFileSync(join(other, "package-lock.json"), "utf8")}\n`,
    );
    writeFileSync(record, "");
    await install({ PATH }, other);
    expect(readFileSync(record, "utf8")).not.toBe("");
  });

  it.each([
    ["npm fails", "echo 'no such package' >&2; exit 1", "no such package"],
    ["npm installs something else", "mkdir -p node_modules/other", "is missing"],
    ["npm installs another version", wranglerOf("3.90.0"), "3.90.0"],
  ])("says so where %s", async (_, script, words) => {
    const { PATH } = npm(script);
    await expect(install({ PATH })).rejects.toMatchObject({
      code: "tool-install-failed",
      message: expect.stringContaining(words),
    });
  });

  it.each([
    ["is too old", wranglerOf("3.90.0")],
    ["is missing", "true"],
  ])("installs anew where wrangler %s in the cache", async (_, script) => {
    const { PATH } = npm(working);
    const { folder } = await install({ PATH });
    rmSync(join(folder, "node_modules"), { recursive: true });
    execFileSync("/bin/sh", ["-c", script], { cwd: folder });
    const tools = await install({ PATH });
    const manifest = join(dirname(tools.wrangler), "..", "package.json");
    expect(JSON.parse(readFileSync(manifest, "utf8"))).toEqual({ version: wanted });
  });

  it("uses a cache that was filled before", async () => {
    await presetTools(cache, root, pinned);
    const tools = await install({ PATH: dirname(process.execPath) });
    const result = await runProcess(process.execPath, [tools.wrangler, "--version"], {
      cwd: scratch.path,
      env: { HOME: scratch.path },
      timeout: 60_000,
    });
    expect(result.stdout).toContain("4.164.0");
  });
});

describe("a process", () => {
  it("is killed with all that it started when its time is over", async () => {
    const script = `require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" }); setInterval(() => {}, 1000);`;
    const result = await runProcess(process.execPath, ["-e", script], {
      cwd: scratch.path,
      env: {},
      timeout: 500,
    });
    expect(result).toMatchObject({ timedOut: true, code: -1 });
  });

  it("inherits nothing and gets its input", async () => {
    const script =
      "process.stdin.pipe(process.stdout); console.error(Object.keys(process.env).filter((name) => !/^__/.test(name)).join())";
    const result = await runProcess(process.execPath, ["-e", script], {
      cwd: scratch.path,
      env: { ONE: "1" },
      input: "hello",
      timeout: 20_000,
    });
    expect(result).toMatchObject({ code: 0, stdout: "hello", stderr: "ONE\n" });
  });
});
