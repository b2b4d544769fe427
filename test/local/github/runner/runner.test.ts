import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createRunner,
  type GitHubEvent,
  type Progress,
  type Repository,
  type Runner,
  type RunResult,
  type StepResult,
  scheduleEvent,
  workflowDispatchEvent,
} from "../../../../local/github/index.ts";
import { localFetch, octokitFor, type Setting, startSetting } from "../support.ts";

const testdata = join(import.meta.dirname, "../testdata");
const workflow = (name: string) => readFileSync(join(testdata, "workflows", name), "utf8");
const apiToken = "a-secret-of-the-environment";
const buildScript = `const fs = require("node:fs");
fs.mkdirSync("site/.well-known", { recursive: true });
fs.writeFileSync("site/.well-known/security.txt", "x");
fs.writeFileSync("site/version.txt", require("made-up") + fs.readFileSync("version", "utf8"));`;
const files = {
  ".github/workflows/build.yml": workflow("build.yml"),
  ".github/workflows/gate.yml": workflow("gate.yml"),
  "package.json": JSON.stringify({ name: "site", private: true, scripts: { build: "node build.cjs" } }),
  "package-lock.json": "{}",
  "build.cjs": buildScript,
  version: "1",
};

let setting: Setting;
let runner: Runner;
let folder: string;
let count = 0;

beforeAll(async () => {
  setting = await startSetting();
  folder = mkdtempSync(join(tmpdir(), "runner-test-"));
  cpSync(join(testdata, "action"), join(folder, "action"), { recursive: true });
  mkdirSync(join(folder, "node_modules/made-up"), { recursive: true });
  writeFileSync(join(folder, "node_modules/made-up/index.js"), 'module.exports = "version ";');
  runner = await createRunner({
    github: setting.github,
    action: { ref: "acme/entra-gate@v1", folder: join(folder, "action") },
    toolCache: join(folder, "tools"),
    npm: { nodeModules: join(folder, "node_modules") },
  });
});
afterAll(async () => {
  await runner.close();
  await setting.github.close();
  rmSync(folder, { recursive: true });
});

/** A repository of its own for each test, with the environment that gate.yml names. */
async function repositoryWith(extra: Record<string, string> = {}) {
  count += 1;
  const wanted = { owner: "acme", name: `site${count}`, files: { ...files, ...extra } };
  const made = await setting.github.createRepository(wanted);
  const environment = setting.github.store.environment(made.repository, "entra-gate");
  environment.branches = ["main"];
  environment.secrets.set("API_TOKEN", apiToken);
  made.repository.variables.set("TENANT_ID", "tenant-1");
  return made;
}

/** One workflow of these steps, on push, run. */
async function runSteps(steps: string, head = "", extra: Record<string, string> = {}): Promise<RunResult> {
  const yaml = `name: Probe\non: push\n${head}\njobs:\n  probe:\n    runs-on: ubuntu-latest\n    steps:\n${steps.replace(/^/gm, "      ")}\n`;
  count += 1;
  const content = { ".github/workflows/probe.yml": yaml, ...extra };
  const { events } = await setting.github.createRepository({
    owner: "acme",
    name: `probe${count}`,
    files: content,
  });
  const [result] = await runner.run(events);
  if (result === undefined) throw new Error("nothing ran");
  return result;
}

function stepOf(result: RunResult | undefined, id: string): StepResult {
  const step = result?.jobs.flatMap(({ steps }) => steps).find((each) => each.id === id);
  if (step === undefined) throw new Error(`no step ${id} in ${JSON.stringify(result, null, 1)}`);
  return step;
}

const summaryOf = (results: readonly RunResult[]) =>
  results.map(({ workflow: name, event, conclusion }) => [name, event, conclusion]);
const environmentOf = (step: StepResult) => JSON.parse(step.outputs["env"] ?? "{}") as Record<string, string>;

async function fork(repository: Repository) {
  const { activities, fork: forkOf } = setting.github;
  const copy = await forkOf(repository, `stranger${count}`);
  await activities.push(copy, { branch: "main", files: { version: "fork" }, by: `stranger${count}` });
  return activities.openPullRequest(repository, { branch: "main", from: copy, by: `stranger${count}` });
}

