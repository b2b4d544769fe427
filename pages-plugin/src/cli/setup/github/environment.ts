import * as v from "valibot";
import { CommandFault } from "../../fault.ts";
import type { SetupContext } from "../context.ts";
import type { Look, StepWork } from "../step.ts";
import { type Call, github, read } from "./client.ts";
import { madeHere, rememberMade } from "./made.ts";
import { requireRepository } from "./repository.ts";

const ruleSchema = v.object({
  type: v.string(),
  wait_timer: v.optional(v.number()),
  prevent_self_review: v.optional(v.boolean()),
  reviewers: v.optional(
    v.array(v.object({ type: v.optional(v.string()), reviewer: v.optional(v.object({ id: v.number() })) })),
  ),
});
const environmentSchema = v.object({
  name: v.string(),
  protection_rules: v.optional(v.array(ruleSchema), []),
  deployment_branch_policy: v.nullish(
    v.object({ protected_branches: v.boolean(), custom_branch_policies: v.boolean() }),
  ),
});
type Environment = v.InferOutput<typeof environmentSchema>;

const policySchema = v.object({ id: v.number(), name: v.string(), type: v.optional(v.string(), "branch") });
const policiesSchema = v.object({ total_count: v.number(), branch_policies: v.array(policySchema) });
type Policy = v.InferOutput<typeof policySchema>;

/** The environment, and that nothing but the default branch may use it. */
export const environmentWork: StepWork = {
  async look(context): Promise<Look> {
    await requireRepository(context);
    const environment = await find(context);
    if (environment === undefined) return { state: "missing" };
    const policy = environment.deployment_branch_policy;
    if (!policy) return { state: "differs", detail: "every branch may use it" };
    if (policy.protected_branches) return { state: "differs", detail: "every protected branch may use it" };
    const policies = await policiesOf(context);
    const others = policies.filter((each) => !isDefaultBranch(context, each));
    if (others.length > 0)
      return { state: "differs", detail: `it admits ${others.map(shown).join(", ")}, too` };
    if (policies.length === 0) return { state: "differs", detail: "no branch may use it" };
    return { state: "done" };
  },

  async apply(context) {
    const { environment: name, defaultBranch } = context.names;
    const changes: string[] = [];
    const before = await find(context);
    if (before?.deployment_branch_policy?.custom_branch_policies !== true) {
      const call: Call = { ...at(context), method: "PUT", body: settings(before), takes: [404] };
      if ((await github(context, call)).status === 404)
        throw new CommandFault(
          "environments-unavailable",
          `GitHub makes no environment in ${context.names.repository}. In private repositories they need GitHub Pro, Team or Enterprise.`,
        );
      changes.push(before === undefined ? `environment ${name} made` : `${name}: only selected branches`);
    }
    if (before === undefined) await rememberMade(context, ["environment"]);
    const policies = await policiesOf(context);
    if (!policies.some((each) => isDefaultBranch(context, each))) {
      const body = { name: defaultBranch, type: "branch" };
      await github(context, { ...policiesAt(context), method: "POST", body, takes: [303] });
      changes.push(`${name} admits ${defaultBranch}`);
    }
    for (const policy of policies.filter((each) => !isDefaultBranch(context, each))) {
      await github(context, { ...policiesAt(context, policy.id), method: "DELETE", takes: [404] });
      changes.push(`${name} no longer admits ${shown(policy)}`);
    }
    return changes;
  },

  async made(context) {
    if (!(await madeHere(context)).has("environment")) return [];
    return [`GitHub environment ${context.names.environment} of ${context.names.repository}`];
  },

  async remove(context) {
    await github(context, { ...at(context), method: "DELETE", takes: [404] });
  },
};

/**
 * A PUT takes back what it leaves out, so what others set is said again; and what nobody set is left out, since GitHub
 * refuses those fields, whatever is in them, where the plan has none of them (private repositories).
 */
function settings(before: Environment | undefined): Record<string, unknown> {
  const rules = before?.protection_rules ?? [];
  const timer = rules.find(({ type }) => type === "wait_timer")?.wait_timer;
  const review = rules.find(({ type }) => type === "required_reviewers");
  const reviewers = review?.reviewers?.map(({ type, reviewer }) => ({ type, id: reviewer?.id }));
  return {
    ...(timer === undefined ? {} : { wait_timer: timer }),
    ...(reviewers === undefined ? {} : { reviewers }),
    ...(review?.prevent_self_review === undefined ? {} : { prevent_self_review: review.prevent_self_review }),
    deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
  };
}

async function find(context: SetupContext): Promise<Environment | undefined> {
  const call: Call = { ...at(context), method: "GET", takes: [404] };
  const answer = await github(context, call);
  return answer.status === 404 ? undefined : read(answer, call, environmentSchema);
}

/** @throws CommandFault github-unreadable where there are more than one page holds: nobody needs that many here */
async function policiesOf(context: SetupContext): Promise<readonly Policy[]> {
  const { path, name } = policiesAt(context);
  const call: Call = { method: "GET", path: `${path}?per_page=100`, name };
  const { branch_policies: all, total_count: total } = read(
    await github(context, call),
    call,
    policiesSchema,
  );
  if (all.length < total)
    throw new CommandFault(
      "github-unreadable",
      `The environment has ${total} branch rules; take most of them away.`,
    );
  return all;
}

/** A rule is a pattern; a branch's name can hold none of a pattern's characters (git-check-ref-format). */
function isDefaultBranch({ names }: SetupContext, { name, type }: Policy): boolean {
  return type === "branch" && name === names.defaultBranch;
}

function shown({ name, type }: Policy): string {
  return `${type} ${name}`;
}

function at({ names }: SetupContext): Pick<Call, "path" | "name"> {
  return {
    path: `/environments/${encodeURIComponent(names.environment)}`,
    name: "/environments/{environment_name}",
  };
}

function policiesAt(context: SetupContext, id?: number): Pick<Call, "path" | "name"> {
  const { path, name } = at(context);
  return {
    path: `${path}/deployment-branch-policies${id === undefined ? "" : `/${id}`}`,
    name: `${name}/deployment-branch-policies${id === undefined ? "" : "/{branch_policy_id}"}`,
  };
}
