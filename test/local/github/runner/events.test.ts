import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  checkRunEvent,
  type GitHubEvent,
  type Progress,
  type RunResult,
  scheduleEvent,
  workflowDispatchEvent,
} from "../../../../local/github/index.ts";
import { fork, repositoryWith, stepOf, useWorld, workflow, world } from "./world.ts";

useWorld();

describe("other events", () => {
  const say = (on: string) =>
    `name: Probe\non: ${on}\njobs:\n  probe:\n    runs-on: x\n    steps:\n      - id: say\n        run: echo "v=\${{ github.event_name }} \${{ github.event.action }} \${{ github.ref }} \${{ github.sha }} \${{ inputs.what }}" >> $GITHUB_OUTPUT\n`;

  it("pull_request_target runs the default branch's file on the default branch's commit", async () => {
    const { repository, sha } = await repositoryWith({
      ".github/workflows/build.yml": say("{ pull_request_target: { types: [closed] } }"),
    });
    const { pull, events } = await fork(repository);
    expect(await world.runner.run(events)).toEqual([]);
    const [result] = await world.runner.run(
      await world.setting.github.activities.closePullRequest(repository, pull.number),
    );
    expect(stepOf(result, "say").outputs["v"]).toBe(`pull_request_target closed refs/heads/main ${sha} `);
  });

  it("schedule and workflow_dispatch, with inputs", async () => {
    const on =
      '{ schedule: [{ cron: "0 3 * * *" }], workflow_dispatch: { inputs: { what: { type: string } } } }';
    const { repository, sha } = await repositoryWith({ ".github/workflows/build.yml": say(on) });
    const { github } = world.setting;
    const actor = github.store.account("mona");
    expect(await world.runner.run([await scheduleEvent(repository, "0 4 * * *", actor)])).toEqual([]);
    const [scheduled] = await world.runner.run([await scheduleEvent(repository, "0 3 * * *", actor)]);
    expect(stepOf(scheduled, "say").outputs["v"]).toBe(`schedule  refs/heads/main ${sha} `);
    const wanted = {
      path: ".github/workflows/build.yml",
      ref: "refs/heads/main",
      inputs: { what: "audit" },
      actor,
    };
    const [asked] = await world.runner.run([await workflowDispatchEvent(github, repository, wanted)]);
    expect(stepOf(asked, "say").outputs["v"]).toBe(`workflow_dispatch  refs/heads/main ${sha} audit`);
  });

  it("check_run runs the default branch's file, and not where Actions has run on the commit", async () => {
    const { repository, sha } = await repositoryWith({
      ".github/workflows/build.yml": say("{ check_run: { types: [completed] } }"),
    });
    const { github } = world.setting;
    const pushed = await github.activities.push(repository, { branch: "topic", files: { x: "1" } });
    const event = await checkRunEvent(github.store, github, repository, {
      sha: pushed.sha,
      branch: "topic",
      app: { slug: "cloudflare-workers-and-pages", name: "Cloudflare Workers and Pages" },
      name: "Cloudflare Pages",
      conclusion: "success",
      detailsUrl: "https://dash.cloudflare.com",
    });
    const [result] = await world.runner.run([event]);
    expect(stepOf(result, "say").outputs["v"]).toBe(`check_run completed refs/heads/main ${sha} `);
    const ci = ".github/workflows/ci.yml";
    const also = await github.activities.push(repository, { branch: "topic", files: { [ci]: say("push") } });
    expect(await world.runner.run(also.events)).toHaveLength(1);
    const { check_run: check } = event.payload as { check_run: object };
    const suppressed = {
      ...event,
      payload: { ...event.payload, check_run: { ...check, head_sha: also.sha } },
    };
    expect(await world.runner.run([suppressed])).toEqual([]);
  });

  it("a merge queue asks for checks of a branch of its own, after that branch's push", async () => {
    const { repository } = await repositoryWith({
      ".github/workflows/build.yml": say("{ merge_group: { branches: [main] } }"),
      ".github/workflows/other.yml": say("{ merge_group: { branches: [release] } }"),
    });
    const { activities } = world.setting.github;
    await activities.push(repository, { branch: "topic", files: { x: "1" } });
    const { pull } = await activities.openPullRequest(repository, { branch: "topic" });
    const { sha, events } = await activities.enqueue(repository, pull.number);
    expect(events.map(({ name }) => name)).toEqual(["push", "merge_group"]);
    const results = await world.runner.run(events);
    expect(results.map(({ path }) => path)).toEqual([".github/workflows/build.yml"]);
    const queue = `refs/heads/gh-readonly-queue/main/pr-${pull.number}-`;
    expect(stepOf(results[0], "say").outputs["v"]).toMatch(
      new RegExp(`^merge_group checks_requested ${queue}[0-9a-f]{40} ${sha} $`),
    );
  });

  it("a broken workflow file is a failed run with its problems", async () => {
    const { events } = await repositoryWith({
      ".github/workflows/build.yml": "name: B\non: push\njobs:\n  a:\n    runs-on: x\n    stepz: []\n",
    });
    const [result] = await world.runner.run(events);
    expect([result?.conclusion, (result?.problems.length ?? 0) > 0]).toEqual(["startup_failure", true]);
  });

  it("of a concurrency group run one at a time, one waits, and a third takes its place", async () => {
    const { repository, events } = await repositoryWith({
      ".github/workflows/build.yml": workflow("group.yml"),
    });
    const { activities } = world.setting.github;
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
      const results = world.runner.run(pushed, { onProgress });
      await entered.promise;
      return { results };
    };
    const { results: running } = await start("first", events);
    const { results: waiting } = await start("second", second.events);
    const { results: newest } = await start("third", third.events);
    expect((await waiting)[0]?.conclusion).toBe("cancelled");
    writeFileSync(join(world.folder, "tools/go"), "");
    const both = await Promise.all([running, newest]);
    rmSync(join(world.folder, "tools/go"));
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
    const impatient = await world.setting.github.activities.push(repository, {
      branch: "impatient",
      files: { x: "2" },
    });
    let newest: Promise<readonly RunResult[]> | undefined;
    const onProgress = (progress: Progress) => {
      if (progress.kind === "line" && progress.text === "waiting")
        newest ??= world.runner.run(impatient.events);
    };
    const [cancelled] = await world.runner.run(events, { onProgress });
    expect(cancelled?.conclusion).toBe("cancelled");
    writeFileSync(join(world.folder, "tools/go"), "");
    expect((await newest)?.[0]?.conclusion).toBe("success");
    rmSync(join(world.folder, "tools/go"));
  });

  it("jobs wait for those they need and see their outputs", async () => {
    const { events } = await repositoryWith({ ".github/workflows/build.yml": workflow("needs.yml") });
    const [result] = await world.runner.run(events);
    expect(stepOf(result, "see").outputs["v"]).toBe("1 failure");
    // An output that holds a secret isn't handed on.
    expect(result?.jobs.find(({ id }) => id === "first")?.outputs).toEqual({ o: "1" });
    expect(result?.jobs.find(({ id }) => id === "unlucky")?.conclusion).toBe("skipped");
    expect(result?.conclusion).toBe("failure");
  });
});