describe("build, then gate", () => {
  it("runs a push to the default branch through both", async () => {
    const { events, sha, repository } = await repositoryWith();
    const seen: Progress["kind"][] = [];
    const results = await runner.run(events, { onProgress: ({ kind }) => seen.push(kind) });
    expect(summaryOf(results)).toEqual([
      ["Build", "push", "success"],
      ["Gate", "workflow_run", "success"],
    ]);
    expect(results[0]?.jobs[0]?.outputs).toEqual({ version: "version 1" });
    expect(stepOf(results[0], "version").summary).toBe(`### Built ${sha}\n`);
    expect(stepOf(results[1], "gate").outputs).toMatchObject({
      seen: "200",
      sub: `repo:acme/${repository.name}:environment:entra-gate`,
    });
    expect(new Set(seen)).toEqual(
      new Set([
        "run-started",
        "job-started",
        "step-started",
        "line",
        "step-finished",
        "job-finished",
        "run-finished",
      ]),
    );
  });

  it("puts the artifact where only the API finds it, dot files too, and keeps the token from the blob store", async () => {
    const { events, repository } = await repositoryWith();
    const [build] = await runner.run(events);
    const token = setting.github.tokenOf("acme");
    const { actions } = octokitFor(setting.github, token).rest;
    const here = { owner: "acme", repo: repository.name };
    const { data } = await actions.listWorkflowRunArtifacts({
      ...here,
      run_id: build?.runId ?? 0,
      name: "site",
    });
    expect(data.artifacts.map(({ name, expired }) => [name, expired])).toEqual([["site", false]]);
    const headers = { authorization: `Bearer ${token}`, "user-agent": "test" };
    const redirect = await localFetch(data.artifacts[0]?.archive_download_url ?? "", { headers });
    const location = redirect.headers.get("location") ?? "";
    expect([redirect.status, new URL(location).hostname]).toEqual([302, "artifacts.blob.localhost"]);
    const blob = await localFetch(location);
    const names = Buffer.from(await blob.arrayBuffer()).toString("latin1");
    expect([blob.status, names.includes(".well-known/security.txt"), names.includes("version.txt")]).toEqual([
      200,
      true,
      true,
    ]);
    expect((await localFetch(location, { headers })).status).toBe(400);
    expect((await localFetch(location.replace(/sig=./, "sig=_"))).status).toBe(403);
    setting.clock.advance(11 * 60_000);
    expect((await localFetch(location)).status).toBe(403);
  });

  it("gives a gate for a fork's pull request the default branch's commit and an empty pull_requests", async () => {
    const { repository, sha } = await repositoryWith();
    const { pull, events } = await fork(repository);
    const results = await runner.run(events);
    expect(summaryOf(results)).toEqual([
      ["Build", "pull_request", "success"],
      ["Gate", "workflow_run", "success"],
    ]);
    const [build, gate] = results;
    expect(build?.jobs[0]?.outputs).toEqual({ version: "version fork" });
    const env = environmentOf(stepOf(gate, "gate"));
    expect([env["GITHUB_SHA"], env["GITHUB_REF"], env["GITHUB_EVENT_NAME"]]).toEqual([
      sha,
      "refs/heads/main",
      "workflow_run",
    ]);
    const event = JSON.parse(readFileSync(env["GITHUB_EVENT_PATH"] ?? "", "utf8"));
    expect(event.workflow_run).toMatchObject({
      event: "pull_request",
      head_sha: pull.headSha,
      head_branch: "main",
      path: ".github/workflows/build.yml",
      pull_requests: [],
      conclusion: "success",
      head_repository: { id: pull.head.repository.id },
      repository: { id: repository.id },
    });
  });

  it("names a same-repository pull request in the gate's event, and builds the merge commit", async () => {
    const { repository } = await repositoryWith();
    const { activities } = setting.github;
    await activities.push(repository, { branch: "topic", files: { version: "2" } });
    const { pull, events } = await activities.openPullRequest(repository, { branch: "topic" });
    const [build, gate] = await runner.run(events);
    const env = environmentOf(stepOf(gate, "gate"));
    const event = JSON.parse(readFileSync(env["GITHUB_EVENT_PATH"] ?? "", "utf8"));
    expect(event.workflow_run.pull_requests).toMatchObject([
      { number: pull.number, head: { sha: pull.headSha } },
    ]);
    expect(stepOf(build, "__step_0").outputs).toMatchObject({
      ref: `refs/pull/${pull.number}/merge`,
      commit: pull.mergeCommit,
    });
  });

  it("names no pull request where a fork has the same branch at the same commit", async () => {
    const { repository } = await repositoryWith();
    const { activities } = setting.github;
    await activities.push(repository, { branch: "topic", files: { version: "2" } });
    await activities.openPullRequest(repository, { branch: "topic" });
    const copy = await setting.github.fork(repository, "copycat");
    const { pull, events } = await activities.openPullRequest(repository, { branch: "topic", from: copy });
    const [, gate] = await runner.run(events);
    const env = environmentOf(stepOf(gate, "gate"));
    const event = JSON.parse(readFileSync(env["GITHUB_EVENT_PATH"] ?? "", "utf8"));
    expect(event.workflow_run).toMatchObject({
      head_sha: pull.headSha,
      head_branch: "topic",
      pull_requests: [],
    });
  });

  it("does not start the gate for a workflow of another name, nor before it is on the default branch", async () => {
    const { repository } = await repositoryWith({
      ".github/workflows/gate.yml": "name: Other\non: pull_request\njobs: {}",
    });
    const { activities } = setting.github;
    await activities.push(repository, {
      branch: "topic",
      files: { ".github/workflows/gate.yml": workflow("gate.yml") },
    });
    const { events } = await activities.openPullRequest(repository, { branch: "topic" });
    expect(summaryOf(await runner.run(events))).toEqual([["Build", "pull_request", "success"]]);
  });
});

