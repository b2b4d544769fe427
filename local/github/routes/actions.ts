import { ApiError, notFound } from "../api/errors.ts";
import { page } from "../api/paging.ts";
import { RawAnswer, type Route, route } from "../api/router.ts";
import { artifactShape, runShape, workflowShape } from "../shapes/run.ts";
import { commitInfo } from "../state/git.ts";
import type { Artifact, Repository, WorkflowRun } from "../state/model.ts";
import { subjectPrefix } from "../tokens/subject.ts";

const read = [["actions", "read"]] as const;

/** Workflows, their runs and the runs' artifacts; what ID tokens' subjects are made of. */
export const actionsRoutes: readonly Route[] = [
  route("get", "/repos/{owner}/{repo}/actions/workflows", read, null, ({ api, url, repository }) => {
    const all = [...repository.workflows.values()];
    const { items, headers } = page(url, all);
    return {
      headers,
      body: {
        total_count: all.length,
        workflows: items.map((workflow) => workflowShape(api, repository, workflow)),
      },
    };
  }),

  route(
    "get",
    "/repos/{owner}/{repo}/actions/workflows/{workflow_id}",
    read,
    null,
    ({ api, repository, params }) => {
      const wanted = params["workflow_id"] ?? "";
      const workflow = [...repository.workflows.values()].find(
        ({ id, path }) => String(id) === wanted || path.split("/").at(-1) === wanted,
      );
      if (workflow === undefined) throw notFound();
      return { body: workflowShape(api, repository, workflow) };
    },
  ),

  route("get", "/repos/{owner}/{repo}/actions/runs", read, null, async ({ api, url, repository, query }) => {
    const runs = repository.runs
      .filter(
        (run) =>
          is(query, "head_sha", run.headSha) &&
          is(query, "event", run.event) &&
          is(query, "branch", run.headBranch) &&
          (is(query, "status", run.status) || is(query, "status", run.conclusion)),
      )
      .reverse();
    const { items, headers } = page(url, runs);
    const shaped = await Promise.all(items.map((run) => shape(api, repository, run)));
    return { headers, body: { total_count: runs.length, workflow_runs: shaped } };
  }),

  route(
    "get",
    "/repos/{owner}/{repo}/actions/runs/{run_id}",
    read,
    null,
    async ({ api, repository, params }) => ({
      body: await shape(api, repository, findRun(repository, params)),
    }),
  ),

  route("get", "/repos/{owner}/{repo}/actions/runs/{run_id}/artifacts", read, null, (call) => {
    const { api, url, repository, params, query } = call;
    const run = findRun(repository, params);
    const all = repository.artifacts.filter(
      (artifact) => artifact.run === run && is(query, "name", artifact.name),
    );
    const { items, headers } = page(url, all.reverse());
    const now = api.store.clock.now();
    const artifacts = items.map((artifact) => artifactShape(api, repository, artifact, now));
    return { headers, body: { total_count: all.length, artifacts } };
  }),

  route(
    "get",
    "/repos/{owner}/{repo}/actions/artifacts/{artifact_id}",
    read,
    null,
    ({ api, repository, params }) => ({
      body: artifactShape(api, repository, findArtifact(repository, params), api.store.clock.now()),
    }),
  ),

  route(
    "get",
    "/repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}",
    read,
    null,
    (call) => {
      const { api, repository, params } = call;
      if (params["archive_format"] !== "zip") throw notFound();
      const artifact = findArtifact(repository, params);
      if (artifact.expiresAt <= api.store.clock.now()) throw new ApiError(410, "Artifact has expired");
      return new RawAnswer(302, { location: api.blobUrl(artifact.id) });
    },
  ),

  route("get", "/repos/{owner}/{repo}/actions/oidc/customization/sub", read, null, ({ repository }) => {
    const { subjectClaims, immutableSubject } = repository;
    return {
      body: {
        use_default: subjectClaims === undefined,
        ...(subjectClaims === undefined ? {} : { include_claim_keys: [...subjectClaims] }),
        use_immutable_subject: immutableSubject,
        sub_claim_prefix: subjectPrefix(repository),
      },
    };
  }),
];

function is(query: URLSearchParams, name: string, value: string | null): boolean {
  const wanted = query.get(name);
  return wanted === null || wanted === value;
}

async function shape(urls: { apiUrl: string; serverUrl: string }, repository: Repository, run: WorkflowRun) {
  return runShape(urls, repository, run, await commitInfo(run.headRepository.gitDir, run.headSha));
}

function findRun(repository: Repository, params: Readonly<Record<string, string>>): WorkflowRun {
  const run = repository.runs.find(({ id }) => id === Number(params["run_id"]));
  if (run === undefined) throw notFound();
  return run;
}

function findArtifact(repository: Repository, params: Readonly<Record<string, string>>): Artifact {
  const artifact = repository.artifacts.find(({ id }) => id === Number(params["artifact_id"]));
  if (artifact === undefined) throw notFound();
  return artifact;
}
