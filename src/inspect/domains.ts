import type { Domain, Project } from "../clients/cloudflare-model.ts";
import type { Finding } from "../findings.ts";
import { productionOrigins } from "../origins.ts";
import { found } from "./codes.ts";

/**
 * Where production lives, by Cloudflare and by the sign-in host. An origin that only the host knows gets tickets,
 * whoever holds it; one that only Cloudflare knows can't sign anybody in.
 * @param known origins in the host's row of this site; undefined where it has none
 */
export function domains(
  project: Project,
  custom: readonly Domain[],
  known: readonly string[] | undefined,
): Finding[] {
  const served = productionOrigins(project);
  const dashboard = `Cloudflare dashboard → Workers & Pages → ${project.name} → Custom domains`;
  const push = "Run the gate workflow for the default branch: it tells the sign-in host.";
  return [
    ...custom
      .filter(({ status }) => status !== "active")
      .map(({ name, status }) =>
        found("domain-inactive", {
          subject: `${project.name} ${name}`,
          text: `The custom domain ${name} is ${status}, not active.`,
          remedy: `${dashboard}: look at what it waits for.`,
        }),
      ),
    ...(known === undefined ? [] : served)
      .filter((origin) => !known?.includes(origin))
      .map((origin) =>
        found("domain-unknown", {
          subject: `${project.name} ${origin}`,
          text: `The sign-in host does not know ${origin}: nobody can sign in there.`,
          remedy: push,
        }),
      ),
    ...(known ?? [])
      .filter((origin) => !served.includes(origin))
      .map((origin) =>
        found("origin-not-served", {
          subject: `${project.name} ${origin}`,
          text: `The sign-in host gives tickets for ${origin}, which is no domain of the project any more: whoever holds it gets them.`,
          remedy: push,
        }),
      ),
  ];
}
