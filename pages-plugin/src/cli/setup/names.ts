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
  /** Groups to be put into the policy: each by its name in Entra or by its object id. */
  readonly groups?: readonly WantedGroup[];
  /** Entra lets in only who is assigned: the policy's groups are. */
  readonly assignmentRequired?: boolean;
  /** The app role that a test application is to have; without it there is none. */
  readonly testRole?: string;
  /** `sub` of GitHub's token, as a run has shown it. */
  readonly subject?: string;
  /** The one tenant that this is for; a login to another one is refused. */
  readonly tenantId?: string;
  /** Applications that are there and are to be used, whoever made them. */
  readonly gateClientId?: string;
  readonly automationClientId?: string;
  readonly testClientId?: string;
}

export interface WantedGroup {
  /** In gate.json. */
  readonly name: string;
  /** Display name or object id in Entra. */
  readonly is: string;
}

const project = /^[a-z0-9](?:[a-z0-9-]{0,56}[a-z0-9])?$/;
export const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const id = [guid, "an id such as 6f3a9b52-84d1-4e0c-a7f5-1c2d3e4f5a01"] as const;

type Text = { [K in keyof SetupNames]-?: string extends SetupNames[K] ? K : never }[keyof SetupNames];

const shapes: Readonly<Record<Text, readonly [RegExp, string]>> = {
  repository: [/^[\w.-]+\/[\w.-]+$/, "owner/name"],
  defaultBranch: [/^[^\s~^:?*[\\]+$/, "a branch's name"],
  environment: [/^[\w.-]{1,100}$/, "letters, digits, '.', '_' and '-'"],
  project: [project, "the Pages project's name"],
  signInHostProject: [project, "a Pages project's name"],
  accountId: [/^[0-9a-f]{32}$/, "32 hex digits"],
  testRole: [/^[^\s.][^\s]{0,119}$/, "the value of an app role, such as Preview.Test"],
  subject: [/^repo:[\x21-\x7e]{3,595}$/, "the sub claim of GitHub's token: repo:…:environment:…"],
  tenantId: id,
  gateClientId: id,
  automationClientId: id,
  testClientId: id,
};

/** @throws CommandFault setup-invalid with everything that is wrong */
export function checkNames(names: SetupNames): void {
  const wrong = (Object.keys(shapes) as Text[]).filter((key) => {
    const value = names[key];
    return value !== undefined && !shapes[key][0].test(value);
  });
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
