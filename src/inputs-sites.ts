import { posix } from "node:path";
import * as v from "valibot";
import { givenFor, mistakesOf, type Variables } from "./inputs-read.ts";

/** One site of a run: its Pages project, and where its things are. */
export interface SiteInputs {
  readonly projectName: string;
  /** Folder of the site in the repository; `.` for its root. */
  readonly workingDirectory: string;
  /** Path of the policy in the repository, `/`-separated, working directory included. */
  readonly policyPath: string;
  /** Name of the build run's artifact. */
  readonly artifact: string;
  /** Name of the commit status. A repository with several sites has one for each. */
  readonly statusName: string;
}

export const projectName = v.pipe(
  v.string(),
  v.nonEmpty("is missing; give"),
  v.regex(
    /^[a-z0-9](?:[a-z0-9-]{0,56}[a-z0-9])?$/,
    "is not a project's name (lower-case letters, digits, inner hyphens, at most 58); give",
  ),
);
const repositoryPath = v.pipe(
  v.string(),
  v.check(isInside, "leaves the repository or is absolute; give"),
  v.transform((path) => posix.normalize(path).replace(/(.)\/+$/, "$1")),
);
const artifact = v.pipe(
  v.string(),
  v.regex(/^[^"':<>|*?\\/\r\n]{1,256}$/, "is not an artifact's name; give"),
);

const common = { policy: repositoryPath, artifact };
const oneSite = v.object({ "project-name": projectName, "working-directory": repositoryPath, ...common });
const severalSites = v.object(common);

const defaults = { "working-directory": ".", policy: "gate.json", artifact: "entra-gate" } as const;

const remedies = {
  "project-name":
    "the name of the Pages project as in the Cloudflare dashboard, or several sites as projects",
  projects: 'lines such as "acme-docs: sites/docs", a project and its folder each',
  "working-directory": "the site's folder in the repository, such as sites/docs",
  policy: "the policy's path below the site's folder, such as gate.json",
  artifact: "the name under which the build workflow uploads entra-gate.tar",
} as const;

export interface Sites {
  /** At least one where there is no mistake. */
  readonly sites: readonly SiteInputs[];
  readonly mistakes: readonly string[];
}

/** Reads which sites a run is about: the one of `project-name`, or the table of `projects`. */
export function readSites(env: Variables): Sites {
  const given = (name: keyof typeof remedies) => givenFor(env, name);
  const table = given("projects");
  const raw = {
    "project-name": given("project-name"),
    "working-directory": given("working-directory") || defaults["working-directory"],
    policy: given("policy") || defaults.policy,
    artifact: given("artifact") || defaults.artifact,
  };
  if (table === "") return readOne(raw);
  const beside = [
    ...(raw["project-name"] === "" ? [] : ["project-name: is given beside projects; give one of the two."]),
    ...(posix.normalize(raw["working-directory"]) === "."
      ? []
      : ["working-directory: is given beside projects; name each site's folder there."]),
  ];
  const parsed = v.safeParse(severalSites, raw);
  const { rows, mistakes } = readTable(table);
  const all = [...(parsed.success ? [] : mistakesOf(parsed.issues, remedies)), ...beside, ...mistakes];
  if (!parsed.success) return { sites: [], mistakes: all };
  const sites = rows.map(
    ([name, folder]): SiteInputs => ({
      projectName: name,
      workingDirectory: folder,
      policyPath: posix.join(folder, parsed.output.policy),
      artifact: `${parsed.output.artifact}-${name}`,
      statusName: `Entra Gate (${name})`,
    }),
  );
  return { sites, mistakes: all };
}

function readOne(raw: v.InferInput<typeof oneSite>): Sites {
  const parsed = v.safeParse(oneSite, raw);
  if (!parsed.success) return { sites: [], mistakes: mistakesOf(parsed.issues, remedies) };
  const { "project-name": name, "working-directory": folder } = parsed.output;
  const site: SiteInputs = {
    projectName: name,
    workingDirectory: folder,
    policyPath: posix.join(folder, parsed.output.policy),
    artifact: parsed.output.artifact,
    statusName: folder === "." ? "Entra Gate" : `Entra Gate (${name})`,
  };
  return { sites: [site], mistakes: [] };
}

interface Table {
  readonly rows: readonly (readonly [project: string, folder: string])[];
  readonly mistakes: readonly string[];
}

/** Lines `project: folder`; empty ones and those that begin with `#` say nothing. */
function readTable(text: string): Table {
  const rows = new Map<string, string>();
  const mistakes: string[] = [];
  const wrong = (line: string, what: string): void => {
    mistakes.push(`projects: ${JSON.stringify(line)} ${what}; give ${remedies.projects}.`);
  };
  for (const line of text.split(/\r?\n/).map((one) => one.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    const [, name, folder] = /^([^\s:]+)\s*:\s+(\S.*)$/.exec(line) ?? [];
    if (name === undefined || folder === undefined) wrong(line, "is not a project and its folder");
    else if (!v.is(projectName, name)) wrong(line, "names no Pages project");
    else if (rows.has(name)) wrong(line, "names a project for the second time");
    else {
      const path = v.safeParse(repositoryPath, folder);
      if (path.success) rows.set(name, path.output);
      else wrong(line, "leaves the repository or is absolute");
    }
  }
  if (rows.size === 0 && mistakes.length === 0) wrong(text.trim(), "names no project");
  return { rows: [...rows], mistakes };
}

function isInside(path: string): boolean {
  if (path === "" || /[\\\p{Cc}]/u.test(path) || posix.isAbsolute(path)) return false;
  const normal = posix.normalize(path);
  return normal !== ".." && !normal.startsWith("../");
}
