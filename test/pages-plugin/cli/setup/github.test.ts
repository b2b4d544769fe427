import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Repository } from "../../../../local/github/index.ts";
import type { SetupContext } from "../../../../pages-plugin/src/cli/setup/context.ts";
import { githubSteps } from "../../../../pages-plugin/src/cli/setup/github/steps.ts";
import { removeSetup } from "../../../../pages-plugin/src/cli/setup/remove.ts";
import { type RunOptions, runSetup } from "../../../../pages-plugin/src/cli/setup/run.ts";
import { createHttp } from "../../../../src/clients/http.ts";
import { nodeTransport } from "../../../../src/clients/transport.ts";
import { octokitFor, type Setting, startSetting } from "../../../local/github/support.ts";
import { root } from "../../../src/steps/fixtures.ts";
import { contextWith, names as standard } from "./context.ts";

const secret = "cf-token-that-is-never-to-be-seen";
let setting: Setting;
let repository: Repository;
let count = 0;

beforeAll(async () => {
  setting = await startSetting();
});
afterAll(() => setting.github.close());
beforeEach(async () => {
  count += 1;
  const wanted = { owner: "acme", name: `site${count}`, defaultBranch: "trunk", files: { a: "a" } };
  ({ repository } = await setting.github.createRepository(wanted));
  repository.collaborators.set("writer", "write");
});

const names = () => ({ ...standard, repository: repository.fullName });
const environment = () => repository.environments.get("entra-gate");
const silent = { dryRun: false, tell: () => {} };
const facts = { tenantId: "tenant-1", automationClientId: "automation-1", gateClientId: "gate-1" };

function contextFor(login = "acme", given: Partial<SetupContext> = {}): SetupContext {
  const { origins } = contextWith();
  const http = createHttp({
    transport: nodeTransport,
    now: Date.now,
    sleep: async () => {},
    random: () => 0,
    left: () => 60_000,
  });
  return contextWith({
    names: names(),
    origins: { ...origins, github: setting.github.apiUrl },
    logins: {
      token: async (service) => (service === "github" ? setting.github.tokenOf(login) : secret),
    },
    http,
    facts: { ...facts },
    ...given,
  });
}

const run = (context = contextFor(), options: RunOptions = silent) =>
  runSetup(githubSteps(names()), context, options);
const remove = (context = contextFor()) => removeSetup(githubSteps(names()), context, silent);
const rest = () => octokitFor(setting.github, setting.github.tokenOf("acme")).rest;
const here = () => ({ owner: "acme", repo: repository.name, environment_name: "entra-gate" });

describe("the GitHub environment", () => {
  it("is made for the default branch alone, with its variables and the sealed token; the second run changes nothing", async () => {
    await run();
    expect(environment()?.branches).toEqual(["trunk"]);
    expect(Object.fromEntries(environment()?.variables ?? [])).toMatchObject({
      ENTRA_TENANT_ID: "tenant-1",
      ENTRA_AUTOMATION_CLIENT_ID: "automation-1",
      ENTRA_GATE_CLIENT_ID: "gate-1",
      CLOUDFLARE_PROJECT: "site",
      SIGN_IN_HOST_PROJECT: "acme-sign-in",
      CLOUDFLARE_ACCOUNT_ID: standard.accountId,
    });
    expect(environment()?.secrets.get("CLOUDFLARE_API_TOKEN")).toBe(secret);
    const before = setting.log.calls.length;
    const { data } = await run();
    expect(data).toMatchObject({ steps: [{ state: "done" }, { state: "done" }, { state: "waiting" }] });
    expect(setting.log.calls.slice(before).filter(({ method }) => method !== "GET")).toEqual([]);
  });

  it("is only looked at in a dry run, and the token is in nothing that is told", async () => {
    const dry = await run(contextFor(), { ...silent, dryRun: true });
    expect(environment()).toBeUndefined();
    const told: string[] = [];
    const real = await run(contextFor(), { ...silent, tell: (line: string) => void told.push(line) });
    expect(JSON.stringify([dry, real, told])).not.toContain(secret);
    expect(JSON.stringify(setting.log.calls)).not.toContain(secret);
  });

  it("keeps what others set on it, and takes away what admits other branches", async () => {
    const mona = setting.github.store.account("mona").id;
    await rest().repos.createOrUpdateEnvironment({
      ...here(),
      wait_timer: 5,
      reviewers: [{ type: "User", id: mona }],
      prevent_self_review: true,
    });
    const dry = await run(contextFor(), { ...silent, dryRun: true });
    expect(dry.data).toMatchObject({
      steps: [{ state: "differs" }, { state: "missing" }, { state: "waiting" }],
    });
    await run();
    expect(environment()).toMatchObject({
      waitTimer: 5,
      reviewers: [{ type: "User", id: mona }],
      preventSelfReview: true,
      branches: ["trunk"],
    });
    await rest().repos.createDeploymentBranchPolicy({ ...here(), name: "release/*" });
    await rest().repos.createDeploymentBranchPolicy({ ...here(), name: "trunk", type: "tag" });
    await run();
    expect(environment()?.branches).toEqual(["trunk"]);
  });

  it.each(["protected", "all"] as const)("is mended where it admits %s branches", async (branches) => {
    setting.github.store.environment(repository, "entra-gate").branches = branches;
    await run();
    expect(environment()?.branches).toEqual(["trunk"]);
  });

  it("waits for ids that nobody knows yet, and goes on from there", async () => {
    const without = contextFor("acme", { facts: {} });
    await expect(run(without)).rejects.toMatchObject({ code: "ids-unknown" });
    expect(environment()?.branches).toEqual(["trunk"]);
    expect(environment()?.secrets.size).toBe(0);
    await run();
    // Known ids stay where this run doesn't know better.
    const { data } = await run(contextFor("acme", { facts: {} }));
    expect(data).toMatchObject({ steps: [{ state: "done" }, { state: "done" }, { state: "waiting" }] });
  });

  it("has as many variables as anybody likes", async () => {
    const { variables } = setting.github.store.environment(repository, "entra-gate");
    for (let at = 0; at < 70; at += 1) variables.set(`AA_${at}`, "x");
    await run();
    const { data } = await run();
    expect(data).toMatchObject({ steps: [{ state: "done" }, { state: "done" }, { state: "waiting" }] });
  });
});

