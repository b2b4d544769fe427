import * as v from "valibot";
import { ApiError, notFound } from "../api/errors.ts";
import { page } from "../api/paging.ts";
import { RawAnswer, type Route, route } from "../api/router.ts";
import { branchPolicies, environmentShape, patternOf, policyShape } from "../shapes/environment.ts";
import type { Environment, Repository } from "../state/model.ts";

const read = [["actions", "read"]] as const;

const one = "/repos/{owner}/{repo}/environments/{environment_name}";
const policies = `${one}/deployment-branch-policies` as const;

const settings = v.nullable(
  v.strictObject({
    wait_timer: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(43_200))),
    prevent_self_review: v.optional(v.boolean()),
    reviewers: v.optional(
      v.nullable(
        v.pipe(
          v.array(v.strictObject({ type: v.picklist(["User", "Team"]), id: v.number() })),
          v.maxLength(6),
        ),
      ),
    ),
    deployment_branch_policy: v.optional(
      v.nullable(v.strictObject({ protected_branches: v.boolean(), custom_branch_policies: v.boolean() })),
    ),
  }),
);

const newPolicy = v.strictObject({
  name: v.pipe(v.string(), v.minLength(1)),
  type: v.optional(v.picklist(["branch", "tag"])),
});

/** Environments, and which branches may use them. Only administrators change them. */
export const environmentRoutes: readonly Route[] = [
  route("get", "/repos/{owner}/{repo}/environments", read, null, ({ api, url, repository }) => {
    const all = [...repository.environments.values()];
    const { items, headers } = page(url, all);
    const environments = items.map((each) => environmentShape(api, api.store, repository, each));
    return { headers, body: { total_count: all.length, environments } };
  }),

  route("get", one, read, null, ({ api, repository, params }) => ({
    body: environmentShape(api, api.store, repository, environmentOf(repository, params)),
  })),

  route("put", one, "administrator", settings, ({ api, repository, params, body }) => {
    const policy = body?.deployment_branch_policy ?? null;
    if (policy !== null && policy.protected_branches === policy.custom_branch_policies)
      throw new ApiError(
        422,
        "Validation Failed: protected_branches and custom_branch_policies cannot have the same value",
      );
    const environment = api.store.environment(repository, params["environment_name"] ?? "");
    // What is left out is taken back to its default; patterns stay while there are any.
    environment.waitTimer = body?.wait_timer ?? 0;
    environment.reviewers = body?.reviewers ?? [];
    environment.preventSelfReview = body?.prevent_self_review ?? false;
    if (policy === null) environment.branches = "all";
    else if (policy.protected_branches) environment.branches = "protected";
    else if (typeof environment.branches === "string") environment.branches = [];
    return { body: environmentShape(api, api.store, repository, environment) };
  }),

  route("delete", one, "administrator", null, ({ repository, params }) => {
    repository.environments.delete(environmentOf(repository, params).name.toLowerCase());
    return { status: 204, body: null };
  }),

  route("get", policies, read, null, ({ api, url, repository, params }) => {
    const all = branchPolicies(api.store, environmentOf(repository, params));
    const { items, headers } = page(url, all);
    return { headers, body: { total_count: all.length, branch_policies: items.map(policyShape) } };
  }),

  route("post", policies, "administrator", newPolicy, (call) => {
    const { api, repository, params, body } = call;
    const environment = environmentOf(repository, params);
    if (typeof environment.branches === "string") throw notFound();
    const { name, type = "branch" } = body;
    const pattern = patternOf({ name, type });
    if (environment.branches.includes(pattern)) return new RawAnswer(303, {});
    environment.branches = [...environment.branches, pattern];
    const made = branchPolicies(api.store, environment).find((each) => patternOf(each) === pattern);
    if (made === undefined) throw new Error(`${pattern} was not kept`);
    return { body: policyShape(made) };
  }),

  route("delete", `${policies}/{branch_policy_id}`, "administrator", null, ({ api, repository, params }) => {
    const environment = environmentOf(repository, params);
    const policy = branchPolicies(api.store, environment).find(
      ({ id }) => id === Number(params["branch_policy_id"]),
    );
    if (policy === undefined || typeof environment.branches === "string") throw notFound();
    environment.branches = environment.branches.filter((pattern) => pattern !== patternOf(policy));
    environment.patternIds.delete(patternOf(policy));
    return { status: 204, body: null };
  }),
];

/** @throws ApiError 404 */
export function environmentOf(repository: Repository, params: Readonly<Record<string, string>>): Environment {
  const environment = repository.environments.get((params["environment_name"] ?? "").toLowerCase());
  if (environment === undefined) throw notFound();
  return environment;
}
