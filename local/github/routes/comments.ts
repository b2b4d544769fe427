import { strictObject, string } from "valibot";
import { roleOf } from "../api/api.ts";
import { ApiError, notAccessible, notFound, validationFailed } from "../api/errors.ts";
import { listed } from "../api/paging.ts";
import { type ApiCall, type Route, route } from "../api/router.ts";
import { commentShape } from "../shapes/deployment.ts";
import { userShape } from "../shapes/repository.ts";
import type { IssueComment, Repository } from "../state/model.ts";

const read = [
  ["issues", "read"],
  ["pull-requests", "read"],
] as const;
const write = [
  ["issues", "write"],
  ["pull-requests", "write"],
] as const;
const commentBody = strictObject({ body: string() });
const longestBody = 65_536;

/** Comments on issues and pull requests (issues, too, to this API), oldest first. */
export const commentRoutes: readonly Route[] = [
  route("get", "/repos/{owner}/{repo}/issues/{issue_number}/comments", read, null, (call) => {
    const { api, url, repository } = call;
    const issue = issueOf(call);
    const comments = repository.comments.filter((comment) => comment.issue === issue);
    return listed(url, comments, (comment) => commentShape(api, repository, comment));
  }),

  route("post", "/repos/{owner}/{repo}/issues/{issue_number}/comments", write, commentBody, (call) => {
    const { api, repository, grant, body } = call;
    const issue = issueOf(call);
    checkBody(body.body);
    const now = api.store.clock.now();
    const comment: IssueComment = {
      id: api.store.nextId(),
      issue,
      user: grant.account,
      body: body.body,
      createdAt: now,
      updatedAt: now,
    };
    repository.comments.push(comment);
    return { status: 201, body: commentShape(api, repository, comment) };
  }),

  route(
    "get",
    "/repos/{owner}/{repo}/issues/comments/{comment_id}",
    read,
    null,
    ({ api, repository, params }) => ({
      body: commentShape(api, repository, find(repository, params)),
    }),
  ),

  route("patch", "/repos/{owner}/{repo}/issues/comments/{comment_id}", write, commentBody, (call) => {
    const { api, repository, params, grant, body } = call;
    checkBody(body.body);
    const comment = find(repository, params);
    const editor = grant.kind === "job" || ["admin", "write"].includes(roleOf(repository, grant.account));
    if (!editor && comment.user !== grant.account)
      throw new ApiError(403, "Must have admin rights to Repository.");
    comment.body = body.body;
    comment.updatedAt = api.store.clock.now();
    return { body: commentShape(api, repository, comment) };
  }),

  route("get", "/user", [], null, ({ api, grant }) => {
    if (grant.kind === "job") throw notAccessible("");
    return { body: userShape(api, grant.account) };
  }),

  route("get", "/users/{username}", [], null, ({ api, params }) => {
    const account = api.store.accounts.get((params["username"] ?? "").toLowerCase());
    if (account === undefined) throw notFound();
    return { body: userShape(api, account) };
  }),
];

function issueOf({ repository, params }: Pick<ApiCall<unknown>, "repository" | "params">): number {
  const number = Number(params["issue_number"]);
  if (!repository.pulls.has(number) && !repository.issues.has(number)) throw notFound();
  return number;
}

function find(repository: Repository, params: Readonly<Record<string, string>>): IssueComment {
  const comment = repository.comments.find(({ id }) => id === Number(params["comment_id"]));
  if (comment === undefined) throw notFound();
  return comment;
}

function checkBody(body: string): void {
  if (body.trim() === "") throw validationFailed("IssueComment", "body", "body cannot be blank");
  if (body.length > longestBody) {
    throw validationFailed("IssueComment", "body", `body is too long (maximum is ${longestBody} characters)`);
  }
}
