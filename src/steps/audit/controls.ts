/** One control that a check is evidence for. */
export interface Control {
  readonly framework: "SOC 2" | "ISO 27001:2022";
  readonly id: string;
  readonly title: string;
}

/**
 * Titles in short. Sources: AICPA, 2017 Trust Services Criteria with revised points of focus (2022), CC6 and CC7;
 * ISO/IEC 27001:2022, Annex A.
 */
export const controls = {
  "CC6.1": { framework: "SOC 2", title: "Logical access security over protected information" },
  "CC6.2": { framework: "SOC 2", title: "Users are registered and authorised before they are given access" },
  "CC6.3": {
    framework: "SOC 2",
    title: "Access is granted, changed and removed by role and least privilege",
  },
  "CC6.6": { framework: "SOC 2", title: "Protection against threats from outside the system boundary" },
  "CC7.2": { framework: "SOC 2", title: "Components are monitored for anomalies" },
  "A.5.15": { framework: "ISO 27001:2022", title: "Access control" },
  "A.5.16": { framework: "ISO 27001:2022", title: "Identity management" },
  "A.5.17": { framework: "ISO 27001:2022", title: "Authentication information" },
  "A.5.18": { framework: "ISO 27001:2022", title: "Access rights" },
  "A.8.2": { framework: "ISO 27001:2022", title: "Privileged access rights" },
  "A.8.3": { framework: "ISO 27001:2022", title: "Information access restriction" },
  "A.8.5": { framework: "ISO 27001:2022", title: "Secure authentication" },
  "A.8.9": { framework: "ISO 27001:2022", title: "Configuration management" },
  "A.8.16": { framework: "ISO 27001:2022", title: "Monitoring activities" },
  "A.8.24": { framework: "ISO 27001:2022", title: "Use of cryptography" },
  "A.8.31": {
    framework: "ISO 27001:2022",
    title: "Separation of development, test and production environments",
  },
} as const satisfies Record<string, Omit<Control, "id">>;

export type ControlId = keyof typeof controls;

/** Which checks are evidence for which controls, and what each looks at: the one table of it. */
export const evidenceFor: Readonly<
  Record<string, { readonly what: string; readonly of: readonly ControlId[] }>
> = {
  "deployments-listed": {
    what: "Every deployment of the project is known",
    of: ["CC6.1", "CC7.2", "A.8.9", "A.8.16"],
  },
  "addresses-closed": {
    what: "Every deployment, alias and domain, asked from outside without a session, shows nothing that the policy does not let anyone see",
    of: ["CC6.1", "CC6.6", "CC7.2", "A.5.15", "A.8.3", "A.8.16", "A.8.31"],
  },
  "live-policy": {
    what: "Production enforces the policy that the default branch has",
    of: ["CC6.3", "A.5.18", "A.8.3", "A.8.9"],
  },
  "policy-current": {
    what: "Other deployments enforce the policy that the default branch has",
    of: ["CC6.3", "A.5.18", "A.8.9"],
  },
  "gate-current": {
    what: "Deployments have the gate of this version",
    of: ["CC6.6", "A.8.9"],
  },
  "keys-current": {
    what: "Deployments hold the key that the sign-in host signs with",
    of: ["CC6.1", "A.8.5", "A.8.24"],
  },
  "wrapped-by-action": {
    what: "The gate was put in front by the action, not by the deployment's own code",
    of: ["CC6.6", "A.8.9", "A.8.31"],
  },
  "previews-expired": {
    what: "No preview is older than the policy allows",
    of: ["CC6.3", "A.5.18", "A.8.31"],
  },
  "rules-enforced": {
    what: "The policy's rules are enforced, not only reported",
    of: ["CC6.1", "CC6.2", "A.5.15", "A.8.3"],
  },
  "host-answers": {
    what: "The sign-in host answers with keys that are in use",
    of: ["CC6.1", "A.5.16", "A.8.5"],
  },
  "host-deployments": {
    what: "No older deployment of the sign-in host keeps older keys",
    of: ["CC6.1", "A.5.17", "A.8.24"],
  },
  renewal: {
    what: "Credential and keys of the sign-in host are renewed in time",
    of: ["CC6.1", "A.5.17", "A.8.24"],
  },
  "site-settings": {
    what: "The site's project fails closed, is not built by Cloudflare itself, and holds nothing of the sign-in host's, in both environments",
    of: ["CC6.1", "CC6.6", "A.8.9", "A.8.31"],
  },
  domains: {
    what: "Cloudflare and the sign-in host know the same domains of the site",
    of: ["CC6.6", "A.8.3", "A.8.9"],
  },
  "host-settings": {
    what: "The sign-in host has the variables, secrets and bindings that the action wrote, and no others",
    of: ["CC6.1", "CC7.2", "A.8.9"],
  },
  "host-keys": {
    what: "Signing and cookie keys in use are within their life",
    of: ["CC6.1", "A.8.24"],
  },
  application: {
    what: "The gate application is of this tenant alone, without implicit grant and public client flows",
    of: ["CC6.1", "A.5.16", "A.8.5"],
  },
  "redirect-uris": {
    what: "Entra sends codes to the sign-in host and nowhere else",
    of: ["CC6.1", "CC6.6", "A.8.5", "A.8.9"],
  },
  "app-roles": {
    what: "The application's roles are those that sites name",
    of: ["CC6.2", "CC6.3", "A.5.15", "A.5.18"],
  },
  claims: {
    what: "Tokens carry the claims that the sign-in host decides by, and groups by their ids",
    of: ["CC6.2", "A.5.16", "A.8.5"],
  },
  credentials: {
    what: "The gate application has the action's own credential and no other, within its life",
    of: ["CC6.1", "A.5.17", "A.8.5"],
  },
  owners: {
    what: "The automation alone owns the gate application",
    of: ["CC6.1", "CC6.3", "A.5.15", "A.8.2"],
  },
  assignment: {
    what: "The enterprise application lets in those who are assigned, where people are",
    of: ["CC6.2", "A.5.15", "A.5.18"],
  },
  consent: {
    what: "An administrator has consented to the permissions that signing in takes",
    of: ["CC6.2", "A.5.16"],
  },
  "gate-federation": {
    what: "The gate application trusts no issuer but its own sign-in host",
    of: ["CC6.1", "A.5.16", "A.8.2"],
  },
  "automation-federation": {
    what: "The automation is trusted for environments, never for branches or pull requests",
    of: ["CC6.1", "CC6.3", "A.5.15", "A.8.2"],
  },
  "automation-credentials": {
    what: "The automation has no secret and no certificate",
    of: ["CC6.1", "A.5.17", "A.8.2"],
  },
  "graph-permission": {
    what: "The automation's permission at Microsoft Graph reaches no further than what it owns",
    of: ["CC6.3", "A.8.2"],
  },
};
