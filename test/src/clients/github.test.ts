import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { secondaryRateLimit } from "../../../local/github/index.ts";
import { createGitHubClient, type GitHubClient } from "../../../src/clients/github.ts";
import { writeStickyComment } from "../../../src/steps/report-github.ts";
import { commentMarker } from "../../../src/steps/report-text.ts";
import { jobToken } from "../../local/github/support.ts";
import { type Stage, startStage } from "../stage.ts";
import { answering, FakeTime, failure, httpWith, json, plain } from "../support.ts";

let stage: Stage;
let github: GitHubClient;
let number: number;
beforeAll(async () => {
  stage = await startStage();
  await stage.github.activities.push(stage.repository, {
    branch: "feature/$(x)",
    files: { "x.txt": Buffer.from("x") },
  });
  const opened = await stage.github.activities.openPullRequest(stage.repository, {
    branch: "feature/$(x)",
    title: "X",
  });
  number = opened.pull.number;
});
afterAll(() => stage.close());
beforeEach(async () => {
  stage.faults.clear();
  github = stage.context(await stage.buildRun({})).context.github;
});

describe("reading", () => {
  it("finds the tip, a tag, a pull request by its odd branch, a file", async () => {
    expect(await github.branchTip("main")).toBe(stage.tip);
    expect(await github.tagCommit("v1")).toBeUndefined();
    await stage.github.activities.tag(stage.repository, "v1", stage.tip);
    expect(await github.tagCommit("v1")).toBe(stage.tip);
    const [pull] = await github.openPullRequests("acme", "feature/$(x)");
    expect(pull).toMatchObject({ number, headRepositoryId: stage.repository.id });
    expect(await github.pullRequestHead(number)).toMatchObject({ open: true, sha: pull?.headSha });
    expect(JSON.parse((await github.fileAt("gate.json", stage.tip)) ?? "")).toHaveProperty("production");
    expect(await github.fileAt("no/such.json", stage.tip)).toBeUndefined();
  });

  it("takes a run that is unknown for one that is over", async () => {
    expect(await github.runIsOver(1)).toBe(true);
  });

  it("waits out a secondary rate limit", async () => {
    const before = stage.clock.now();
    stage.faults.add({ service: "github", times: 1, what: secondaryRateLimit(30) });
    expect(await github.branchTip("main")).toBe(stage.tip);
    expect(stage.clock.now() - before).toBeGreaterThanOrEqual(30_000);
  });

  it("names call and permission where the token may not", async () => {
    const token = jobToken(stage.github, stage.repository, { contents: "read" });
    const weak = stage.context({ ...(await stage.buildRun({})), "INPUT_GITHUB-TOKEN": token }).context.github;
    const error = await failure(
      weak.setCommitStatus(stage.tip, { state: "success", context: "x", description: "" }),
    );
    expect(error.code).toBe("github-permission-missing");
    expect(error.detail).toContain(`/statuses/${stage.tip}`);
    expect(error.message).not.toContain(token);
  });

  it("says what is wrong when an answer is HTML", async () => {
    const body = "<!doctype html>";
    stage.faults.add({ service: "github", path: /git\/ref/, what: { kind: "answer", status: 200, body } });
    expect((await failure(github.branchTip("main"))).code).toBe("service-answer-unreadable");
  });
});

