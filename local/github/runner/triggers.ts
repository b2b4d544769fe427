import type { GitHubEvent } from "../events/event.ts";
import { matchesAny } from "./patterns.ts";
import type { WorkflowFile } from "./workflow-file.ts";

/** Activity types that start a workflow which names none. */
const defaultTypes: Readonly<Record<string, readonly string[]>> = {
  pull_request: ["opened", "synchronize", "reopened"],
  pull_request_target: ["opened", "synchronize", "reopened"],
  workflow_run: ["completed"],
};

interface Filters {
  readonly types?: readonly string[];
  readonly branches?: readonly string[];
  readonly "branches-ignore"?: readonly string[];
  readonly tags?: readonly string[];
  readonly "tags-ignore"?: readonly string[];
  readonly paths?: readonly string[];
  readonly "paths-ignore"?: readonly string[];
  readonly workflows?: readonly string[];
}

/**
 * GitHub keeps workflows from starting each other by checks: none is told of a check on a commit that Actions has run on.
 * @see https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#check_run
 */
function isSuppressed({ name, payload, repository }: GitHubEvent): boolean {
  if (name !== "check_run") return false;
  const { head_sha: sha } = payload["check_run"] as { readonly head_sha: string };
  return repository.runs.some(({ headSha }) => headSha === sha);
}

/** True where an event starts a workflow: it is listened to, of a wanted type, and its branch and paths pass. */
export function isTriggered({ path, events }: WorkflowFile, event: GitHubEvent): boolean {
  if (!(event.name in events) || isSuppressed(event)) return false;
  if (event.name === "schedule")
    return events.schedule?.some(({ cron }) => cron === event.payload["schedule"]) === true;
  if (event.name === "workflow_dispatch") return event.only === path;
  const filters = (events[event.name] ?? {}) as Filters;
  const types = filters.types ?? defaultTypes[event.name];
  if (event.action !== undefined && types !== undefined && !types.includes(event.action)) return false;
  if (event.completed !== undefined) {
    return (
      passesName(filters, event.completed.workflow.name) &&
      passesBranch(filters, event.completed.headBranch ?? "")
    );
  }
  if (event.name === "check_run") return true;
  if (event.name === "merge_group") return passesBranch(filters, baseOf(event));
  return passesRef(filters, event) && passesPaths(filters, event.changed);
}

function passesName({ workflows }: Filters, name: string): boolean {
  return workflows === undefined || workflows.length === 0 || workflows.includes(name);
}

/** The branch that a merge group is to be merged into; paths are not filtered by. */
function baseOf({ payload }: GitHubEvent): string {
  const { base_ref: ref } = payload["merge_group"] as { readonly base_ref: string };
  return ref.slice("refs/heads/".length);
}

/** A push that has only tag filters is not for branches, and the other way round. */
function passesRef(filters: Filters, event: GitHubEvent): boolean {
  if (event.pull !== undefined) return passesBranch(filters, event.pull.base);
  const { branches, "branches-ignore": notBranches, tags, "tags-ignore": notTags } = filters;
  if (event.ref.startsWith("refs/tags/")) {
    const name = event.ref.slice("refs/tags/".length);
    if (tags !== undefined) return matchesAny(tags, name);
    if (notTags !== undefined) return !matchesAny(notTags, name);
    return branches === undefined && notBranches === undefined;
  }
  if (branches === undefined && notBranches === undefined) return tags === undefined && notTags === undefined;
  return passesBranch(filters, event.ref.slice("refs/heads/".length));
}

function passesBranch({ branches, "branches-ignore": ignored }: Filters, branch: string): boolean {
  if (branches !== undefined) return matchesAny(branches, branch);
  return ignored === undefined || !matchesAny(ignored, branch);
}

function passesPaths(
  { paths, "paths-ignore": ignored }: Filters,
  changed: readonly string[] | undefined,
): boolean {
  if (changed === undefined) return true;
  if (paths !== undefined) return changed.some((path) => matchesAny(paths, path));
  return ignored === undefined || changed.some((path) => !matchesAny(ignored, path));
}
