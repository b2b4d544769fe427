import { describe, expect, it } from "vitest";
import type { GitHubEvent } from "../../../../local/github/index.ts";
import { repositoryWith, useWorld, world } from "./world.ts";

useWorld();

describe("environments", () => {
  const gated = (on: string) =>
    `name: Probe\non: ${on}\njobs:\n  probe:\n    runs-on: x\n    environment: entra-gate\n    permissions: { id-token: write }\n    steps:\n      - run: echo in\n`;

  it.each([
    ["a branch that the rule doesn't name", "push", "topic", false],
    ["the default branch", "push", "main", true],
  ])("decide by ref: %s", async (_, on, branch, admitted) => {
    const { repository } = await repositoryWith({ ".github/workflows/build.yml": gated(on) });
    const { events } = await world.setting.github.activities.push(repository, {
      branch,
      files: { x: branch },
    });
    const [result] = await world.runner.run(events);
    expect(result?.conclusion).toBe(admitted ? "success" : "failure");
    expect(result?.jobs[0]?.steps).toHaveLength(admitted ? 1 : 0);
  });

  it("keep a pull request's own workflow out, and a tag named like the branch", async () => {
    const { repository, sha } = await repositoryWith({
      ".github/workflows/build.yml": gated("[push, pull_request]"),
    });
    const { activities } = world.setting.github;
    const failed = async (events: readonly GitHubEvent[]) =>
      (await world.runner.run(events))[0]?.jobs[0]?.reason;
    await activities.push(repository, { branch: "topic", files: { x: "x" } });
    expect(
      await failed((await activities.openPullRequest(repository, { branch: "topic" })).events),
    ).toContain("protection rules");
    expect(await failed((await activities.tag(repository, "main", sha)).events)).toContain(
      "protection rules",
    );
  });
});
