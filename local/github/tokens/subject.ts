import type { Repository } from "../state/model.ts";

/** What of a job its ID token's subject depends on. */
export interface SubjectOf {
  readonly repository: Repository;
  readonly event: string;
  readonly ref: string;
  readonly environment: string | undefined;
}

/**
 * The `sub` of a job's ID token: an environment wins, then the pull_request event, else the ref.
 * A colon inside a value is `%3A`; immutable subjects carry both ids.
 * @see https://docs.github.com/actions/reference/security/oidc
 */
export function subjectOf(job: SubjectOf): string {
  const { owner, name, id, immutableSubject } = job.repository;
  const repository = immutableSubject ? `${owner.login}@${owner.id}/${name}@${id}` : `${owner.login}/${name}`;
  if (job.environment !== undefined) return `repo:${repository}:environment:${escapeColons(job.environment)}`;
  if (job.event === "pull_request") return `repo:${repository}:pull_request`;
  return `repo:${repository}:ref:${escapeColons(job.ref)}`;
}

function escapeColons(value: string): string {
  return value.replaceAll(":", "%3A");
}
