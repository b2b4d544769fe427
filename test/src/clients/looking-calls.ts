import { createGraphInspector, type GraphInspector } from "../../../src/clients/graph-inspect.ts";
import { ActionError } from "../../../src/errors.ts";
import { cloudflare, type EveryCall, github, graph, type Surroundings } from "./call.ts";

const inspector = ({ http, entra, inputs }: Surroundings): GraphInspector =>
  createGraphInspector(http, entra, inputs.graphUrl);

async function principalOf(on: Surroundings): Promise<string> {
  const principal = await on.graph.servicePrincipal(on.gate.appId);
  if (principal === undefined) throw new Error("the gate application has no service principal");
  return principal.id;
}

/** Calls by which the action looks at what is there: of `audit`, `doctor`, forks and what Cloudflare built. */
export const lookingCalls: readonly EveryCall[] = [
  graph("GET /applications/{id}/owners", (on) => inspector(on).owners("applications", on.gate.id)),
  graph("GET /servicePrincipals/{id}/owners", async (on) =>
    inspector(on).owners("servicePrincipals", await principalOf(on)),
  ),
  graph("GET /servicePrincipals/{id}/appRoleAssignments", async (on) =>
    inspector(on).assignments(await principalOf(on)),
  ),
  graph("GET /servicePrincipals/{id}/appRoleAssignedTo", async (on) =>
    inspector(on).assignedTo(await principalOf(on)),
  ),
  {
    ...graph("GET /oauth2PermissionGrants", async (on) => {
      try {
        return await inspector(on).grants(await principalOf(on));
      } catch (error) {
        // The automation has no permission for it as a rule, and whoever looks is told so.
        if (error instanceof ActionError && error.code === "graph-permission-missing") return undefined;
        throw error;
      }
    }),
    denied: undefined,
  },

  cloudflare("GET /pages/projects/{project}/domains", ({ cloudflare: on, project }) => on.domains(project)),
  cloudflare("GET /pages/projects/{project}/deployments/{id}", ({ cloudflare: on, project, deployment }) =>
    on.hasDeployment(project, deployment),
  ),
  cloudflare(
    "POST /pages/projects/{project}/deployments/{id}/rollback",
    ({ cloudflare: on, project, deployment }) => on.rollback(project, deployment),
  ),

  github("GET ", ({ github: on }) => on.repository()),
  { call: "github GET /user", run: ({ github: on }) => on.ownLogin() },
  github("GET /actions/runs", ({ github: on, tip }) => on.successfulBuilds(tip)),
  github("GET /actions/workflows", ({ github: on }) => on.workflowStates()),
  github("GET /environments/{name}", ({ github: on }) => on.environmentRule("entra-gate")),
  github("GET /git/trees/{sha}", ({ github: on, tip }) => on.filesOf(tip)),
  github("GET /issues", ({ github: on }) => on.issuesStarting("x", "github-actions[bot]")),
  github("POST /issues", ({ github: on }) => on.createIssue("x", "x"), { once: true }),
  github("PATCH /issues/{number}", async ({ github: on }) => {
    const { number } = await on.createIssue("x", "x");
    return on.updateIssue(number, { title: "y", body: "y", open: false });
  }),
  github("DELETE /issues/{number}/labels/{name}", ({ github: on, pullRequest }) =>
    on.removeLabel(pullRequest, "entra-gate"),
  ),
];
