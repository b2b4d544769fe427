import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createLogins } from "../../../../pages-plugin/src/cli/setup/login/logins.ts";
import { readOrigins } from "../../../../pages-plugin/src/cli/setup/origins.ts";
import { root } from "../../../src/steps/fixtures.ts";
import { type Company, startCompany } from "./entra/company.ts";

let company: Company;
let token: string;
let folder: string;

beforeAll(async () => {
  company = await startCompany();
  company.writePolicy({
    preview: { rules: [{ path: "/*", allow: { groups: ["reviewers"] } }] },
    production: "open",
  });
  const { oid } = company.entra.cast.people.admin;
  company.directory.directoryRoles.set(oid, new Set(["Global Administrator"]));
  token = await company.entra.azureCliToken(oid);
});
afterAll(() => company.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "setup-command-"));
  const program = pathToFileURL(join(root, "pages-plugin/src/cli/program.ts")).href;
  const main = `const { createProgram } = await import(${JSON.stringify(program)});\nawait createProgram("0", new URL("file:///gate.js")).parseAsync();\n`;
  writeFileSync(join(folder, "main.mjs"), main);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** An `az` that is signed in, and writes down how it was called. */
function signIn(): void {
  const script = `#!/bin/sh\necho "$@" >> ${folder}/az.calls\ncat ${folder}/az.token\n`;
  writeFileSync(join(folder, "az"), script);
  writeFileSync(join(folder, "az.token"), `${token}\n`);
  chmodSync(join(folder, "az"), 0o755);
}

const names = ["--repository", "acme/site", "--project", "site", "--sign-in-host-project", "acme-sign-in"];

function run(words: readonly string[], options: { env?: Record<string, string>; input?: string } = {}) {
  const account = ["--account-id", "0123456789abcdef0123456789abcdef", "--policy", company.policyFile];
  const child = spawn(
    process.execPath,
    [join(folder, "main.mjs"), "setup", ...names, ...account, "--only", "entra", "--json", ...words],
    {
      cwd: folder,
      env: {
        PATH: `${folder}:/usr/bin:/bin`,
        GRAPH_URL: company.entra.graphUrl,
        GITHUB_API_URL: company.github.origin,
        GH_TOKEN: "github-token",
        ...options.env,
      },
    },
  );
  const said = { out: "", all: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    said.out += chunk;
    said.all += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    said.all += chunk;
  });
  child.stdin.end(options.input ?? "");
  return new Promise<{ exit: number | null; json: Record<string, unknown>; all: string }>((resolve) =>
    child.on("close", (exit) => resolve({ exit, json: JSON.parse(said.out), all: said.all })),
  );
}

describe("entra-gate setup, the process", () => {
  it("takes az's login, tells the plan as one line of JSON, and nobody the token", async () => {
    signIn();
    const { exit, json, all } = await run(["--dry-run"]);
    expect(exit).toBe(0);
    expect(json).toMatchObject({
      dryRun: true,
      steps: expect.arrayContaining([expect.objectContaining({ id: "gate-application", state: "missing" })]),
    });
    expect(all).not.toContain(token);
    expect(readFileSync(join(folder, "az.calls"), "utf8").trim().split("\n")).toEqual([
      `account get-access-token --resource ${company.entra.graphUrl} --query accessToken --output tsv`,
    ]);
    expect(company.state()).toEqual([]);
  });

  it("takes a token on standard input, and does nothing that nobody said yes to", async () => {
    const { exit, json, all } = await run(["--graph-token-stdin"], { input: `${token}\n` });
    expect([exit, json["error"]]).toEqual([1, "answer-missing"]);
    expect(all).not.toContain(token);
    expect(company.state()).toEqual([]);
  });

  it("says how to log in where nobody is", async () => {
    const { exit, json } = await run(["--yes"], { env: { GH_TOKEN: "", PATH: folder } });
    expect([exit, json["error"]]).toEqual([1, "login-missing"]);
    expect(json["message"]).toMatch(/az login/);
    expect(company.state()).toEqual([]);
  });

  it("sends a login nowhere but to the cloud's services and to loopback", async () => {
    signIn();
    const { exit, json } = await run(["--dry-run"], { env: { GRAPH_URL: "https://graph.evil.example" } });
    expect([exit, json["error"]]).toEqual([1, "origin-invalid"]);
    expect(existsSync(join(folder, "az.calls"))).toBe(false);
  });
});

describe("where the services are", () => {
  it("is the cloud's, or loopback in plain http", () => {
    expect(readOrigins({}, "usgov").graph).toBe("https://graph.microsoft.us");
    expect(readOrigins({ GITHUB_API_URL: "http://api.localhost:80/" }, "global").github).toBe(
      "http://api.localhost:80",
    );
    for (const url of [
      "http://graph.example",
      "https://graph.localhost",
      "http://localhost.evil.example",
      "x",
    ])
      expect(() => readOrigins({ GRAPH_URL: url }, "global")).toThrow(
        expect.objectContaining({ code: "origin-invalid" }),
      );
  });
});

describe("logins", () => {
  it.each([
    ["empty", ""],
    ["two lines", "a\nb"],
    ["a header", "x\r\nhost: y"],
  ])("refuse what is no token: %s", async (_, given) => {
    const logins = createLogins({ env: { CLOUDFLARE_API_TOKEN: given }, graph: "" });
    await expect(logins.token("cloudflare")).rejects.toMatchObject({ code: "login-missing" });
  });
});
