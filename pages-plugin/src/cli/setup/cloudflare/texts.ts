import type { SetupNames } from "../names.ts";
import type { StepText } from "../step.ts";

export const tokenText: StepText = {
  id: "cloudflare-token",
  service: "cloudflare",
  title: "Make a Cloudflare API token",
  why: "It deploys, and reaches every Pages project and D1 database of the account: it stays in one GitHub environment.",
  wont: "is no global key and reaches no other product of the account",
  role: "Cloudflare Super Administrator",
  shell: [
    "stty -echo 2>/dev/null || :",
    "printf 'Cloudflare API token: ' >&2",
    "read -r CLOUDFLARE_API_TOKEN",
    "stty echo 2>/dev/null || :",
  ],
  byHand:
    "Manage Account > Account API tokens > Create: Account · Cloudflare Pages · Edit and Account · D1 · Edit, for this account only.",
};

export function projectsText({ project, signInHostProject }: SetupNames): StepText {
  return {
    id: "cloudflare-projects",
    service: "cloudflare",
    title: `See that the Pages projects ${project} and ${signInHostProject} are free or ours`,
    why: "The action's first push makes what is missing, and puts the sign-in host into the second one: nothing else may be there.",
    wont: "makes, changes and deletes no project",
    role: "developer of the site",
    shell: [],
    byHand: `Workers & Pages: there is no project ${signInHostProject}, or it is the sign-in host already.`,
  };
}
