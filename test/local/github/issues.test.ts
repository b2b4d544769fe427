import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Repository } from "../../../local/github/index.ts";
import { jobToken, octokitFor, refusal, type Setting, startSetting } from "./support.ts";

const here = { owner: "acme", repo: "site" };
const bot = "github-actions[bot]";
let setting: Setting;
let repository: Repository;
let sha: string;

beforeAll(async () => {
  setting = await startSetting();
  const { github } = setting;
  ({ repository, sha } = await github.createRepository({ owner: "acme", name: "site", files: { a: "a" } }));
  repository.collaborators.set("reader", "read");
  await github.activities.push(repository, { branch: "one", files: { b: "b" } });
  await github.activities.openPullRequest(repository, { branch: "one" });
});
afterAll(() => setting.github.close());

const withPermissions = (granted: Parameters<typeof jobToken>[2]) =>
  octokitFor(setting.github, jobToken(setting.github, repository, granted)).rest;

describe("issues", () => {
  it("are made, changed, closed and reopened by a job that may", async () => {
    const { issues } = withPermissions({ issues: "write" });
    const { data } = await issues.create({ ...here, title: "One", body: "text", labels: ["audit"] });
    expect(data).toMatchObject({
      number: 2,
      state: "open",
      user: { login: bot },
      labels: [{ name: "audit" }],
    });
    const issue = { ...here, issue_number: data.number };
    const closed = await issues.update({ ...issue, state: "closed", body: "over" });
    expect(closed.data).toMatchObject({ state: "closed", state_reason: "completed", body: "over" });
    const open = await issues.update({ ...issue, state: "open" });
    expect(open.data).toMatchObject({ state: "open", state_reason: "reopened", closed_at: null });
  });

  it("are listed with pull requests among them, by creator, label and state", async () => {
    const { issues } = withPermissions({ issues: "write" });
    const all = await issues.listForRepo({ ...here, state: "all" });
    expect(all.data.map((one) => [one.number, one.pull_request !== undefined])).toEqual([
      [2, false],
      [1, true],
    ]);
    const numbers = async (query: object) =>
      (await issues.listForRepo({ ...here, ...query })).data.map(({ number }) => number);
    expect(await numbers({ creator: bot })).toEqual([2]);
    expect(await numbers({ labels: "audit" })).toEqual([2]);
    expect(await numbers({ state: "closed" })).toEqual([]);
    expect((await refusal(issues.listForRepo({ ...here, creator: "nobody-at-all" }))).status).toBe(422);
  });

  it("are refused without the permission, too long, or where they are switched off", async () => {
    const asked = withPermissions({ "pull-requests": "write" }).issues.create({ ...here, title: "x" });
    expect((await refusal(asked)).status).toBe(403);
    const { issues } = withPermissions({ issues: "write" });
    expect((await refusal(issues.create({ ...here, title: "x".repeat(257) }))).status).toBe(422);
    expect((await refusal(issues.create({ ...here, title: "x", body: "x".repeat(65_537) }))).status).toBe(
      422,
    );
    repository.hasIssues = false;
    expect((await refusal(issues.create({ ...here, title: "x" }))).status).toBe(410);
    repository.hasIssues = true;
  });

  it("lose labels of somebody who may not push, and are changed by their author alone", async () => {
    const reader = octokitFor(setting.github, setting.github.tokenOf("reader")).rest;
    const { data } = await reader.issues.create({ ...here, title: "Mine", labels: ["audit"] });
    expect(data.labels).toEqual([]);
    expect((await refusal(reader.issues.update({ ...here, issue_number: 2, title: "taken" }))).status).toBe(
      403,
    );
  });
});

describe("code scanning", () => {
  const log = (ruleId: string) => ({
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "t",
            rules: [
              {
                id: "a",
                shortDescription: { text: "a" },
                fullDescription: { text: "a" },
                help: { text: "a" },
              },
            ],
          },
        },
        results: [
          {
            ruleId,
            level: "error",
            message: { text: "m" },
            locations: [
              { physicalLocation: { artifactLocation: { uri: "gate.json" }, region: { startLine: 1 } } },
            ],
            partialFingerprints: { primaryLocationLineHash: "1" },
          },
        ],
      },
    ],
  });
  const upload = (body: unknown, commit = sha) =>
    withPermissions({ "security-events": "write" }).codeScanning.uploadSarif({
      ...here,
      commit_sha: commit,
      ref: "refs/heads/main",
      sarif: gzipSync(JSON.stringify(body)).toString("base64"),
    });

  it("takes SARIF 2.1.0 of a commit that is there, and nothing else", async () => {
    expect((await upload(log("a"))).status).toBe(202);
    expect(repository.codeScanning.map(({ ref }) => ref)).toEqual(["refs/heads/main"]);
    expect((await refusal(upload(log("b")))).status).toBe(400);
    expect((await refusal(upload({ ...log("a"), version: "2.0.0" }))).status).toBe(400);
    expect((await refusal(upload(log("a"), "0".repeat(40)))).status).toBe(422);
  });
});
