import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Repository, secondaryRateLimit } from "../../../local/github/index.ts";
import { jobToken, localFetch, octokitFor, refusal, type Setting, startSetting } from "./support.ts";

const here = { owner: "acme", repo: "site" };
let setting: Setting;
let repository: Repository;
let sha: string;

beforeAll(async () => {
  setting = await startSetting();
  const files = { "gate.json": "{}", "docs/a b.md": "text", "bytes.bin": new Uint8Array([0, 255, 10]) };
  ({ repository, sha } = await setting.github.createRepository({ owner: "acme", name: "site", files }));
});
afterAll(() => setting.github.close());

const withPermissions = (granted: Parameters<typeof jobToken>[2]) =>
  octokitFor(setting.github, jobToken(setting.github, repository, granted)).rest;

describe("who may", () => {
  it("refuses an unknown, a revoked and an expired token, and none", async () => {
    const { github } = setting;
    const token = jobToken(github, repository, { contents: "read" });
    github.tokens.revoke(token);
    for (const bad of ["ghs_unknown", token]) {
      expect(await refusal(octokitFor(github, bad).rest.repos.get(here))).toEqual({
        status: 401,
        message: "Bad credentials",
      });
    }
    const none = await localFetch(`${github.apiUrl}/repos/acme/site`, { headers: { "user-agent": "test" } });
    expect([none.status, (await none.json()).message]).toEqual([401, "Requires authentication"]);
  });

  it("refuses what the job's permissions leave out, and says what would be needed", async () => {
    const { issues, repos } = withPermissions({ contents: "read" });
    expect(await refusal(repos.listCommitStatusesForRef({ ...here, ref: "main" }))).toEqual({
      status: 403,
      message: "Resource not accessible by integration",
    });
    const written = issues.createComment({ ...here, issue_number: 1, body: "x" }).catch((error) => error);
    expect((await written).response.headers["x-accepted-github-permissions"]).toBe(
      "issues=write; pull_requests=write",
    );
  });

  it("hides a private repository from another one's job", async () => {
    const { github } = setting;
    const other = await github.createRepository({ owner: "acme", name: "other", files: { a: "a" } });
    const { repos } = octokitFor(github, jobToken(github, other.repository, { contents: "read" })).rest;
    expect((await refusal(repos.get(here))).status).toBe(404);
  });

  it("turns away a client without a User-Agent", async () => {
    const token = jobToken(setting.github, repository, {});
    const answer = await localFetch(`${setting.github.apiUrl}/repos/acme/site`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(403);
  });

  it("tells a person's role in a repository", async () => {
    repository.collaborators.set("rita", "write");
    setting.github.store.account("rita");
    setting.github.store.account("stranger");
    const { repos } = withPermissions({});
    const roleOf = async (username: string) =>
      (await repos.getCollaboratorPermissionLevel({ ...here, username })).data.permission;
    expect([await roleOf("rita"), await roleOf("stranger")]).toEqual(["write", "none"]);
  });

  it("answers with the secondary rate limit where told to, once", async () => {
    const { repos } = withPermissions({ contents: "read" });
    setting.faults.add({
      service: "github",
      path: /\/branches\/main$/,
      times: 1,
      what: secondaryRateLimit(7),
    });
    const error = await repos.getBranch({ ...here, branch: "main" }).catch((thrown) => thrown);
    expect([error.status, error.response.headers["retry-after"]]).toEqual([403, "7"]);
    expect((await repos.getBranch({ ...here, branch: "main" })).data.commit.sha).toBe(sha);
  });
});

describe("contents and commits", () => {
  it("gives a file's bytes at a ref, raw or in JSON", async () => {
    const { repos } = withPermissions({ contents: "read" });
    const json = await repos.getContent({ ...here, path: "bytes.bin", ref: sha });
    expect(json.data).toMatchObject({ type: "file", encoding: "base64", content: "AP8K", size: 3 });
    const raw = await repos.getContent({
      ...here,
      path: "docs/a b.md",
      ref: "main",
      mediaType: { format: "raw" },
    });
    expect(raw.data).toBe("text");
    const folder = await repos.getContent({ ...here, path: "docs" });
    expect(folder.data).toMatchObject([{ type: "file", path: "docs/a b.md" }]);
  });

  it("says which part is missing: the file or the ref", async () => {
    const { repos } = withPermissions({ contents: "read" });
    expect(await refusal(repos.getContent({ ...here, path: "nothing" }))).toEqual({
      status: 404,
      message: "Not Found",
    });
    expect(await refusal(repos.getContent({ ...here, path: "gate.json", ref: "nope" }))).toEqual({
      status: 404,
      message: "No commit found for the ref nope",
    });
    expect((await refusal(repos.getCommit({ ...here, ref: "nope" }))).status).toBe(422);
  });

  it("reads a short name as the branch, even where a tag has it too", async () => {
    const { github } = setting;
    const topic = await github.activities.push(repository, { branch: "both", files: { b: "b" } });
    await github.activities.tag(repository, "both", sha);
    const { repos, git } = withPermissions({ contents: "read" });
    expect((await repos.getCommit({ ...here, ref: "both" })).data.sha).toBe(topic.sha);
    expect((await git.getRef({ ...here, ref: "tags/both" })).data.object.sha).toBe(sha);
  });

  it("finds no ref by an expression of git's own", async () => {
    const { repos } = withPermissions({ contents: "read" });
    for (const ref of ["main~0", "main^{commit}", "main@{0}", "--all", "../main"]) {
      expect((await refusal(repos.getCommit({ ...here, ref }))).status).toBe(422);
    }
  });
});

describe("pull requests and comments", () => {
  it("pages through comments with Link headers and never gives more than 100", async () => {
    const { github } = setting;
    await github.activities.push(repository, { branch: "talk", files: { t: "t" } });
    const { pull } = await github.activities.openPullRequest(repository, { branch: "talk" });
    const octokit = octokitFor(github, jobToken(github, repository, { "pull-requests": "write" }));
    const issue = { ...here, issue_number: pull.number };
    for (let index = 0; index < 130; index += 1)
      await octokit.rest.issues.createComment({ ...issue, body: `number ${index}` });
    const first = await octokit.rest.issues.listComments({ ...issue, per_page: 1000 });
    expect(first.data).toHaveLength(100);
    expect(first.headers.link).toContain('page=2>; rel="next"');
    const all = await octokit.paginate(octokit.rest.issues.listComments, { ...issue, per_page: 100 });
    expect(all.map(({ body }) => body)).toEqual(Array.from({ length: 130 }, (_, index) => `number ${index}`));
    expect(all[0]?.user).toMatchObject({ login: "github-actions[bot]", type: "Bot" });
    const id = all[5]?.id ?? 0;
    await octokit.rest.issues.updateComment({ ...here, comment_id: id, body: "changed" });
    expect((await octokit.rest.issues.getComment({ ...here, comment_id: id })).data.body).toBe("changed");
  });

  it("refuses an unknown field, a missing one, a blank and an overlong body", async () => {
    const { github } = setting;
    const octokit = octokitFor(github, jobToken(github, repository, { issues: "write" }));
    const post = (body: object) =>
      refusal(
        octokit.request("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", {
          ...here,
          issue_number: 1,
          ...body,
        } as never),
      );
    expect(await post({ body: "x", sticky: true })).toEqual({
      status: 422,
      message: 'Invalid request.\n\n"sticky" is not a permitted key.',
    });
    expect(await post({})).toEqual({ status: 422, message: 'Invalid request.\n\n"body" wasn\'t supplied.' });
    expect((await post({ body: 3 })).status).toBe(422);
    expect((await post({ body: " " })).message).toBe("Validation Failed");
    expect((await post({ body: "x".repeat(65_537) })).message).toBe("Validation Failed");
  });

  it("lets a reader comment, but change only the reader's own", async () => {
    const { github } = setting;
    repository.collaborators.set("reader", "read");
    await github.activities.push(repository, { branch: "read", files: { r: "r" } });
    const { pull } = await github.activities.openPullRequest(repository, { branch: "read" });
    const issue = { ...here, issue_number: pull.number };
    const bot = await withPermissions({ "pull-requests": "write" }).issues.createComment({
      ...issue,
      body: "bot",
    });
    const { issues, repos } = octokitFor(github, github.tokenOf("reader")).rest;
    const own = await issues.createComment({ ...issue, body: "mine" });
    await issues.updateComment({ ...here, comment_id: own.data.id, body: "still mine" });
    const change = issues.updateComment({ ...here, comment_id: bot.data.id, body: "taken" });
    expect((await refusal(change)).status).toBe(403);
    expect((await refusal(repos.createCommitStatus({ ...here, sha, state: "success" }))).status).toBe(403);
  });

  it("finds pull requests by owner and branch of their head; a fork's not by its commits", async () => {
    const { github } = setting;
    const fork = await github.fork(repository, "stranger");
    const pushed = await github.activities.push(fork, { branch: "idea", files: { i: "i" }, by: "stranger" });
    const { pull } = await github.activities.openPullRequest(repository, {
      branch: "idea",
      from: fork,
      by: "stranger",
    });
    const { pulls, repos } = withPermissions({ "pull-requests": "read" });
    const byHead = await pulls.list({ ...here, state: "open", head: "stranger:idea" });
    expect(byHead.data.map(({ number, head }) => [number, head.sha, head.repo.id])).toEqual([
      [pull.number, pushed.sha, fork.id],
    ]);
    expect((await pulls.list({ ...here, head: "acme:idea" })).data).toEqual([]);
    expect(
      (await repos.listPullRequestsAssociatedWithCommit({ ...here, commit_sha: pushed.sha })).data,
    ).toEqual([]);
  });

  it("follows a pull request through a push, a conflict and a merge", async () => {
    const { github } = setting;
    const { activities } = github;
    const { pulls, repos } = withPermissions({ "pull-requests": "read", contents: "read" });
    await activities.push(repository, { branch: "life", files: { life: "1" } });
    const { pull, events } = await activities.openPullRequest(repository, { branch: "life" });
    expect(events.map(({ name, action }) => [name, action])).toEqual([
      ["pull_request", "opened"],
      ["pull_request_target", "opened"],
    ]);
    const pushed = await activities.push(repository, { branch: "life", files: { life: "2" } });
    expect(pushed.events.map(({ name }) => name)).toEqual(["push", "pull_request", "pull_request_target"]);
    await activities.push(repository, { branch: "main", files: { life: "other" } });
    const conflicting = await activities.push(repository, { branch: "life", files: { life: "3" } });
    expect(conflicting.events.map(({ name }) => name)).toEqual(["push", "pull_request_target"]);
    expect((await pulls.get({ ...here, pull_number: pull.number })).data.mergeable).toBe(false);
    await activities.push(repository, { branch: "main", files: { life: null } });
    await activities.push(repository, { branch: "main", files: { life: "1" } });
    await expect(activities.mergePullRequest(repository, pull.number)).rejects.toThrow("conflicts");
    await activities.push(repository, { branch: "easy", files: { easy: "1" } });
    const easy = await activities.openPullRequest(repository, { branch: "easy" });
    const merged = await activities.mergePullRequest(repository, easy.pull.number);
    expect(merged.events.map(({ name, action }) => [name, action])).toEqual([
      ["push", undefined],
      ["pull_request", "closed"],
      ["pull_request_target", "closed"],
    ]);
    expect((await repos.getBranch({ ...here, branch: "main" })).data.commit.sha).toBe(merged.sha);
    expect((await pulls.get({ ...here, pull_number: easy.pull.number })).data).toMatchObject({
      state: "closed",
      merged: true,
    });
  });
});

describe("deployments and statuses", () => {
  it("keeps GitHub's traps: other statuses block a deployment, a branch that is behind is merged", async () => {
    const { github } = setting;
    const { repos } = withPermissions({ deployments: "write", statuses: "write", contents: "read" });
    const behind = await github.activities.push(repository, { branch: "behind", files: { x: "x" } });
    await github.activities.push(repository, { branch: "main", files: { y: "y" } });
    const merged = await repos.createDeployment({ ...here, ref: "behind" });
    expect(merged.status).toBe(202);
    expect((await repos.getBranch({ ...here, branch: "behind" })).data.commit.sha).not.toBe(behind.sha);
    await repos.createCommitStatus({ ...here, sha: behind.sha, state: "pending", context: "gate" });
    expect((await refusal(repos.createDeployment({ ...here, ref: behind.sha }))).status).toBe(409);
    const made = await repos.createDeployment({
      ...here,
      ref: behind.sha,
      auto_merge: false,
      required_contexts: [],
    });
    expect(made.status).toBe(201);
  });

  it("makes the older preview inactive, not production and not transient ones", async () => {
    const { repos } = withPermissions({ deployments: "write" });
    const options = { ...here, ref: sha, auto_merge: false, required_contexts: [], environment: "preview" };
    const ids: number[] = [];
    for (const transient_environment of [false, true, false]) {
      const { data } = await repos.createDeployment({ ...options, transient_environment });
      if (!("id" in data)) throw new Error("no deployment");
      ids.push(data.id);
      const status = { state: "success", environment_url: "https://x.test/" } as const;
      await repos.createDeploymentStatus({ ...here, deployment_id: data.id, ...status });
    }
    const states = await Promise.all(
      ids.map(
        async (deployment_id) =>
          (await repos.listDeploymentStatuses({ ...here, deployment_id })).data[0]?.state,
      ),
    );
    expect(states).toEqual(["inactive", "success", "success"]);
    const listed = await repos.listDeployments({ ...here, environment: "preview" });
    expect(listed.data.map(({ id }) => id)).toEqual(ids.toReversed());
  });

  it("refuses a status that GitHub would refuse", async () => {
    const { repos } = withPermissions({ statuses: "write" });
    const make = (extra: object) =>
      refusal(repos.createCommitStatus({ ...here, sha, state: "success", ...extra }));
    expect((await make({ description: "x".repeat(141) })).status).toBe(422);
    expect((await make({ target_url: "ftp://x" })).status).toBe(422);
    expect((await make({ state: "ok" })).status).toBe(422);
    expect((await make({ sha: "0".repeat(40) })).status).toBe(422);
  });

  it("combines statuses by the newest of each context", async () => {
    const { repos } = withPermissions({ statuses: "write" });
    for (const [context, state] of [
      ["a", "failure"],
      ["b", "success"],
      ["a", "success"],
    ] as const) {
      await repos.createCommitStatus({ ...here, sha, state, context });
    }
    const { data } = await repos.getCombinedStatusForRef({ ...here, ref: sha });
    expect([data.state, data.total_count]).toEqual(["success", 2]);
  });
});

it("shows the pull request as a page, its comments rendered and nothing run", async () => {
  const { github } = setting;
  await github.activities.push(repository, { branch: "page", files: { p: "p" } });
  const { pull } = await github.activities.openPullRequest(repository, {
    branch: "page",
    title: "A <b> title",
  });
  const { issues } = withPermissions({ issues: "write" });
  await issues.createComment({
    ...here,
    issue_number: pull.number,
    body: "## Ready\n<script>alert(1)</script>",
  });
  const answer = await localFetch(`${github.serverUrl}/acme/site/pull/${pull.number}`);
  const html = await answer.text();
  expect(html).toContain("<h2>Ready</h2>");
  expect(html).not.toContain("<script>");
  expect(html).toContain("A &lt;b&gt; title");
  expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect((await localFetch(`${github.serverUrl}/acme/site/pull/999`)).status).toBe(404);
});

it("logs each call as github's, without its query", () => {
  const calls = setting.log.calls.filter(({ path }) => path.startsWith("/repos/acme/site/branches"));
  expect(calls.length).toBeGreaterThan(0);
  expect(
    calls.every(({ service, host }) => service === "github" && host.startsWith("api.github.localhost:")),
  ).toBe(true);
  expect(setting.log.calls.some(({ path }) => path.includes("?"))).toBe(false);
});