describe("what a job is given", () => {
  const grab =
    "- id: grab\n  run: |\n    { echo 'env<<END'; node -p 'JSON.stringify(process.env)'; echo END; } >> \"$GITHUB_OUTPUT\"";

  it("is a runner's environment and nothing of this machine's", async () => {
    process.env["LEAKED_BY_THE_MACHINE"] = "yes";
    const result = await runSteps(grab);
    delete process.env["LEAKED_BY_THE_MACHINE"];
    const env = environmentOf(stepOf(result, "grab"));
    const own = Object.keys(env)
      .filter((name) => !/^(GITHUB|RUNNER)_/.test(name))
      .sort();
    expect(own).toEqual(
      ["CI", "HOME", "LANG", "OLDPWD", "PATH", "PWD", "SHLVL", "_"].filter((name) => name in env),
    );
    expect(env["PATH"]?.includes("node_modules")).toBe(false);
    expect(env["RUNNER_TOOL_CACHE"]).toBe(join(folder, "tools"));
  });

  it.each([
    ["no permissions", "", false],
    ["id-token: write", "permissions: { id-token: write }", true],
    ["write-all", "permissions: write-all", true],
  ])("has a token URL or not: %s", async (_, head, given) => {
    const env = environmentOf(stepOf(await runSteps(grab, head), "grab"));
    expect("ACTIONS_ID_TOKEN_REQUEST_URL" in env).toBe(given);
  });

  it.each([
    ["a fork's pull request", async (repository: Repository) => (await fork(repository)).events],
    [
      "Dependabot's pull request",
      async (repository: Repository) => {
        const { activities } = setting.github;
        await activities.push(repository, {
          branch: "dependabot/npm",
          files: { d: "d" },
          by: "dependabot[bot]",
        });
        return (
          await activities.openPullRequest(repository, { branch: "dependabot/npm", by: "dependabot[bot]" })
        ).events;
      },
    ],
  ])("is no secret, no variable, no ID token and no writing for %s", async (_, open) => {
    const { repository } = await repositoryWith({ ".github/workflows/build.yml": workflow("untrusted.yml") });
    repository.secrets.set("REPOSITORY_SECRET", "hidden");
    const [result] = await runner.run(await open(repository));
    const env = environmentOf(stepOf(result, "grab"));
    expect([env["S"], env["V"], env["ACTIONS_ID_TOKEN_REQUEST_URL"]]).toEqual(["s", "v", undefined]);
    expect(stepOf(result, "write").log).toContain("status 403");
  });

  it("is the environment's secrets and variables over the repository's", async () => {
    const yaml = `name: Probe\non: push\njobs:\n  probe:\n    runs-on: x\n    environment: entra-gate\n    steps:\n      - id: say\n        run: echo "v=\${{ vars.TENANT_ID }} \${{ secrets.API_TOKEN == '${apiToken}' }}" >> $GITHUB_OUTPUT\n`;
    const { repository, events } = await repositoryWith({ ".github/workflows/build.yml": yaml });
    setting.github.store
      .environment(repository, "entra-gate")
      .variables.set("TENANT_ID", "of the environment");
    const [result] = await runner.run(events);
    expect(stepOf(result, "say").outputs["v"]).toBe("of the environment true");
    const states = repository.deployments.map(({ environment, statuses }) => [
      environment,
      statuses.at(-1)?.state,
    ]);
    expect(states).toEqual([["entra-gate", "success"]]);
  });

  it("is a token that is dead when the job is over", async () => {
    const result = await runSteps(
      '- run: echo "$TOKEN" > token\n  env: { TOKEN: "$' + '{{ github.token }}" }',
    );
    const token = readFileSync(join(result.jobs[0]?.workspace ?? "", "token"), "utf8").trim();
    expect(token).toMatch(/^ghs_/);
    expect(setting.github.tokens.find(token)).toBeUndefined();
  });

  it("is no repository without contents: read", async () => {
    const result = await runSteps("- uses: actions/checkout@v5", "permissions: {}");
    expect([result.conclusion, stepOf(result, "__step_0").annotations[0]?.message]).toEqual([
      "failure",
      expect.stringContaining("Repository not found"),
    ]);
  });
});