describe("the artifact", () => {
  const client = (apiUrl: string) =>
    createGitHubClient(httpWith(new FakeTime()), { apiUrl, token: "t0k3n", owner: "acme", repo: "site" });

  it("comes from a store that never sees the token", async () => {
    const store = await answering("blob.localhost", plain(200, "PK"));
    const api = await answering("api.localhost", plain(302, "", { location: `${store.url}/x?sig=1` }));
    expect(Buffer.from(await client(api.url).downloadArtifact({ id: 5 }, 100)).toString()).toBe("PK");
    expect(api.requests[0]?.headers.authorization).toBe("Bearer t0k3n");
    expect(JSON.stringify(store.requests)).not.toContain("t0k3n");
    await Promise.all([store.close(), api.close()]);
  });

  it("is bounded", async () => {
    const store = await answering("blob.localhost", plain(200, "x".repeat(1_000)));
    const api = await answering("api.localhost", plain(302, "", { location: `${store.url}/x` }));
    expect((await failure(client(api.url).downloadArtifact({ id: 5 }, 999))).code).toBe("artifact-too-large");
    await Promise.all([store.close(), api.close()]);
  });

  it("is asked for again where the store refuses or cuts it short, and held against its digest", async () => {
    const digest = `sha256:${createHash("sha256").update("PK whole").digest("hex")}`;
    const store = await answering(
      "blob.localhost",
      plain(403, "<Error/>"),
      plain(200, "PK w"),
      plain(200, "PK whole"),
    );
    const api = await answering("api.localhost", plain(302, "", { location: `${store.url}/x` }));
    const archive = await client(api.url).downloadArtifact({ id: 5, digest }, 100);
    expect(Buffer.from(archive).toString()).toBe("PK whole");
    const other = { id: 5, digest: "sha256:0" };
    const error = await failure(client(api.url).downloadArtifact(other, 100));
    expect([error.code, error.asked?.service]).toEqual([
      "service-answer-unreadable",
      "GitHub's artifact store",
    ]);
    expect(api.requests).toHaveLength(6);
    await Promise.all([store.close(), api.close()]);
  });

  it.each([
    [410, "artifact-expired"],
    [403, "github-permission-missing"],
    [404, "github-not-found"],
    [200, "service-answer-unreadable"],
  ])("is refused with status %i as %s", async (status, code) => {
    const api = await answering("api.localhost", json(status, {}));
    expect((await failure(client(api.url).downloadArtifact({ id: 5 }, 100))).code).toBe(code);
    await api.close();
  });
});

describe("the sticky comment", () => {
  const bodies = () => stage.repository.comments.map(({ user, body }) => [user.login, body]);

  it("is one for each project, found over all pages, and never somebody else's", async () => {
    const marker = commentMarker("site");
    stage.repository.collaborators.set("mallory", "write");
    const person = stage.github.tokenOf("mallory");
    const say = async (body: string) => {
      const answer = await httpWith(new FakeTime()).send({
        service: "Test",
        call: "comment",
        method: "POST",
        url: `${stage.github.apiUrl}/repos/acme/site/issues/${number}/comments`,
        headers: { authorization: `Bearer ${person}`, "content-type": "application/json" },
        body: JSON.stringify({ body }),
      });
      expect(answer.status).toBe(201);
    };
    await say(`${marker}\nI am the gate, all is well`);
    for (let index = 0; index < 100; index += 1) await say(`talk ${index}`);
    await writeStickyComment(github, number, "site", "first");
    await writeStickyComment(github, number, "other", "first");
    await writeStickyComment(github, number, "site", "second");
    const marked = bodies().filter(([, body]) => body?.startsWith(marker));
    expect(marked).toEqual([
      ["mallory", `${marker}\nI am the gate, all is well`],
      ["github-actions[bot]", `${marker}\nsecond`],
    ]);
    expect(bodies().filter(([login]) => login === "github-actions[bot]").length).toBe(2);
  });

  it("is written once although the answer to the first attempt was lost", async () => {
    const path = new RegExp(`/issues/${number}/comments$`);
    stage.faults.add({ service: "github", method: "POST", path, times: 1, what: { kind: "drop-after" } });
    await writeStickyComment(github, number, "lost", "text");
    expect(bodies().filter(([, body]) => body?.startsWith(commentMarker("lost"))).length).toBe(1);
  });

  it("is not written again where nothing differs", async () => {
    await writeStickyComment(github, number, "same", "text");
    const before = stage.log.count("github", ({ method }) => method !== "GET");
    await writeStickyComment(github, number, "same", "text");
    expect(stage.log.count("github", ({ method }) => method !== "GET")).toBe(before);
  });
});
