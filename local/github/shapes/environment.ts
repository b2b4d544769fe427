import type { Environment, Repository } from "../state/model.ts";
import type { Store } from "../state/store.ts";
import { timestamp } from "../state/store.ts";
import { nodeId, type Schemas, type Urls, userShape } from "./repository.ts";

type Shape = Schemas["environment"];
type Rule = NonNullable<Shape["protection_rules"]>[number];

const tagPrefix = "refs/tags/";

/** An environment with its rules; which branches it admits is in a list of its own. */
export function environmentShape(
  urls: Urls,
  store: Store,
  repository: Repository,
  environment: Environment,
): Shape {
  const { id, name, branches } = environment;
  const at = timestamp(environment.createdAt);
  return {
    id,
    node_id: nodeId("EN", id),
    name,
    url: `${urls.apiUrl}/repos/${repository.fullName}/environments/${encodeURIComponent(name)}`,
    html_url: `${urls.serverUrl}/${repository.fullName}/deployments/activity_log?environments_filter=${encodeURIComponent(name)}`,
    created_at: at,
    updated_at: at,
    protection_rules: rulesOf(urls, store, environment),
    deployment_branch_policy:
      branches === "all"
        ? null
        : { protected_branches: branches === "protected", custom_branch_policies: branches !== "protected" },
  };
}

function rulesOf(urls: Urls, store: Store, environment: Environment): Rule[] {
  const { id, waitTimer, reviewers, preventSelfReview, branches } = environment;
  const rule = (at: number) => ({ id: id * 10 + at, node_id: nodeId("GA", id * 10 + at) });
  const accounts = [...store.accounts.values()];
  const people = reviewers.flatMap(({ id: reviewer }) => {
    const account = accounts.find((each) => each.id === reviewer);
    return account === undefined ? [] : [{ type: "User" as const, reviewer: userShape(urls, account) }];
  });
  return [
    ...(waitTimer === 0 ? [] : [{ ...rule(1), type: "wait_timer", wait_timer: waitTimer }]),
    ...(reviewers.length === 0
      ? []
      : [
          {
            ...rule(2),
            type: "required_reviewers",
            prevent_self_review: preventSelfReview,
            reviewers: people,
          },
        ]),
    ...(branches === "all" ? [] : [{ ...rule(3), type: "branch_policy" }]),
  ];
}

export interface BranchPolicy {
  readonly id: number;
  readonly name: string;
  readonly type: "branch" | "tag";
}

/** The name patterns of an environment that has its own; none for any other. */
export function branchPolicies(store: Store, { branches, patternIds }: Environment): BranchPolicy[] {
  if (typeof branches === "string") return [];
  return branches.map((pattern) => {
    const id = patternIds.get(pattern) ?? store.nextId();
    patternIds.set(pattern, id);
    const tag = pattern.startsWith(tagPrefix);
    return { id, name: tag ? pattern.slice(tagPrefix.length) : pattern, type: tag ? "tag" : "branch" };
  });
}

/** A policy as the environment keeps it. */
export function patternOf({ name, type = "branch" }: { name: string; type?: "branch" | "tag" }): string {
  return type === "tag" ? `${tagPrefix}${name}` : name;
}

export function policyShape(policy: BranchPolicy) {
  return { ...policy, node_id: nodeId("GBP", policy.id) };
}
