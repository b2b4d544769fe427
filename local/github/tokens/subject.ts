import type { Repository } from "../state/model.ts";

/** What of a job its ID token's subject depends on. */
export interface SubjectOf {
  readonly repository: Repository;
  readonly event: string;
  readonly ref: string;
  readonly environment: string | undefined;
}

/**
 * The `sub` of a job's ID token: an environment wins, then the pull_request event, else the ref. Claims that the repository
 * chose itself stand in its place, `context` being what the default has after the repository.
 * A colon inside a value is `%3A`; immutable subjects carry both ids.
 * @see https://docs.github.com/actions/reference/security/oidc
 */
export function subjectOf(job: SubjectOf): string {
  const { repository } = job;
  if (repository.subjectClaims === undefined) return `${subjectPrefix(repository)}:${contextOf(job)}`;
  const claims: Readonly<Record<string, string>> = {
    repo: subjectPrefix(repository),
    context: contextOf(job),
    repository_id: `repository_id:${repository.id}`,
    repository_owner: `repository_owner:${repository.owner.login}`,
    repository_owner_id: `repository_owner_id:${repository.owner.id}`,
    environment: `environment:${escapeColons(job.environment ?? "")}`,
  };
  return repository.subjectClaims.map((key) => claims[key] ?? `${key}:`).join(":");
}

export function subjectPrefix({ owner, name, id, immutableSubject }: Repository): string {
  return `repo:${immutableSubject ? `${owner.login}@${owner.id}/${name}@${id}` : `${owner.login}/${name}`}`;
}

function contextOf(job: SubjectOf): string {
  if (job.environment !== undefined) return `environment:${escapeColons(job.environment)}`;
  if (job.event === "pull_request") return "pull_request";
  return `ref:${escapeColons(job.ref)}`;
}

function escapeColons(value: string): string {
  return value.replaceAll(":", "%3A");
}
