import { variables } from "../../../../../contract/names/variables.ts";
import type { Project } from "../../../../../src/clients/cloudflare-model.ts";
import { CommandFault } from "../../fault.ts";
import type { SetupContext } from "../context.ts";
import type { Look, StepWork } from "../step.ts";
import { asked, cloudflareOf } from "./client.ts";

/** The two Pages projects, which the action makes: whether it may. */
export const projectsWork: StepWork = {
  async look(context): Promise<Look> {
    const { project, signInHostProject } = context.names;
    const cloudflare = await cloudflareOf(context);
    const site = await asked(cloudflare.project(project));
    const host = await asked(cloudflare.project(signInHostProject));
    if (site !== undefined && roleOf(site) === "host")
      throw new CommandFault(
        "project-taken",
        `Pages project ${project} is a sign-in host. Name the site's own with --project.`,
      );
    if (host !== undefined) requireHost(context, host);
    const details = [
      ...(site === undefined ? [`${project} is made by the first push`] : []),
      ...(host === undefined ? [`${signInHostProject} is made by the first push`] : []),
      ...(site !== undefined && buildsItself(site)
        ? [`Cloudflare builds ${project} itself: ${takeOver}`]
        : []),
    ];
    return details.length === 0 ? { state: "done" } : { state: "waiting", detail: details.join("; ") };
  },
  apply: async () => [],
  made: async () => [],
  remove: async () => {},
};

const takeOver = "the action refuses it until its input take-over is true, or builds are switched off there";

function buildsItself({ source }: Project): boolean {
  const git = source?.config;
  if (git === undefined) return false;
  return git.preview_deployment_setting !== "none" || git.production_deployments_enabled !== false;
}

/** @throws CommandFault project-taken, sign-in-host-differs */
function requireHost({ names, facts }: SetupContext, host: Project): void {
  const deployed = host.canonical_deployment != null;
  if (roleOf(host) !== "host" && (deployed || host.source))
    throw new CommandFault(
      "project-taken",
      `Pages project ${names.signInHostProject} holds something else: the action would put the sign-in host in its place. Name another one with --sign-in-host-project; it need not exist.`,
    );
  const clientId = host.deployment_configs.production.env_vars?.[variables.clientId]?.value;
  if (clientId && facts.gateClientId !== undefined && clientId !== facts.gateClientId)
    throw new CommandFault(
      "sign-in-host-differs",
      `The sign-in host ${names.signInHostProject} signs people in to application ${clientId}, and this set-up is for ${facts.gateClientId}. Give --gate-client-id ${clientId}, or another --sign-in-host-project; or, where that application is gone, delete the Pages project: the first push makes it anew.`,
    );
}

function roleOf(project: Project): string | undefined {
  return project.deployment_configs.production.env_vars?.[variables.role]?.value ?? undefined;
}