describe("environments", () => {
  const gated = (on: string) =>
    `name: Probe\non: ${on}\njobs:\n  probe:\n    runs-on: x\n    environment: entra-gate\n    permissions: { id-token: write }\n    steps:\n      - run: echo in\n`;

  it.each([
    ["a branch that the rule doesn't name", "push", "topic", false],
    ["the default branch", "push", "main", true],
  ])("decide by ref: %s", async (_, on, branch, admitted) => {
    const { repository } = await repositoryWith({ ".github/workflows/build.yml": gated(on) });
    const { events } = await setting.github.activities.push(repository, { branch, files: { x: branch } });
    const [result] = await runner.run(events);
    expect(result?.conclusion).toBe(admitted ? "success" : "failure");
    expect(result?.jobs[0]?.steps).toHaveLength(admitted ? 1 : 0);
  });

  it("keep a pull request's own workflow out, and a tag named like the branch", async () => {
    const { repository, sha } = await repositoryWith({
      ".github/workflows/build.yml": gated("[push, pull_request]"),
    });
    const { activities } = setting.github;
    const failed = async (events: readonly GitHubEvent[]) => (await runner.run(events))[0]?.jobs[0]?.reason;
    await activities.push(repository, { branch: "topic", files: { x: "x" } });
    expect(
      await failed((await activities.openPullRequest(repository, { branch: "topic" })).events),
    ).toContain("protection rules");
    expect(await failed((await activities.tag(repository, "main", sha)).events)).toContain(
      "protection rules",
    );
  });
});

