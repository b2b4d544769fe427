import { actionErrors } from "../../contract/errors/action.ts";
import type { ActionContext } from "../context.ts";
import { ActionError, asActionError } from "../errors.ts";
import type { Check } from "../findings.ts";
import { saidBy, whoMends } from "../inspect/check.ts";
import type { DefaultBranch } from "./default-branch.ts";
import { compatibilityDate, deployHost } from "./host-deploy.ts";
import { knownApplication, type OwnHostOptions, ownHost } from "./own-host.ts";
import { readPolicy } from "./policy.ts";
import { databaseOf } from "./sign-in-host.ts";
import { toolsFor } from "./tools.ts";

/** What a run without a push did for the sign-in host. */
export interface Renewal {
  readonly check: Check;
  /** What was written, in words; no secret. */
  readonly changes: readonly string[];
}

/**
 * Renews without a push what gets old: the Entra credential at two thirds of its life, signing and cookie keys a step
 * further (key-plan.ts). It is what a push does for the sign-in host, a real authorization request at the end included;
 * no site is deployed, and what only a push may begin is not begun. A failure is the check's one finding.
 * @param deploy as `deployHost`, which a test replaces
 * @returns undefined in a repository that only uses the host
 * @throws ActionError deadline-exceeded
 */
export async function renewHost(
  context: ActionContext,
  branch: DefaultBranch,
  deploy: OwnHostOptions["deployHost"] = deployThis(context, branch),
): Promise<Renewal | undefined> {
  const { inputs, log, now } = context;
  if (inputs.signInHost !== "own") return undefined;
  const subject = inputs.signInHostProject;
  const looked = { code: "renewal", subject, at: new Date(now()).toISOString() };
  try {
    const changes = await log.group("Sign-in host", () => renew(context, branch, deploy));
    return { check: { ...looked, findings: [] }, changes };
  } catch (thrown) {
    const error = asActionError(thrown);
    if (error.code === "deadline-exceeded" || error.code === "unexpected-fault") throw error;
    const text = `Credential and keys could not be looked after: ${saidBy(error)}`;
    const { operator: remedy } = actionErrors[error.code];
    const finding = { code: "renewal-failed", severity: "wrong", subject, text, remedy } as const;
    return { check: { ...looked, findings: [{ ...finding, who: whoMends(error.code) }] }, changes: [] };
  }
}

async function renew(
  context: ActionContext,
  { tip }: DefaultBranch,
  deploy: OwnHostOptions["deployHost"],
): Promise<readonly string[]> {
  const { cloudflare, github, inputs } = context;
  const [policy, site, found] = await Promise.all([
    readPolicy(github, inputs.policyPath, tip),
    cloudflare.project(inputs.projectName),
    cloudflare.project(inputs.signInHostProject),
  ]);
  if (site === undefined) throw new ActionError("project-missing", `Project ${inputs.projectName}.`);
  const gate = await knownApplication(context, found);
  if (found === undefined || databaseOf(found) === undefined || gate === undefined)
    throw new ActionError("sign-in-host-missing", `Pages project ${inputs.signInHostProject}.`);
  const options = { context, site, policy, found, compatibilityDate, gate, deployHost: deploy };
  return (await ownHost(options)).changes;
}

/** Its tools are installed only where the host has to be deployed. */
function deployThis(context: ActionContext, { tip }: DefaultBranch): OwnHostOptions["deployHost"] {
  return async (host, code, bundle) => deployHost(context, await toolsFor(context), host, code, bundle, tip);
}
