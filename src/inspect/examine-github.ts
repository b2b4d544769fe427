import type { ActionContext } from "../context.ts";
import { ActionError, asActionError } from "../errors.ts";
import type { Check, Finding } from "../findings.ts";
import { readPolicy } from "../steps/policy.ts";
import { look, saidBy } from "./check.ts";
import { found } from "./codes.ts";
import { environmentFindings } from "./environment.ts";
import { type JobToken, jobToken } from "./subject.ts";
import { actionUses } from "./workflow-file.ts";
import { workflows } from "./workflows.ts";

export interface GitHubSide {
  readonly checks: readonly Check[];
  /** Undefined where the job may not have one. */
  readonly token: JobToken | undefined;
}

/**
 * GitHub's side of a set-up: this job's identity, the policy and the workflow files of the default branch, and the
 * environments that they name.
 * @throws ActionError deadline-exceeded, github-* where not even the repository can be read
 */
export async function examineGitHub(context: ActionContext): Promise<GitHubSide> {
  const { github, inputs, now, runner, env } = context;
  const { defaultBranch, fullName } = await github.repository();
  const tip = await github.branchTip(defaultBranch);
  let token: JobToken | undefined;
  const identity = await look(now, {
    code: "job-identity",
    subject: runner.repository,
    work: async () => {
      try {
        token = await jobToken(context);
      } catch (thrown) {
        return [withoutToken(runner.repository, thrown)];
      }
      return token.environment === "" ? [withoutEnvironment(runner.repository, token)] : [];
    },
  });
  const uses = await usesOf(context, tip, env["GITHUB_ACTION_REPOSITORY"] ?? "");
  const names = new Set([
    ...(token === undefined || token.environment === "" ? [] : [token.environment]),
    ...uses.map(({ environment }) => environment).filter((name) => name !== "" && !name.includes("${{")),
  ]);
  const checks = await Promise.all([
    look(now, {
      code: "policy",
      subject: inputs.policyPath,
      work: () => policyFindings(context, tip),
    }),
    look(now, {
      code: "workflows",
      subject: fullName,
      work: async () => workflows(fullName, uses, await github.workflowStates()),
    }),
    ...[...names].map((name) =>
      look(now, {
        code: "environment",
        subject: `${fullName} ${name}`,
        work: async () =>
          environmentFindings(fullName, name, await github.environmentRule(name), defaultBranch),
      }),
    ),
  ]);
  return { checks: [identity, ...checks], token };
}

async function usesOf({ github }: ActionContext, tip: string, action: string) {
  const paths = await github.workflowPaths(tip);
  const texts = await Promise.all(
    paths.map(async (path) => ({ path, text: (await github.fileAt(path, tip)) ?? "" })),
  );
  return texts.flatMap(({ path, text }) => actionUses(path, text, action));
}

async function policyFindings({ github, inputs }: ActionContext, tip: string): Promise<Finding[]> {
  try {
    await readPolicy(github, inputs.policyPath, tip);
    return [];
  } catch (thrown) {
    const error = asActionError(thrown);
    if (!error.code.startsWith("policy-")) throw error;
    return [
      found("policy-unusable", {
        subject: inputs.policyPath,
        text: `The default branch's policy can't be used. ${saidBy(error)}`,
        remedy: "npx entra-gate test says the same at your desk; npx entra-gate init writes a first one.",
      }),
    ];
  }
}

function withoutToken(subject: string, thrown: unknown): Finding {
  const error = asActionError(thrown);
  if (!(thrown instanceof ActionError) || error.code !== "id-token-unavailable") throw error;
  return found("id-token-unavailable", {
    subject,
    text: "This job may not ask GitHub for an ID token, so that it is nobody to Entra.",
    remedy: "A maintainer adds `id-token: write` under `permissions:` of the job.",
  });
}

function withoutEnvironment(subject: string, { sub }: JobToken): Finding {
  return found("job-without-environment", {
    subject,
    text: `This job runs in no environment; its subject is ${sub}.`,
    remedy: "Add `environment: entra-gate` to the job: the identity belongs to that environment alone.",
  });
}