describe("steps", () => {
  it("mask secrets and tokens in every log, summary and output", async () => {
    const { events } = await repositoryWith();
    const results = await runner.run(events);
    const gate = stepOf(results[1], "gate");
    expect(gate.log).toContain("secret *** job ***");
    expect(gate.log).toContain("token ***");
    expect(gate.summary).toBe("summary ***\n");
    const shown = results
      .flatMap(({ jobs }) => jobs.flatMap(({ steps }) => steps.map(({ log, summary }) => log + summary)))
      .join("\n");
    expect(shown).not.toContain(apiToken);
    expect(shown).not.toMatch(/ghs_|eyJ/);
    expect(gate.annotations).toEqual([
      { level: "notice", message: "two\nlines", properties: { title: "Seen", file: "gate.json", line: "3" } },
    ]);
  });

  it("go on after a failure only where they say so", async () => {
    const result = await runSteps(
      [
        "- { id: forgiven, run: exit 3, continue-on-error: true }",
        "- { id: fails, run: exit 4 }",
        "- { id: after, run: echo no }",
        "- { id: cleans, run: echo yes, if: always() }",
        "- { id: reports, run: echo yes, if: failure() && steps.forgiven.outcome == 'failure' }",
      ].join("\n"),
    );
    const steps = result.jobs[0]?.steps.map(({ id, outcome, conclusion, exitCode }) => [
      id,
      outcome,
      conclusion,
      exitCode,
    ]);
    expect(steps).toEqual([
      ["forgiven", "failure", "success", 3],
      ["fails", "failure", "failure", 4],
      ["after", "skipped", "skipped", undefined],
      ["cleans", "success", "success", 0],
      ["reports", "success", "success", 0],
    ]);
    expect(result.conclusion).toBe("failure");
  });

  it("fail, and nothing else does, where an expression can't be evaluated", async () => {
    const expression = `$${"{{ fromJSON('no') }}"}`;
    const result = await runSteps(
      `- { id: env, run: echo, env: { A: "${expression}" } }\n- { id: with, if: always(), uses: actions/checkout@v5, with: { ref: "${expression}" } }\n- { id: after, if: always(), run: echo }`,
    );
    expect(result.jobs[0]?.steps.map(({ conclusion }) => conclusion)).toEqual([
      "failure",
      "failure",
      "success",
    ]);
  });

  it("hand on variables and paths, but neither NODE_OPTIONS nor the runner's own", async () => {
    const result = await runSteps(
      [
        "- run: |",
        "    mkdir tools && printf '#!/bin/bash\\necho found' > tools/mine && chmod +x tools/mine",
        '    echo "$PWD/tools" >> "$GITHUB_PATH"; echo "A=1" >> "$GITHUB_ENV"; echo "GITHUB_SHA=x" >> "$GITHUB_ENV"',
        "- { id: sees, run: 'echo \"v=$A $(mine) $GITHUB_SHA\" >> $GITHUB_OUTPUT' }",
        "- { id: worse, run: 'echo NODE_OPTIONS=--require=x >> $GITHUB_ENV' }",
      ].join("\n"),
    );
    expect(stepOf(result, "sees").outputs["v"]).toMatch(/^1 found [0-9a-f]{40}$/);
    expect(stepOf(result, "worse").conclusion).toBe("failure");
  });

  it("show their script without obeying it", async () => {
    const result = await runSteps(`- { id: s, run: 'true ; : "##[error]no ::error::no"' }`);
    expect([stepOf(result, "s").annotations, stepOf(result, "s").log.includes("##[error]no")]).toEqual([
      [],
      true,
    ]);
  });

  it("run where they are told to", async () => {
    const result = await runSteps(
      "- uses: actions/checkout@v5\n- { id: here, run: 'echo \"v=$(basename $PWD)\" >> $GITHUB_OUTPUT' }\n- { id: there, working-directory: sub/deep, run: 'echo \"v=$(basename $PWD)\" >> $GITHUB_OUTPUT' }",
      "defaults: { run: { working-directory: sub } }",
      { "sub/deep/x": "x" },
    );
    expect([stepOf(result, "here").outputs["v"], stepOf(result, "there").outputs["v"]]).toEqual([
      "sub",
      "deep",
    ]);
  });

  it("time out", async () => {
    const result = await runSteps(
      "- { id: slow, run: 'exec sleep 60', timeout-minutes: 0.005 }\n- { id: after, run: echo, if: failure() }",
    );
    expect([stepOf(result, "slow").conclusion, stepOf(result, "after").conclusion]).toEqual([
      "failure",
      "success",
    ]);
    expect(result.seconds).toBeLessThan(10);
  });

  it("are interrupted when the run is cancelled, and those with always() still run", async () => {
    const { events } = await repositoryWith({ ".github/workflows/build.yml": workflow("cancelled.yml") });
    const controller = new AbortController();
    const onProgress = (progress: Progress) => {
      if (progress.kind === "line" && progress.text === "waiting") controller.abort();
    };
    const [result] = await runner.run(events, { onProgress, signal: controller.signal });
    expect(stepOf(result, "long").log).toContain("interrupted");
    expect(result?.jobs[0]?.steps.map(({ conclusion }) => conclusion)).toEqual([
      "cancelled",
      "skipped",
      "success",
    ]);
    expect(result?.conclusion).toBe("cancelled");
  });
});

