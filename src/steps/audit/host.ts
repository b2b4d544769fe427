import type { HostStatus } from "../../../contract/config/site.ts";
import type { Project } from "../../clients/cloudflare-model.ts";
import type { ActionContext } from "../../context.ts";
import type { Check, Finding } from "../../findings.ts";
import { originOfHost } from "../../origins.ts";
import { readHostStatus } from "../sign-in-status.ts";
import { listDeployments } from "./list.ts";

export interface HostSeen {
  readonly status: HostStatus | undefined;
  readonly checks: readonly Check[];
}

/**
 * The sign-in host as it answers, and what is left of older ones: each deployment keeps the keys that it was made with.
 * @param host its project; undefined where there is none
 * @throws ActionError cloudflare-*, service-*
 */
export async function lookAtHost(context: ActionContext, host: Project | undefined): Promise<HostSeen> {
  const { cloudflare, http, inputs, now } = context;
  const subject = inputs.signInHostProject;
  const at = new Date(now()).toISOString();
  const status = host && (await readHostStatus(http, originOfHost(host.subdomain)));
  const answers: Check = {
    code: "host-answers",
    subject,
    at,
    findings: status === undefined ? [silent(subject)] : [],
  };
  if (host === undefined) return { status, checks: [answers] };
  const { deployments, complete } = await listDeployments(cloudflare, host.name);
  const old = deployments.filter(({ id }) => id !== host.canonical_deployment?.id);
  const findings = [
    ...(old.length > 0 ? [leftOver(subject, old.length, inputs.signInHost)] : []),
    ...(complete ? [] : [unlisted(subject)]),
  ];
  return { status, checks: [answers, { code: "host-deployments", subject, at, findings }] };
}

function silent(subject: string): Finding {
  return {
    code: "host-silent",
    severity: "wrong",
    subject,
    text: "The sign-in host does not answer as one: nobody can sign in.",
    remedy: "Run the gate workflow for the default branch of the repository that owns the sign-in host.",
    who: "developer",
  };
}

function leftOver(subject: string, count: number, ownership: "own" | "use"): Finding {
  const run = "Run the gate workflow for the default branch";
  return {
    code: "host-old-deployment",
    severity: "wrong",
    subject,
    text: `${count} older deployments of the sign-in host are still there, with the keys that they were made with.`,
    remedy:
      ownership === "own"
        ? `${run}; when it has deployed the host, it deletes the older ones. By hand: npx wrangler pages deployment delete <id> --project-name ${subject}`
        : `${run} in the repository that owns the sign-in host.`,
    who: "developer",
  };
}

function unlisted(subject: string): Finding {
  return {
    code: "list-incomplete",
    severity: "wrong",
    subject,
    text: "The list of the sign-in host's deployments kept changing while it was read.",
    remedy: "Run the audit again when nothing else deploys or deletes.",
    who: "developer",
  };
}
