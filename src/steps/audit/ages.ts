import { madeAt } from "../../../contract/keys/key-id.ts";
import type { PagesDeployment } from "../../clients/cloudflare-model.ts";
import type { Check, Finding } from "../../findings.ts";
import type { Looked } from "./look-at-all.ts";
import { bundleOf, type Policies } from "./targets.ts";

export interface AgeFacts {
  readonly project: string;
  readonly policies: Policies;
  readonly looked: readonly Looked[];
  /** Id of the deployment that production answers with. */
  readonly live: string | undefined;
  /** Version of the gate that this action deploys. */
  readonly version: string;
  /** Id of the key that the sign-in host signs with; absent where the host does not say. */
  readonly signingKey: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

type Own = Looked & { readonly deployment: PagesDeployment };

/** How many of a kind a finding names; the evidence file has all of them. */
const named = 5;

/** What is closed and yet not as a deployment of today would be. */
export function ageChecks(facts: AgeFacts): Check[] {
  const { project, policies, looked, live, version, signingKey, now } = facts;
  const at = new Date(now).toISOString();
  const own = looked.flatMap(({ target, ...rest }): Own[] =>
    target.kind === "deployment" && target.deployment !== undefined && rest.sighting.verdict !== "nothing"
      ? [{ ...rest, target, deployment: target.deployment }]
      : [],
  );
  const check = (code: string, found: readonly Own[], finding: Wording): Check => ({
    code,
    subject: project,
    at,
    findings: found.length === 0 ? [] : [together(project, found, finding)],
  });
  const gated = own.filter(({ sighting }) => sighting.gate !== undefined);
  const isLive = ({ deployment }: Own) => deployment.id === live;
  const otherPolicy = gated.filter(({ sighting }) => sighting.gate?.policy !== policies.preview.digest);
  const { expires } = policies.preview;
  return [
    check("live-policy", otherPolicy.filter(isLive), wordings.livePolicy),
    check(
      "policy-current",
      otherPolicy.filter((one) => !isLive(one)),
      wordings.oldPolicy,
    ),
    check(
      "gate-current",
      gated.filter(({ sighting }) => sighting.gate?.version !== version),
      wordings.oldGate,
    ),
    check(
      "keys-current",
      own.filter((one) => pinsOld(one, signingKey)),
      wordings.oldKeys,
    ),
    check(
      "wrapped-by-action",
      gated.filter(({ deployment }) => bundleOf(deployment) === undefined),
      wordings.unwrapped,
    ),
    check(
      "previews-expired",
      own.filter((one) => isExpired(one, expires, now)),
      wordings.expired,
    ),
    {
      code: "rules-enforced",
      subject: project,
      at,
      findings: [policies.preview, policies.production].flatMap((policy): Finding[] =>
        policy.report ? [reporting(project, policy.environment)] : [],
      ),
    },
  ];
}

type Wording = Omit<Finding, "subject">;

const developer = { who: "developer" } as const;
const wordings = {
  livePolicy: {
    code: "live-policy-old",
    severity: "wrong",
    text: "Production enforces another policy than the default branch has",
    remedy: "Run the gate workflow for the default branch again.",
    ...developer,
  },
  oldPolicy: {
    code: "policy-old",
    severity: "soon",
    text: "Deployments enforce an older policy than the default branch has; who gets a ticket for them is decided by the new one",
    remedy: "Push to their branches again, or delete them: `command: cleanup` with `older-than`.",
    ...developer,
  },
  oldGate: {
    code: "gate-old",
    severity: "soon",
    text: "Deployments have a gate of another version than this action deploys",
    remedy: "Push to their branches again, or delete them: `command: cleanup` with `older-than`.",
    ...developer,
  },
  oldKeys: {
    code: "keys-old",
    severity: "soon",
    text: "Deployments are older than the key that the sign-in host signs with, so they can't let anybody in while it can't be asked for its keys",
    remedy: "Push to their branches again, or delete them: `command: cleanup` with `older-than`.",
    ...developer,
  },
  unwrapped: {
    code: "not-wrapped",
    severity: "soon",
    text: "Deployments have a gate that this action did not put there: it is whatever their own code makes of it",
    remedy: "Deploy them through the gate workflow, or delete them.",
    ...developer,
  },
  expired: {
    code: "preview-expired",
    severity: "soon",
    text: "Previews are older than `preview.expires` allows",
    remedy: "Delete them: `command: cleanup` with `older-than`.",
    ...developer,
  },
} as const satisfies Record<string, Wording>;

function together(project: string, found: readonly Own[], { text, ...rest }: Wording): Finding {
  const shown = found.slice(0, named).map(({ target }) => target.origin);
  const more = found.length > named ? ` and ${found.length - named} more` : "";
  return { ...rest, subject: project, text: `${text} (${found.length}): ${shown.join(", ")}${more}.` };
}

function reporting(project: string, environment: string): Finding {
  return {
    code: "report-mode",
    severity: "soon",
    subject: project,
    text: `The default branch's policy only reports in ${environment}: everybody is let through.`,
    remedy: 'Take `"mode": "report"` out of gate.json once the log shows what you expect.',
    ...developer,
  };
}

function isExpired({ deployment }: Own, expires: number | undefined, now: number): boolean {
  return (
    expires !== undefined &&
    deployment.environment === "preview" &&
    now - Date.parse(deployment.created_on) > expires * 1000
  );
}

/**
 * A deployment pins the keys that were published when it was made, so one that is older than a key can't have it. The
 * day of a key stands in its id, so of the same day nothing is said.
 */
function pinsOld({ deployment, sighting }: Own, signingKey: string | undefined): boolean {
  const made = signingKey === undefined ? undefined : madeAt(signingKey);
  return (
    made !== undefined && sighting.gate?.role === "site" && Date.parse(deployment.created_on) < made * 1000
  );
}