describe("actions", () => {
  const dots = { "dist/index.html": "x", "dist/.well-known/x": "x", "dist/.hidden": "x" };
  const upload = (extra: string) =>
    `- uses: actions/checkout@v5\n- { id: up, uses: actions/upload-artifact@v4, with: { name: a, path: dist${extra} } }`;

  it.each([
    ["", 1],
    [", include-hidden-files: true", 3],
  ])("upload-artifact%s takes %i files", async (extra, files_) => {
    const result = await runSteps(upload(extra), "", dots);
    expect(stepOf(result, "up").log).toContain(`has ${files_} files`);
  });

  it("upload-artifact refuses a name twice, and says when there is nothing", async () => {
    const again = await runSteps(
      `${upload("")}\n- { id: again, uses: actions/upload-artifact@v4, with: { name: a, path: dist } }`,
      "",
      dots,
    );
    expect(stepOf(again, "again").conclusion).toBe("failure");
    const none = await runSteps(
      "- { id: up, uses: actions/upload-artifact@v4, with: { name: a, path: nothing, if-no-files-found: error } }",
    );
    expect(stepOf(none, "up").conclusion).toBe("failure");
  });

  it("download-artifact gives back what was uploaded in the run", async () => {
    const steps = `${upload(", include-hidden-files: true")}\n- { uses: actions/download-artifact@v5, with: { name: a, path: back } }\n- { id: see, run: 'echo "v=$(cd back && find . -type f | sort | xargs)" >> $GITHUB_OUTPUT' }`;
    expect(stepOf(await runSteps(steps, "", dots), "see").outputs["v"]).toBe(
      "./.hidden ./.well-known/x ./index.html",
    );
  });

  it("upload-artifact takes a link's target, as the real one does", async () => {
    const result = await runSteps(
      "- run: mkdir d && echo x > real && ln -s ../real d/link\n- { id: up, uses: actions/upload-artifact@v4, with: { name: a, path: d } }",
    );
    expect(stepOf(result, "up").log).toContain("has 1 files");
  });

  it("setup-node fails for a Node that isn't here", async () => {
    const result = await runSteps("- { id: node, uses: actions/setup-node@v5, with: { node-version: 18 } }");
    expect(stepOf(result, "node").conclusion).toBe("failure");
  });

  it("an action that nobody has is an error", async () => {
    const result = await runSteps("- { id: other, uses: acme/other@v1 }");
    expect(stepOf(result, "other").annotations[0]?.message).toContain("Unable to resolve action");
  });

  it("npm ci wants a lock file, installs nothing by name, and npx finds what was linked", async () => {
    mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
    writeFileSync(
      join(folder, "node_modules/made-up/cli.js"),
      '#!/usr/bin/env node\nconsole.log("from the bin");',
      { mode: 0o755 },
    );
    const bin = join(folder, "node_modules/.bin/made-up");
    mkdirSync(dirname(bin), { recursive: true });
    symlinkSync("../made-up/cli.js", bin);
    const result = await runSteps(
      [
        "- { id: bare, run: npm ci, continue-on-error: true }",
        "- uses: actions/checkout@v5",
        "- run: npm ci",
        "- { id: named, run: npm install left-pad, continue-on-error: true }",
        "- { id: npx, run: npx made-up }",
      ].join("\n"),
      "",
      { "package.json": "{}", "package-lock.json": "{}" },
    );
    expect([stepOf(result, "bare").outcome, stepOf(result, "named").outcome]).toEqual(["failure", "failure"]);
    expect(stepOf(result, "npx").log).toContain("from the bin");
  });
});

