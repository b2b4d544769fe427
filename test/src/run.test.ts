import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ActionError } from "../../src/errors.ts";
import { run } from "../../src/run.ts";
import { type Stage, startStage } from "./stage.ts";
import { artifactOf, tarOf, zipOf } from "./steps/fixtures.ts";
import { failure } from "./support.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

const site = () => artifactOf({ "assets/index.html": "<p>secret</p>" });

/** Runs the action and says with which error it ended; nothing may have been changed at Entra or Cloudflare. */
async function refusedRun(env: Record<string, string | undefined>): Promise<ActionError> {
  const before = writes();
  try {
    return await failure(run(stage.context(env).context));
  } catch (error) {
    if (error instanceof ActionError) return error;
    throw error;
  } finally {
    expect(writes()).toBe(before);
  }
}

function writes(): number {
  const changing = ({ method, path }: { method: string; path: string }): boolean =>
    method !== "GET" && !path.endsWith("/token");
  return stage.log.count("graph", changing) + stage.log.count("cloudflare", changing);
}

function context(env: Record<string, string | undefined>): ActionError | undefined {
  try {
    stage.context(env);
    return undefined;
  } catch (error) {
    return error as ActionError;
  }
}

describe("a run with bad input ends with one clear error and nothing half done", () => {
  it("says which variables of the runner are missing", async () => {
    const env = await stage.buildRun({});
    const error = context({ ...env, GITHUB_API_URL: undefined, RUNNER_TEMP: "" });
    expect(error?.code).toBe("environment-incomplete");
    expect(error?.detail).toBe("GITHUB_API_URL, RUNNER_TEMP");
  });

  it("acts on workflow_run only", async () => {
    const env = await stage.buildRun({});
    expect((await refusedRun({ ...env, GITHUB_EVENT_NAME: "push" })).code).toBe("event-unsupported");
    expect((await refusedRun({ ...env, GITHUB_EVENT_NAME: "push", INPUT_COMMAND: "protect" })).code).toBe(
      "event-unsupported",
    );
    expect(context({ ...env, GITHUB_EVENT_PATH: "/nowhere" })?.code).toBe("event-unreadable");
  });

  it("misses the artifact", async () => {
    const env = await stage.buildRun({});
    expect((await refusedRun(env)).code).toBe("artifact-missing");
  });

  it("takes no artifact of another run", async () => {
    await stage.buildRun({}, await site());
    expect((await refusedRun(await stage.buildRun({}))).code).toBe("artifact-missing");
  });

  it.each([
    ["../", { name: "assets/../../x", content: "x" }],
    ["a symbolic link", { name: "assets/x", type: "symlink", linkname: "/etc/passwd" }],
  ])("refuses an artifact with %s", async (_, entry) => {
    const zip = await zipOf({ "entra-gate.tar": await tarOf([entry]) });
    expect((await refusedRun(await stage.buildRun({}, zip))).code).toBe("artifact-invalid");
  });

  it("names the permission that the job's token lacks", async () => {
    const env = await stage.buildRun({}, await site());
    const error = await refusedRun({ ...env, "INPUT_GITHUB-TOKEN": "ghs_nonsense" });
    expect(error.code).toBe("github-token-refused");
  });

  it("has no preview before production was set up", async () => {
    const { github, repository } = stage;
    const { sha } = await github.activities.push(repository, {
      branch: "feature",
      files: { "x.txt": Buffer.from("x") },
    });
    const { pull } = await github.activities.openPullRequest(repository, { branch: "feature", title: "X" });
    const run = { event: "pull_request", headBranch: "feature", headSha: sha };
    const error = await refusedRun(await stage.buildRun(run, await site()));
    expect(error.code).toBe("project-missing");
    const comments = repository.comments.filter(({ issue }) => issue === pull.number);
    expect(comments.map(({ body }) => body)).toEqual([expect.stringContaining("project-missing")]);
    const states = repository.statuses.filter((status) => status.sha === sha).map(({ state }) => state);
    expect(states).toEqual(["pending", "failure"]);
  });

  it("says that the tenant is wrong, before any change at Entra", async () => {
    const env = await stage.buildRun({}, await site());
    const tenant = "00000000-0000-4000-8000-000000000000";
    const { context: built } = stage.context({ ...env, "INPUT_TENANT-ID": tenant });
    const before = writes();
    expect((await failure(run(built))).code).toBe("entra-tenant-unknown");
    expect(writes()).toBe(before);
    expect(stage.outputs).toMatchObject({ verified: "false", gated: "false", "deployment-url": "" });
    const evidence = JSON.parse(readFileSync(stage.outputs["evidence-path"] ?? "", "utf8"));
    expect(evidence).toMatchObject({
      commit: stage.tip,
      gated: false,
      error: { code: "entra-tenant-unknown" },
    });
    expect(evidence.deployment).toBeUndefined();
  });

  it("shows the subject of the job's token where no federated credential fits", async () => {
    const env = await stage.buildRun({}, await site());
    const other = stage.entra.cast.applications.testClient.appId;
    const error = await failure(run(stage.context({ ...env, "INPUT_CLIENT-ID": other }).context));
    expect(error.code).toBe("entra-federation-mismatch");
    expect(error.detail).toContain("repo:acme/site:environment:entra-gate");
  });

  it("says that the Cloudflare token is refused", async () => {
    const env = await stage.buildRun({}, await site());
    const error = await refusedRun({ ...env, "INPUT_CLOUDFLARE-API-TOKEN": "not-a-token" });
    expect(error.code).toBe("cloudflare-token-refused");
  });
});

describe("a run that has no business here", () => {
  it("deploys nothing and is no failure", async () => {
    const env = await stage.buildRun({ headBranch: "feature" }, await site());
    const { context: built, log } = stage.context(env);
    const before = stage.repository.statuses.length;
    await run(built);
    expect(stage.outputs).toMatchObject({ verified: "false", gated: "false", "deployment-id": "" });
    expect(log.lines.map(({ level }) => level)).toEqual(["notice"]);
    expect(stage.repository.statuses.length).toBe(before);
  });

  it("leaves production alone for a tag named like the default branch", async () => {
    await stage.github.activities.tag(stage.repository, "main", stage.tip);
    const { context: built, log } = stage.context(await stage.buildRun({}, await site()));
    await run(built);
    expect(log.lines[0]?.text).toContain("(tag)");
  });
});

describe("a broken policy on the default branch", () => {
  it.each([
    ["{", "policy-invalid"],
    ['{"production":{"rules":[{"path":"x","allow":"members"}]},"groups":{"a":"b"}}', "policy-invalid"],
    [
      '{"production":{"rules":[{"path":"/*","allow":"members"}]},"tests":[{"in":"production","get":"/","expect":"allow"}]}',
      "policy-tests-failed",
    ],
  ])("stops everything: %s", async (policy, code) => {
    const other = await startStage({ policy });
    try {
      const { context: built } = other.context(await other.buildRun({}, await site()));
      const error = await failure(run(built));
      expect(error.code).toBe(code);
      expect(error.detail).toContain("gate.json");
      expect(other.log.count("cloudflare") + other.log.count("entra") + other.log.count("graph")).toBe(0);
    } finally {
      await other.close();
    }
  });
});