it("has every variable that the workflow reads, but those that only some need", () => {
  const workflow = readFileSync(join(root, "examples/demo/.github/workflows/entra-gate.yml"), "utf8");
  const read = [...workflow.matchAll(/\$\{\{ (?:vars|secrets)\.(\w+) \}\}/g)].map(([, name]) => name);
  const onlySome = ["ENTRA_TEST_CLIENT_ID", "ENTRA_AUTHORITY", "GRAPH_URL", "CLOUDFLARE_API_BASE_URL"];
  const text = githubSteps(standard)[1]?.byHand ?? "";
  for (const name of read) expect(text.includes(name ?? "") || onlySome.includes(name ?? "")).toBe(true);
  expect(read.length).toBeGreaterThan(8);
});

it.each(["ruleset", "protection"] as const)("is content with a status that a %s requires", async (kind) => {
  const dry = async () => (await run(contextFor(), { ...silent, dryRun: true })).data;
  repository.requiredStatuses[kind].add("Entra Gate of somebody else");
  expect(await dry()).toMatchObject({ steps: [{}, {}, { state: "waiting" }] });
  repository.requiredStatuses[kind].add("Entra Gate (shop)");
  expect(await dry()).toMatchObject({ steps: [{}, {}, { state: "done" }] });
});

it("says what a plan without environments answers", async () => {
  const body = JSON.stringify({ message: "Not Found", status: "404" });
  setting.faults.add({
    service: "github",
    method: "PUT",
    times: 1,
    what: { kind: "answer", status: 404, body },
  });
  await expect(run()).rejects.toMatchObject({ code: "environments-unavailable" });
});

describe("who may not", () => {
  it("is told so before anything is written", async () => {
    await expect(run(contextFor("writer"))).rejects.toMatchObject({ code: "setup-denied" });
    await expect(run(contextFor("stranger"))).rejects.toMatchObject({ code: "repository-unknown" });
    const expired = contextFor("acme", { logins: { token: async () => "ghp_expired" } });
    await expect(run(expired)).rejects.toMatchObject({ code: "login-refused" });
    expect(environment()).toBeUndefined();
  });

  it("or names another branch than the default one", async () => {
    const other = contextFor("acme", { names: { ...names(), defaultBranch: "main" } });
    await expect(run(other)).rejects.toMatchObject({ code: "branch-not-default" });
  });
});

describe("taking it away", () => {
  it("leaves no trace of what setup has made", async () => {
    await run();
    await remove();
    expect(environment()).toBeUndefined();
  });

  it("leaves an environment that was there before, with what others put there", async () => {
    const made = setting.github.store.environment(repository, "entra-gate");
    made.variables.set("THEIRS", "1");
    made.variables.set("CLOUDFLARE_PROJECT", "site");
    made.secrets.set("THEIRS", "2");
    await run();
    await remove();
    expect(Object.fromEntries(made.variables)).toEqual({ THEIRS: "1", CLOUDFLARE_PROJECT: "site" });
    expect([...made.secrets.keys()]).toEqual(["THEIRS"]);
    expect(environment()).toBe(made);
  });

  it("leaves what was set up for another sign-in host", async () => {
    await run();
    const other = contextFor("acme", { names: { ...names(), signInHostProject: "other-sign-in" } });
    await remove(other);
    expect(environment()?.secrets.size).toBe(1);
  });
});
