import type { SiteConfig } from "../../contract/config/site.ts";
import type { CompiledPolicy } from "../../contract/policy/model.ts";
import { newBundleId } from "../steps/wrap.ts";
import { servingPath } from "./kinds.ts";
import { probesFor, type SitePaths } from "./list.ts";
import { pathRules } from "./public.ts";
import type { ProbePlan } from "./run.ts";

/** Files that most sites have, whatever else they hold. */
const likely = ["index.html", "404.html", "robots.txt", "sitemap.xml", "favicon.ico", "manifest.webmanifest"];

export interface SiteElsewhere {
  /** As the default branch has it, for the deployment's environment. */
  readonly policy: CompiledPolicy;
  readonly project: string;
  /** Origin of the sign-in host, where there is one. */
  readonly signInOrigin: string | undefined;
  /** Static files that the repository has, as paths of the site without a leading slash. */
  readonly files: readonly string[];
  /** Routes of its functions. */
  readonly functions: SitePaths["functions"];
}

/**
 * Works out what is asked of a deployment that somebody else built: which files are in it is guessed from the
 * repository, so content can't be compared, and only an answer of the gate counts as closed. Nothing is asked for that
 * the policy lets anyone see, since a guess that is not there would prove nothing.
 */
export function planElsewhere({ policy, project, signInOrigin, files, functions }: SiteElsewhere): ProbePlan {
  const rules = pathRules(policy);
  const closed = [...new Set([...likely, ...files])].filter((path) => !rules.admitsAnyone(servingPath(path)));
  const config: SiteConfig = {
    signIn: { origin: signInOrigin ?? "https://sign-in.invalid", keys: [] },
    policy,
    project,
    bundle: "",
  };
  const bundle = {
    kind: "gated",
    folder: "",
    id: newBundleId(),
    environment: policy.environment,
    files: closed.map((path) => ({ path, size: 0, sha256: "" })),
    config,
  } as const;
  return {
    bundle,
    probes: probesFor(bundle, { functions, redirects: [] }, rules),
    closed: { files: 0, find: () => undefined },
    status: { role: "site", environment: policy.environment },
  };
}
