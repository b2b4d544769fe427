import type { EnvironmentRule } from "../clients/github-inspect.ts";
import type { Finding } from "../findings.ts";
import { found } from "./codes.ts";
import { word } from "./shell.ts";

/**
 * Whether an environment admits the default branch and nothing else: what it holds is every admitted branch's, as its
 * workflow files want it.
 * @param repository `owner/name`
 * @param rule undefined where there is no such environment
 */
export function environmentFindings(
  repository: string,
  name: string,
  rule: EnvironmentRule | undefined,
  defaultBranch: string,
): Finding[] {
  const subject = `${repository} ${name}`;
  const path = `repos/${repository}/environments/${encodeURIComponent(name)}`;
  const api = word(path);
  const policies = word(`${path}/deployment-branch-policies`);
  const branch = word(`name=${defaultBranch}`);
  const restrict = `gh api --method PUT ${api} -F 'deployment_branch_policy[protected_branches]=false' -F 'deployment_branch_policy[custom_branch_policies]=true' && gh api --method POST ${policies} -f ${branch}`;
  if (rule === undefined)
    return [
      found("environment-missing", {
        subject,
        text: `There is no environment ${name}: a job that names it makes one that admits every branch.`,
        remedy: `A repository administrator: ${restrict}`,
      }),
    ];
  if (rule.kind !== "patterns")
    return [
      found("environment-admits-others", {
        subject,
        text: `The environment ${name} admits ${rule.kind === "all" ? "every branch and tag" : "every protected branch"}: whoever can push one can use its secrets and its identity.`,
        remedy: `A repository administrator: ${restrict}`,
      }),
    ];
  const isDefault = (one: { name: string; type: string }): boolean =>
    one.type === "branch" && one.name === defaultBranch;
  const others = rule.patterns.filter((one) => !isDefault(one));
  return [
    ...(rule.patterns.some(isDefault) ||
    others.some(({ type, name: pattern }) => type === "branch" && /[*?[]/.test(pattern))
      ? []
      : [
          found("environment-admits-nobody", {
            subject,
            text: `The environment ${name} does not admit the default branch ${defaultBranch}: the gate's jobs are refused.`,
            remedy: `A repository administrator: gh api --method POST ${policies} -f ${branch}`,
          }),
        ]),
    ...others.map(({ name: pattern, type }) =>
      found("environment-admits-others", {
        subject: `${subject} ${pattern}`,
        text: `The environment ${name} also admits the ${type} ${pattern}.`,
        remedy: `A repository administrator: Settings → Environments → ${name} → Deployment branches and tags: remove ${pattern}.`,
      }),
    ),
  ];
}
