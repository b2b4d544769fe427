import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Repository } from "../../../../local/github/index.ts";
import {
  apiToken,
  environmentOf,
  fork,
  repositoryWith,
  runSteps,
  stepOf,
  useWorld,
  workflow,
  world,
} from "./world.ts";

useWorld();

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
    expect(env["RUNNER_TOOL_CACHE"]).toBe(join(world.folder, "tools"));
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
        const { activities } = world.setting.github;
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
    const [result] = await world.runner.run(await open(repository));
    const env = environmentOf(stepOf(result, "grab"));
    expect([env["S"], env["V"], env["ACTIONS_ID_TOKEN_REQUEST_URL"]]).toEqual(["s", "v", undefined]);
    expect(stepOf(result, "write").log).toContain("status 403");
  });

  it("is the environment's secrets and variables over the repository's", async () => {
    const yaml = `name: Probe\non: push\njobs:\n  probe:\n    runs-on: x\n    environment: entra-gate\n    steps:\n      - id: say\n        run: echo "v=\${{ vars.TENANT_ID }} \${{ secrets.API_TOKEN == '${apiToken}' }}" >> $GITHUB_OUTPUT\n`;
    const { repository, events } = await repositoryWith({ ".github/workflows/build.yml": yaml });
    world.setting.github.store
      .environment(repository, "entra-gate")
      .variables.set("TENANT_ID", "of the environment");
    const [result] = await world.runner.run(events);
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
    expect(world.setting.github.tokens.find(token)).toBeUndefined();
  });

  it("is no repository without contents: read", async () => {
    const result = await runSteps("- uses: actions/checkout@v5", "permissions: {}");
    expect([result.conclusion, stepOf(result, "__step_0").annotations[0]?.message]).toEqual([
      "failure",
      expect.stringContaining("Repository not found"),
    ]);
  });
});
