import type { Project } from "../clients/cloudflare-model.ts";
import type { ActionContext } from "../context.ts";
import { asActionError } from "../errors.ts";
import type { Check, Finding } from "../findings.ts";
import { originOfHost } from "../origins.ts";
import { databaseOf, rememberedClientId } from "../steps/sign-in-host.ts";
import { readHostStatus } from "../steps/sign-in-status.ts";
import { look, saidBy } from "./check.ts";
import { found } from "./codes.ts";
import { hostSettings } from "./host-settings.ts";
import { buildsItself, failsOpen, siteProject } from "./project.ts";

export interface CloudflareSide {
  readonly checks: readonly Check[];
  /** The sign-in host's project, where there is one and it may be read. */
  readonly host: Project | undefined;
}

const soon = 30 * 86_400_000;

/**
 * Cloudflare's side of a set-up: the token, what it may, and both projects. Reads only, which is why what a token may
 * write stays unknown.
 * @throws ActionError deadline-exceeded
 */
export async function examineCloudflare(context: ActionContext): Promise<CloudflareSide> {
  const { cloudflare, inputs, now } = context;
  const { cloudflareAccountId: account, projectName, signInHostProject } = inputs;
  let site: Project | undefined;
  let host: Project | undefined;
  const about = (code: string, subject: string, work: () => Promise<Finding[]>) =>
    look(now, { code, subject, work });
  const token = await about("cloudflare-token", account, () => tokenFindings(context));
  if (token.findings.some(({ code }) => code === "cloudflare-token-refused"))
    return { checks: [token], host: undefined };
  const access = await about("cloudflare-permissions", account, async () => [
    ...(await permitted(account, "Account · Cloudflare Pages · Edit", async () => {
      [site, host] = await Promise.all([
        cloudflare.project(projectName),
        cloudflare.project(signInHostProject),
      ]);
    })),
    ...(await permitted(account, "Account · D1 · Edit", async () => {
      await cloudflare.findDatabase(signInHostProject);
    })),
  ]);
  const mayWrite: Check = {
    code: "cloudflare-may-write",
    subject: account,
    at: new Date(now()).toISOString(),
    findings: [],
    notChecked: {
      why: "Whether the token may edit or only read shows when something is written, which this command never does.",
      remedy:
        "Look yourself: Cloudflare dashboard → Manage account → Account API tokens → the token's permissions.",
      who: "cloudflare",
    },
  };
  const seen = access.findings.length === 0 && access.notChecked === undefined;
  const projects = seen
    ? await Promise.all([
        about("site-project", projectName, async () => siteFindings(projectName, site, host)),
        about("sign-in-host", signInHostProject, async () => hostFindings(context, host)),
      ])
    : [];
  return { checks: [token, access, mayWrite, ...projects], host };
}

async function tokenFindings({ cloudflare, inputs, now }: ActionContext): Promise<Finding[]> {
  const subject = inputs.cloudflareAccountId;
  const make =
    "A Super Administrator: Cloudflare dashboard → Manage account → Account API tokens → Create, with Cloudflare Pages · Edit and D1 · Edit; then gh secret set CLOUDFLARE_API_TOKEN --env entra-gate";
  const token = await cloudflare.token();
  if (token === undefined)
    return [
      found("cloudflare-token-refused", {
        subject,
        text: "Cloudflare takes the token neither as this account's nor as a user's, or it is not active.",
        remedy: make,
      }),
    ];
  const end = Date.parse(token.expiresOn ?? "");
  return [
    ...(token.kind === "account"
      ? []
      : [
          found("cloudflare-token-of-user", {
            subject,
            text: "The token is a user's own: it ends when that person leaves the account, and reaches what the person reaches.",
            remedy: make,
          }),
        ]),
    ...(end - now() < soon
      ? [
          found("cloudflare-token-ends", {
            subject,
            text: `The token ends on ${token.expiresOn?.slice(0, 10)}.`,
            remedy: make,
          }),
        ]
      : []),
  ];
}

/** A missing permission is the very thing that is looked for here. */
async function permitted(subject: string, permission: string, read: () => Promise<void>): Promise<Finding[]> {
  try {
    await read();
    return [];
  } catch (thrown) {
    const error = asActionError(thrown);
    if (error.code !== "cloudflare-permission-missing") throw error;
    return [
      found("cloudflare-permission-missing", {
        subject: `${subject} ${permission}`,
        text: `The token lacks ${permission}. ${saidBy(error)}`,
        remedy: `Whoever may edit the token (Super Administrator) adds ${permission}.`,
      }),
    ];
  }
}

/** What a push would make is no fault, and said all the same. */
function siteFindings(name: string, site: Project | undefined, host: Project | undefined): Finding[] {
  if (site === undefined)
    return [
      found("project-missing", {
        subject: name,
        text: "The site's project does not exist yet; the first push to the default branch makes it.",
        remedy: "Push to the default branch.",
      }),
    ];
  return siteProject({ project: site, productionGated: false, hostDatabase: host && databaseOf(host) });
}

async function hostFindings({ inputs, http }: ActionContext, host: Project | undefined): Promise<Finding[]> {
  const { signInHost, signInHostProject: subject, tenantId, entraAuthority: authority, graphUrl } = inputs;
  const clientId = inputs.gateClientId ?? rememberedClientId(host);
  if (host === undefined || databaseOf(host) === undefined || clientId === undefined)
    return signInHost === "use"
      ? [
          found("sign-in-host-missing", {
            subject,
            text: "There is no sign-in host of that name, and this repository does not own one.",
            remedy:
              "Push to the default branch of the repository that owns it, or set sign-in-host: own in one repository.",
          }),
        ]
      : [
          found("project-missing", {
            subject,
            text: "The sign-in host does not exist yet; the first push to the default branch makes it.",
            remedy: "Push to the default branch.",
          }),
        ];
  const identity = { tenantId, clientId, authority, graphUrl };
  const status = await readHostStatus(http, originOfHost(host.subdomain));
  return [
    ...failsOpen(host, true),
    ...buildsItself(host, true),
    ...hostSettings({ project: host, identity, status }),
  ];
}
