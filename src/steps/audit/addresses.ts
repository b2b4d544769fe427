import type { Check, Finding } from "../../findings.ts";
import type { Listed } from "./list.ts";
import type { Looked } from "./look-at-all.ts";

export interface AddressFacts {
  readonly project: string;
  readonly listed: Listed;
  readonly looked: readonly Looked[];
  /** Id of the deployment that production answers with. */
  readonly live: string | undefined;
  /** ISO 8601. */
  readonly at: string;
}

/** Whether every address of a project was found, and found closed. */
export function addressChecks({ project, listed, looked, live, at }: AddressFacts): Check[] {
  return [
    {
      code: "deployments-listed",
      subject: project,
      at,
      findings: listed.complete ? [] : [incomplete(project)],
    },
    {
      code: "addresses-closed",
      subject: project,
      at,
      findings: looked.flatMap((one) => findingOf(one, live) ?? []),
    },
  ];
}

function incomplete(project: string): Finding {
  return {
    code: "list-incomplete",
    severity: "wrong",
    subject: project,
    text: "The list of deployments kept changing while it was read, or Cloudflare did not say how long it is: a deployment may have been missed.",
    remedy: "Run the audit again when nothing else deploys or deletes.",
    who: "developer",
  };
}

function findingOf({ target, sighting, deleted }: Looked, live: string | undefined): Finding | undefined {
  const { verdict, reason } = sighting;
  const { origin, kind, deployment, expected } = target;
  const where = `${kind} in ${expected.environment}`;
  if (verdict === "open")
    return {
      code: "address-open",
      severity: "open",
      subject: origin,
      text: `Shows something to somebody who is not signed in (${where}): ${reason}.`,
      remedy: deleted
        ? "Its deployment was deleted, and Cloudflare goes on showing it. Run the audit again; if it stays, ask Cloudflare's support to purge it."
        : remedyFor(kind, deployment !== undefined && deployment.id === live),
      who: "developer",
    };
  if (verdict !== "unproven") return undefined;
  return {
    code: "address-unproven",
    severity: "wrong",
    subject: origin,
    text: `Could not be proved closed (${where}): ${reason}.`,
    remedy:
      "Open it in a browser without a session. If it shows anything, delete the deployment; if nothing answers there any more, remove the deployment or the domain from the project.",
    who: kind === "domain" ? "cloudflare" : "developer",
  };
}

function remedyFor(kind: Looked["target"]["kind"], live: boolean): string {
  const again = "Run the gate workflow for the default branch again: its deployment takes production over";
  if (live) return `${again}. The live production deployment can't be deleted; this one can then be.`;
  if (kind === "domain")
    return `${again}. If it stays, the domain does not lead to this project: take it out of the project's custom domains.`;
  if (kind === "alias")
    return "Delete the deployments of this branch, or push to it again; with `delete-ungated: true` this command deletes those that are open.";
  return "Delete the deployment: run this command with `delete-ungated: true`, or `npx wrangler pages deployment delete <id> --project-name <project> --force`.";
}