describe("other events", () => {
  const say = (on: string) =>
    `name: Probe\non: ${on}\njobs:\n  probe:\n    runs-on: x\n    steps:\n      - id: say\n        run: echo "v=\${{ github.event_name }} \${{ github.event.action }} \${{ github.ref }} \${{ github.sha }} \${{ inputs.what }}" >> $GITHUB_OUTPUT\n`;

  it("pull_request_target runs the default branch's file on the default branch's commit", async () => {
    const { repository, sha } = await repositoryWith({
      ".github/workflows/build.yml": say("{ pull_request_target: { types: [closed] } }"),
    });
    const { pull, events } = await fork(repository);
    expect(await runner.run(events)).toEqual([]);
    const [result] = await runner.run(
      await setting.github.activities.closePullRequest(repository, pull.number),
    );
    expect(stepOf(result, "say").outputs["v"]).toBe(`pull_request_target closed refs/heads/main ${sha} `);
  });

  it("schedule and workflow_dispatch, with inputs", async () => {
    const on =
      '{ schedule: [{ cron: "0 3 * * *" }], workflow_dispatch: { inputs: { what: { type: string } } } }';
    const { repository, sha } = await repositoryWith({ ".github/workflows/build.yml": say(on) });
    const { github } = setting;
    const actor = github.store.account("mona");
    expect(await runner.run([await scheduleEvent(github, repository, "0 4 * * *", actor)])).toEqual([]);
    const [scheduled] = await runner.run([await scheduleEvent(github, repository, "0 3 * * *", actor)]);
    expect(stepOf(scheduled, "say").outputs["v"]).toBe(`schedule  refs/heads/main ${sha} `);
    const wanted = {
      path: ".github/workflows/build.yml",
      ref: "refs/heads/main",
      inputs: { what: "audit" },
      actor,
    };
    const [asked] = await runner.run([await workflowDispatchEvent(github, repository, wanted)]);
    expect(stepOf(asked, "say").outputs["v"]).toBe(`workflow_dispatch  refs/heads/main ${sha} audit`);
  });

  it("a broken workflow file is a failed run with its problems", async () => {
    const { events } = await repositoryWith({
      ".github/workflows/build.yml": "name: B\non: push\njobs:\n  a:\n    runs-on: x\n    stepz: []\n",
    });
    const [result] = await runner.run(events);
    expect([result?.conclusion, (result?.problems.length ?? 0) > 0]).toEqual(["startup_failure", true]);
  });

  it("of a concurrency group run one at a time, one waits, and a third takes its place", async () => {
    const { repository, events } = await repositoryWith({
      ".github/workflows/build.yml": workflow("group.yml"),
    });
    const { activities } = setting.github;
    const second = await activities.push(repository, { branch: "second", files: { x: "2" } });
    const third = await activities.push(repository, { branch: "third", files: { x: "3" } });
    const kinds: string[] = [];
    /** Starts a run and waits until it has its place in the group, or waits for one. */
    const start = async (name: string, pushed: readonly GitHubEvent[]) => {
      const entered = Promise.withResolvers<void>();
      const onProgress = ({ kind }: Progress) => {
        if (kind === "run-started") entered.resolve();
        if (kind === "job-started" || kind === "job-finished") kinds.push(`${name} ${kind}`);
      };
      const results = runner.run(pushed, { onProgress });
      await entered.promise;
      return { results };
    };
    const { results: running } = await start("first", events);
    const { results: waiting } = await start("second", second.events);
    const { results: newest } = await start("third", third.events);
    expect((await waiting)[0]?.conclusion).toBe("cancelled");
    writeFileSync(join(folder, "tools/go"), "");
    const both = await Promise.all([running, newest]);
    rmSync(join(folder, "tools/go"));
    expect(both.map(([result]) => result?.conclusion)).toEqual(["success", "success"]);
    expect(kinds).toEqual([
      "first job-started",
      "first job-finished",
      "third job-started",
      "third job-finished",
    ]);
  });

  it("of a concurrency group are cancelled while they run where a newer one says so", async () => {
    const { repository, events } = await repositoryWith({
      ".github/workflows/build.yml": workflow("group.yml"),
    });
    const impatient = await setting.github.activities.push(repository, {
      branch: "impatient",
      files: { x: "2" },
    });
    let newest: Promise<readonly RunResult[]> | undefined;
    const onProgress = (progress: Progress) => {
      if (progress.kind === "line" && progress.text === "waiting") newest ??= runner.run(impatient.events);
    };
    const [cancelled] = await runner.run(events, { onProgress });
    expect(cancelled?.conclusion).toBe("cancelled");
    writeFileSync(join(folder, "tools/go"), "");
    expect((await newest)?.[0]?.conclusion).toBe("success");
    rmSync(join(folder, "tools/go"));
  });

  it("jobs wait for those they need and see their outputs", async () => {
    const { events } = await repositoryWith({ ".github/workflows/build.yml": workflow("needs.yml") });
    const [result] = await runner.run(events);
    expect(stepOf(result, "see").outputs["v"]).toBe("1 failure");
    // An output that holds a secret isn't handed on.
    expect(result?.jobs.find(({ id }) => id === "first")?.outputs).toEqual({ o: "1" });
    expect(result?.jobs.find(({ id }) => id === "unlucky")?.conclusion).toBe("skipped");
    expect(result?.conclusion).toBe("failure");
  });
});
