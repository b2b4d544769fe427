import type { Finding, Severity, Who } from "../findings.ts";
import { plain } from "./check.ts";

interface Kind {
  readonly severity: Severity;
  readonly who: Who;
  /** `protect` can't do its work while it is so. */
  readonly blocks?: true;
}

const cloudflare = { severity: "wrong", who: "cloudflare" } as const;
const entra = { severity: "wrong", who: "entra" } as const;
const github = { severity: "wrong", who: "github" } as const;
const blocks = { blocks: true } as const;
const soon = { severity: "soon" } as const;

/** Everything that is looked for in settings, with how bad it is and whose hands it needs. */
export const kinds = {
  // The site's Pages project, and the sign-in host's
  "project-fails-open": { ...cloudflare, severity: "open" },
  "project-builds-itself": { ...cloudflare, severity: "open" },
  "branch-is-production": { ...cloudflare, ...blocks },
  "secret-at-site": cloudflare,
  "host-database-elsewhere": cloudflare,
  "host-variable-differs": cloudflare,
  "host-variable-foreign": cloudflare,
  "host-secret-plain": cloudflare,
  "host-preview-settings": cloudflare,
  "host-binding-foreign": cloudflare,
  "host-behind-settings": { ...cloudflare, who: "developer" },
  "domain-inactive": { ...cloudflare, ...soon },
  "domain-unknown": { ...cloudflare, who: "developer" },
  "origin-not-served": cloudflare,
  "project-missing": { ...cloudflare, ...soon, who: "developer" },
  "sign-in-host-missing": { ...cloudflare, ...blocks, who: "developer" },

  // Cloudflare's token
  "cloudflare-token-refused": { ...cloudflare, ...blocks },
  "cloudflare-token-of-user": { ...cloudflare, ...soon },
  "cloudflare-token-ends": { ...cloudflare, ...soon },
  "cloudflare-permission-missing": { ...cloudflare, ...blocks },

  // The gate application
  "application-missing": { ...entra, ...blocks },
  "application-not-single-tenant": entra,
  "application-public-client": entra,
  "implicit-grant": entra,
  "redirect-uri-wildcard": entra,
  "redirect-uri-foreign": entra,
  "redirect-uri-unused": { ...entra, ...soon },
  "redirect-uri-missing": { ...entra, who: "developer" },
  "role-unused": { ...entra, ...soon },
  "role-missing": { ...entra, who: "developer" },
  "role-disabled": entra,
  "claim-missing": { ...entra, who: "developer" },
  "claim-rewrites-groups": entra,
  "group-claims-missing": { ...entra, who: "developer" },
  "group-claims-wide": { ...entra, ...soon },
  "token-version-odd": entra,
  "credential-unknown": entra,
  "credential-ended": { ...entra, who: "developer" },
  "credential-ends": { ...entra, ...soon, who: "developer" },
  "key-ended": { ...entra, who: "developer" },
  "key-ends": { ...entra, ...soon, who: "developer" },
  "owner-missing": { ...entra, ...blocks },
  "owner-extra": entra,
  "principal-missing": { ...entra, who: "developer" },
  "principal-disabled": entra,
  "assignment-not-required": entra,
  "assignment-open": { ...entra, ...soon },
  "nobody-assigned": entra,
  "consent-missing": entra,

  // The automation application
  "automation-has-credential": entra,
  "graph-permission-missing": { ...entra, ...blocks },
  "graph-permission-wide": entra,
  "federation-missing": { ...entra, ...blocks },
  "federation-pull-request": entra,
  "federation-branch": entra,
  "federation-pattern": entra,
  "federation-audience": { ...entra, ...soon },
  "federation-foreign": entra,

  // GitHub
  "id-token-unavailable": { ...github, ...blocks },
  "job-without-environment": github,
  "environment-missing": { ...github, ...blocks },
  "environment-admits-others": github,
  "environment-admits-nobody": { ...github, ...blocks },
  "policy-unusable": { ...github, ...blocks, who: "developer" },
  "workflow-missing": { ...github, ...blocks, who: "developer" },
  "workflow-off": { ...github, ...blocks },
  "workflow-permission-missing": { ...github, ...blocks, who: "developer" },
  "workflow-without-environment": { ...github, who: "developer" },
  "workflow-one-job": { ...github, who: "developer" },
  "schedule-missing": { ...github, ...soon, who: "developer" },
} as const satisfies Readonly<Record<string, Kind>>;

export type FindingCode = keyof typeof kinds;

/** What of a finding its code does not say. */
export interface Particulars {
  readonly subject: string;
  readonly text: string;
  readonly remedy: string;
}

/** A command is of use as a whole only. */
const command = 4_000;

/** A finding of a known kind; what comes from outside is made harmless here. */
export function found(code: FindingCode, { subject, text, remedy }: Particulars): Finding {
  const { severity, who } = kinds[code];
  return { code, severity, subject: plain(subject), text: plain(text), remedy: plain(remedy, command), who };
}

/** Whether `protect` can't do its work while this is so. */
export function blocksProtect({ code }: Finding): boolean {
  const kind: Kind | undefined = kinds[code as FindingCode];
  return kind?.blocks === true;
}
