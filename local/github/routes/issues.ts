import { array, nullable, optional, picklist, strictObject, string } from "valibot";
import { roleOf } from "../api/api.ts";
import { ApiError, notFound, validationFailed } from "../api/errors.ts";
import { listed } from "../api/paging.ts";
import { type ApiCall, type Route, route } from "../api/router.ts";
import { issueShape, pullRequestIssueShape } from "../shapes/issue.ts";
import type { Issue, PullRequest, Repository } from "../state/model.ts";

const read = [["issues", "read"]] as const;
const write = [["issues", "write"]] as const;

const fields = {
  body: optional(nullable(string())),
  labels: optional(array(string())),
  assignees: optional(array(string())),
  milestone: optional(nullable(string())),
};
const newIssue = strictObject({ title: string(), ...fields });
const changes = strictObject({
  title: optional(string()),
  ...fields,
  state: optional(picklist(["open", "closed"])),
  state_reason: optional(nullable(picklist(["completed", "not_planned", "duplicate", "reopened"]))),
});
const longestBody = 65_536;
const longestTitle = 256;

/** Issues: listed (pull requests among them, as GitHub does), one, new, changed. */
export const issueRoutes: readonly Route[] = [
  route("get", "/repos/{owner}/{repo}/issues", read, null, ({ api, url, query, repository }) => {
    requireIssues(repository);
    const wanted = filtersOf(query);
    if (wanted.creator !== null && !api.store.accounts.has(wanted.creator.toLowerCase()))
      throw validationFailed("Issue", "creator", "The listed users cannot be searched");
    const found = [...repository.issues.values(), ...repository.pulls.values()].filter((one) =>
      passes(one, wanted),
    );
    found.sort((a, b) => wanted.order(a, b) || b.number - a.number);
    return listed(url, found, (one) =>
      "head" in one ? pullRequestIssueShape(api, repository, one) : issueShape(api, repository, one),
    );
  }),

  route("get", "/repos/{owner}/{repo}/issues/{issue_number}", read, null, (call) => {
    requireIssues(call.repository);
    return { body: issueShape(call.api, call.repository, issueOf(call)) };
  }),

  route("post", "/repos/{owner}/{repo}/issues", write, newIssue, ({ api, repository, grant, body }) => {
    requireIssues(repository);
    check(body.title, body.body);
    const now = api.store.clock.now();
    const pushes = grant.kind === "job" || ["admin", "write"].includes(roleOf(repository, grant.account));
    const issue: Issue = {
      id: api.store.nextId(),
      number: repository.pulls.size + repository.issues.size + 1,
      user: grant.account,
      title: body.title,
      body: body.body ?? null,
      state: "open",
      stateReason: null,
      // Without push access labels are dropped without a word.
      labels: new Set(pushes ? body.labels : []),
      createdAt: now,
      updatedAt: now,
      closedAt: undefined,
    };
    repository.issues.set(issue.number, issue);
    return { status: 201, body: issueShape(api, repository, issue) };
  }),

  route("patch", "/repos/{owner}/{repo}/issues/{issue_number}", write, changes, (call) => {
    const { api, repository, body, grant } = call;
    requireIssues(repository);
    const issue = issueOf(call);
    const editor = grant.kind === "job" || ["admin", "write"].includes(roleOf(repository, grant.account));
    if (!editor && issue.user !== grant.account)
      throw new ApiError(403, "Must have admin rights to Repository.");
    check(body.title ?? issue.title, body.body);
    const now = api.store.clock.now();
    if (body.title !== undefined) issue.title = body.title;
    if (body.body !== undefined) issue.body = body.body;
    if (body.labels !== undefined) {
      issue.labels.clear();
      for (const label of body.labels) issue.labels.add(label);
    }
    if (body.state !== undefined && body.state !== issue.state) {
      issue.state = body.state;
      issue.closedAt = body.state === "closed" ? now : undefined;
      issue.stateReason = body.state_reason ?? (body.state === "closed" ? "completed" : "reopened");
    }
    issue.updatedAt = now;
    return { body: issueShape(api, repository, issue) };
  }),
];

interface Filters {
  readonly state: string;
  readonly creator: string | null;
  readonly labels: readonly string[];
  order(a: Issue | PullRequest, b: Issue | PullRequest): number;
}

function filtersOf(query: URLSearchParams): Filters {
  const state = query.get("state") ?? "open";
  const sort = query.get("sort") ?? "created";
  const direction = query.get("direction") ?? "desc";
  if (!["open", "closed", "all"].includes(state)) throw new ApiError(422, "Validation Failed");
  if (!["created", "updated"].includes(sort)) throw new ApiError(422, "Validation Failed");
  if (!["asc", "desc"].includes(direction)) throw new ApiError(422, "Validation Failed");
  const by = sort === "created" ? "createdAt" : "updatedAt";
  const sign = direction === "desc" ? -1 : 1;
  return {
    state,
    creator: query.get("creator"),
    labels: (query.get("labels") ?? "").split(",").filter((label) => label !== ""),
    order: (a, b) => sign * (a[by] - b[by]),
  };
}

function passes(one: Issue | PullRequest, { state, creator, labels }: Filters): boolean {
  return (
    (state === "all" || one.state === state) &&
    (creator === null || one.user.login.toLowerCase() === creator.toLowerCase()) &&
    labels.every((label) => one.labels.has(label))
  );
}

function issueOf({ repository, params }: Pick<ApiCall<unknown>, "repository" | "params">): Issue {
  const issue = repository.issues.get(Number(params["issue_number"]));
  if (issue === undefined) throw notFound();
  return issue;
}

function requireIssues({ hasIssues }: Repository): void {
  if (!hasIssues) throw new ApiError(410, "Issues are disabled for this repo");
}

function check(title: string, body: string | null | undefined): void {
  if (title.trim() === "") throw validationFailed("Issue", "title", "title can't be blank");
  if (title.length > longestTitle)
    throw validationFailed("Issue", "title", `title is too long (maximum is ${longestTitle} characters)`);
  if ((body?.length ?? 0) > longestBody)
    throw validationFailed("Issue", "body", `body is too long (maximum is ${longestBody} characters)`);
}
