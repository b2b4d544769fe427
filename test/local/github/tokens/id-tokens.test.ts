import { createLocalJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Repository } from "../../../../local/github/index.ts";
import type { IdTokenJob } from "../../../../local/github/tokens/id-tokens.ts";
import { type SubjectOf, subjectOf } from "../../../../local/github/tokens/subject.ts";
import { localFetch, type Setting, startSetting } from "../support.ts";

let setting: Setting;
let repository: Repository;
let immutable: Repository;
let job: IdTokenJob;

beforeAll(async () => {
  setting = await startSetting();
  const { github } = setting;
  const files = { "a.txt": "a" };
  const { sha, ...made } = await github.createRepository({ owner: "acme", name: "site", files });
  repository = made.repository;
  const newer = { owner: "acme", name: "newer", files, immutableSubject: true };
  immutable = (await github.createRepository(newer)).repository;
  const actor = github.store.account("mona");
  const workflow = github.store.workflow(repository, ".github/workflows/gate.yml", "Gate");
  const shared = {
    event: "push",
    headSha: sha,
    headBranch: "main",
    headRepository: repository,
    actor,
  } as const;
  const times = { createdAt: 0, updatedAt: 0, status: "in_progress", conclusion: null } as const;
  const run = { id: 77, number: 1, workflow, name: "Gate", title: "t", ...shared, ...times };
  job = {
    repository,
    run,
    event: "workflow_run",
    ref: "refs/heads/main",
    sha,
    headRef: "",
    baseRef: "",
    refProtected: false,
    environment: "entra-gate",
    workflowRef: "acme/site/.github/workflows/gate.yml@refs/heads/main",
    workflowSha: sha,
    actor,
  };
});
afterAll(() => setting.github.close());

it("writes subjects as GitHub does", () => {
  const subject = (given: Partial<SubjectOf>) =>
    subjectOf({ repository, event: "push", ref: "refs/heads/main", environment: undefined, ...given });
  expect(subject({})).toBe("repo:acme/site:ref:refs/heads/main");
  expect(subject({ event: "pull_request" })).toBe("repo:acme/site:pull_request");
  expect(subject({ event: "pull_request_target" })).toBe("repo:acme/site:ref:refs/heads/main");
  expect(subject({ event: "pull_request", environment: "entra-gate" })).toBe(
    "repo:acme/site:environment:entra-gate",
  );
  expect(subject({ environment: "a:b" })).toBe("repo:acme/site:environment:a%3Ab");
  const ids = `repo:acme@${immutable.owner.id}/newer@${immutable.id}`;
  expect(subject({ repository: immutable, environment: "x" })).toBe(`${ids}:environment:x`);
});

it("issues to a running job a token that verifies with the published keys and lives five minutes", async () => {
  const { github, clock } = setting;
  const requestToken = github.idTokens.open(job);
  const url = `${github.idTokenUrl}/idtoken/77?api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange`;
  const answer = await localFetch(url, { headers: { authorization: `Bearer ${requestToken}` } });
  const { value } = (await answer.json()) as { value: string };
  const discovery = await (await localFetch(`${github.issuer}/.well-known/openid-configuration`)).json();
  expect(discovery.issuer).toBe(github.issuer);
  const keys = createLocalJWKSet(await (await localFetch(discovery.jwks_uri)).json());
  const checks = { issuer: github.issuer, audience: "api://AzureADTokenExchange", algorithms: ["RS256"] };
  const { payload } = await jwtVerify(value, keys, { ...checks, currentDate: new Date(clock.now()) });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
  expect(payload).toMatchObject({
    sub: "repo:acme/site:environment:entra-gate",
    environment: "entra-gate",
    event_name: "workflow_run",
    ref: "refs/heads/main",
    repository: "acme/site",
    repository_id: String(repository.id),
    repository_owner_id: String(repository.owner.id),
    run_id: "77",
    workflow_ref: job.workflowRef,
    sha: job.sha,
  });
});

it("issues nothing to a stranger, to another run or once the job is over", async () => {
  const { github } = setting;
  const requestToken = github.idTokens.open(job);
  const ask = async (run: number, token: string) =>
    (
      await localFetch(`${github.idTokenUrl}/idtoken/${run}?api-version=2.0`, {
        headers: { authorization: `Bearer ${token}` },
      })
    ).status;
  expect(await ask(77, requestToken)).toBe(200);
  expect(await ask(77, "guessed")).toBe(401);
  expect(await ask(78, requestToken)).toBe(401);
  github.idTokens.close(requestToken);
  expect(await ask(77, requestToken)).toBe(401);
});

it("have the claims that a repository chose in their subject", () => {
  repository.subjectClaims = ["repository_owner_id", "context"];
  const subject = subjectOf({ ...job, environment: "entra-gate" });
  repository.subjectClaims = undefined;
  expect(subject).toBe(`repository_owner_id:${repository.owner.id}:environment:entra-gate`);
});
