import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Progress } from "../../../../local/github/index.ts";
import { localFetch, octokitFor } from "../support.ts";
import {
  environmentOf,
  fork,
  repositoryWith,
  stepOf,
  summaryOf,
  useWorld,
  workflow,
  world,
} from "./world.ts";

useWorld();

describe("build, then gate", () => {
  it("runs a push to the default branch through both", async () => {
    const { events, sha, repository } = await repositoryWith();
    const seen: Progress["kind"][] = [];
    const results = await world.runner.run(events, { onProgress: ({ kind }) => seen.push(kind) });
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
        "action-started",
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
    const [build] = await world.runner.run(events);
    const token = world.setting.github.tokenOf("acme");
    const { actions } = octokitFor(world.setting.github, token).rest;
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
    world.setting.clock.advance(11 * 60_000);
    expect((await localFetch(location)).status).toBe(403);
  });

  it("gives a gate for a fork's pull request the default branch's commit and an empty pull_requests", async () => {
    const { repository, sha } = await repositoryWith();
    const { pull, events } = await fork(repository);
    const results = await world.runner.run(events);
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
    const { activities } = world.setting.github;
    await activities.push(repository, { branch: "topic", files: { version: "2" } });
    const { pull, events } = await activities.openPullRequest(repository, { branch: "topic" });
    const [build, gate] = await world.runner.run(events);
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
    const { activities } = world.setting.github;
    await activities.push(repository, { branch: "topic", files: { version: "2" } });
    await activities.openPullRequest(repository, { branch: "topic" });
    const copy = await world.setting.github.fork(repository, "copycat");
    const { pull, events } = await activities.openPullRequest(repository, { branch: "topic", from: copy });
    const [, gate] = await world.runner.run(events);
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
    const { activities } = world.setting.github;
    await activities.push(repository, {
      branch: "topic",
      files: { ".github/workflows/gate.yml": workflow("gate.yml") },
    });
    const { events } = await activities.openPullRequest(repository, { branch: "topic" });
    expect(summaryOf(await world.runner.run(events))).toEqual([["Build", "pull_request", "success"]]);
  });
});
