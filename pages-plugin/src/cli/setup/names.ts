import { CommandFault } from "../fault.ts";

/** Whose login a step needs. */
export type Service = "entra" | "cloudflare" | "github";

/** What has to be known to say what a company does once. */
export interface SetupNames {
  /** `owner/name` on GitHub. */
  readonly repository: string;
  readonly defaultBranch: string;
  /** The GitHub environment that alone has the identity and Cloudflare's token. */
  readonly environment: string;
  readonly project: string;
  readonly signInHostProject: string;
  readonly accountId: string;
}

const project = /^[a-z0-9](?:[a-z0-9-]{0,56}[a-z0-9])?$/;

const shapes: Readonly<Record<keyof SetupNames, readonly [RegExp, string]>> = {
  repository: [/^[\w.-]+\/[\w.-]+$/, "owner/name"],
  defaultBranch: [/^[^\s~^:?*[\\]+$/, "a branch's name"],
  environment: [/^[\w.-]{1,100}$/, "letters, digits, '.', '_' and '-'"],
  project: [project, "the Pages project's name"],
  signInHostProject: [project, "a Pages project's name"],
  accountId: [/^[0-9a-f]{32}$/, "32 hex digits"],
};

/** @throws CommandFault setup-invalid with everything that is wrong */
export function checkNames(names: SetupNames): void {
  const wrong = (Object.keys(shapes) as (keyof SetupNames)[]).filter(
    (key) => !shapes[key][0].test(names[key]),
  );
  if (names.project === names.signInHostProject) wrong.push("signInHostProject");
  if (wrong.length === 0) return;
  throw new CommandFault(
    "setup-invalid",
    wrong
      .map(
        (key) =>
          `${key} ${JSON.stringify(names[key])} must be ${shapes[key][1]}${key === "signInHostProject" ? ", another than the site's" : ""}.`,
      )
      .join("\n"),
  );
}

/** The tag by which setup knows again what it has made: one sign-in host's things are not another's. */
export function markOf({ signInHostProject }: Pick<SetupNames, "signInHostProject">): string {
  return `entra-gate-setup:${signInHostProject}`;
}
