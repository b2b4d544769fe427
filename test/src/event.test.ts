import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { ActionError } from "../../src/errors.ts";
import { readEvent } from "../../src/event.ts";

const folder = mkdtempSync(join(tmpdir(), "entra-gate-event-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const repository = { id: 1, full_name: "acme/site", default_branch: "main" };
const run = {
  id: 9,
  path: ".github/workflows/build.yml",
  event: "pull_request",
  status: "completed",
  conclusion: "success",
  head_sha: "a".repeat(40),
  head_branch: "feature",
  head_repository: { id: 1, full_name: "acme/site" },
  repository,
  pull_requests: [
    { number: 7, base: { repo: { id: 1 } } },
    { number: 3, base: { repo: { id: 2 } } },
  ],
};

function read(name: string, payload: unknown, ref?: string) {
  const path = join(folder, "event.json");
  writeFileSync(path, typeof payload === "string" ? payload : JSON.stringify(payload));
  try {
    return readEvent({ GITHUB_EVENT_NAME: name, GITHUB_EVENT_PATH: path, GITHUB_REF: ref });
  } catch (error) {
    return (error as ActionError).code;
  }
}

const payload = (changes = {}) => ({
  action: "completed",
  repository,
  workflow: { path: run.path },
  workflow_run: { ...run, ...changes },
});

const pull = (changes = {}, more = {}) => ({
  action: "labeled",
  repository,
  pull_request: {
    number: 7,
    created_at: "2026-11-25T08:00:00Z",
    head: { sha: "a".repeat(40), ref: "$(x)", repo: { id: 2, full_name: "mallory/site" } },
    ...changes,
  },
  label: { name: "entra-gate" },
  sender: { login: "mona" },
  ...more,
});

describe("readEvent", () => {
  it.each(["pull_request", "pull_request_target"])("takes what it needs of %s", (name) => {
    expect(read(name, pull())).toEqual({
      name,
      action: "labeled",
      repository: { id: 1, fullName: "acme/site" },
      defaultBranch: "main",
      number: 7,
      headSha: "a".repeat(40),
      headBranch: "$(x)",
      headRepository: { id: 2, fullName: "mallory/site" },
      createdAt: Date.UTC(2026, 10, 25, 8),
      label: "entra-gate",
      sender: "mona",
    });
  });

  it.each([
    ["a number that is text", pull({ number: "7" })],
    ["a number below 1", pull({ number: -7 })],
    ["no head", pull({ head: undefined })],
    ["a commit that is a branch", pull({ head: { sha: "main", ref: "main", repo: null } })],
    ["no sender", pull({}, { sender: null })],
  ])("refuses a pull request with %s", (_, content) => {
    expect(read("pull_request_target", content)).toBe("event-unreadable");
  });

  it("takes what it needs, and numbers of this repository's pull requests only", () => {
    expect(read("workflow_run", payload())).toMatchObject({
      defaultBranch: "main",
      run: { id: 9, headSha: run.head_sha, pullRequests: [7] },
    });
  });

  it("knows a run whose head repository was deleted", () => {
    expect(read("workflow_run", payload({ head_repository: null, head_branch: null }))).toMatchObject({
      run: { headRepository: null, headBranch: null },
    });
  });

  const check = (changes = {}) => ({
    action: "completed",
    repository,
    check_run: {
      head_sha: "b".repeat(40),
      conclusion: "success",
      details_url: "https://dash.cloudflare.com/?to=/a/pages/view/site/1",
      app: { slug: "cloudflare-workers-and-pages" },
      pull_requests: run.pull_requests,
      ...changes,
    },
  });

  it("takes of a check whose it is, the commit, and numbers of this repository's pull requests only", () => {
    expect(read("check_run", check())).toEqual({
      name: "check_run",
      action: "completed",
      repository: { id: 1, fullName: "acme/site" },
      defaultBranch: "main",
      app: "cloudflare-workers-and-pages",
      conclusion: "success",
      headSha: "b".repeat(40),
      detailsUrl: "https://dash.cloudflare.com/?to=/a/pages/view/site/1",
      pullRequests: [7],
    });
    expect(read("check_run", check({ details_url: undefined, app: {} }))).toMatchObject({
      detailsUrl: "",
      app: "",
    });
  });

  it.each([
    ["a commit that is a branch", check({ head_sha: "main" })],
    ["no app", check({ app: null })],
    [
      "a pull request's number that is text",
      check({ pull_requests: [{ number: "7", base: run.pull_requests[0]?.base }] }),
    ],
  ])("refuses a check with %s", (_, content) => {
    expect(read("check_run", content)).toBe("event-unreadable");
  });

  it.each(["schedule", "workflow_dispatch"])("takes the ref of %s from the runner alone", (name) => {
    const forged = { ref: "refs/heads/other", repository: { id: 2, full_name: "mallory/site" } };
    expect(read(name, forged, "refs/heads/main")).toEqual({ name, ref: "refs/heads/main" });
    expect(read(name, { ref: "refs/heads/main" })).toBe("environment-incomplete");
  });

  it.each(["push", "issues", ""])("reads nothing of %j", (name) => {
    expect(read(name, "{")).toEqual({ name: "other", trigger: name });
  });

  it.each([
    ["no JSON", "{"],
    ["nothing", {}],
    ["a short commit", payload({ head_sha: "abc" })],
    ["a commit that is an option", payload({ head_sha: "--upload-pack=x" })],
    [
      "a repository that is a path",
      payload({ repository: { id: 1, full_name: "../..", default_branch: "m" } }),
    ],
    ["an id that is text", payload({ id: "9" })],
  ])("refuses %s", (_, content) => {
    expect(read("workflow_run", content)).toBe("event-unreadable");
  });
});
