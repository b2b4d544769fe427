import { posix, resolve } from "node:path";
import { CommandFault } from "../fault.ts";
import type { Outcome } from "../outcome.ts";
import type { Answers, Asker } from "./answers.ts";
import { detect, type Found } from "./detect.ts";
import { projectOf, type Site, sitesAmongWorkspaces, sitesAt } from "./monorepo.ts";
import { type PlannedFile, planFile, planText, writePlan } from "./plan.ts";
import { policyText } from "./policy-file.ts";
import { buildWorkflow, gateWorkflow, scheduledWorkflow, unlocked } from "./workflow-files.ts";
import { workspaceFolders } from "./workspaces.ts";

export interface InitOptions {
  /** Folder of the site. */
  readonly project: string;
  readonly dryRun: boolean;
}

/**
 * `entra-gate init`: writes a policy, the three workflows and, where the site has functions, the middleware that tells
 * them who the visitor is; in a monorepo a policy for each site, and one workflow that gates them all. Shows it first, overwrites nothing, and changes nothing when it is run again.
 *
 * @throws CommandFault init-declined, output-outside, site-unknown, action-invalid, policy-invalid, and what the asker throws
 */
export async function init({ project, dryRun }: InitOptions, ask: Asker): Promise<Outcome> {
  const found = detect(resolve(project));
  const { root, directory } = found.repository;
  const chosen = await ask.sites(sitesAmongWorkspaces(found));
  const sites =
    chosen === undefined
      ? [await theOneSite(found, ask)]
      : sitesAt(
          root,
          chosen.map((folder) => posix.join(directory, folder.replaceAll("\\", "/"))),
        );
  const answers = await answersFrom(ask);
  const plan = planOf(found, sites, chosen !== undefined, answers);
  const fresh = plan.filter(({ state }) => state === "new");
  const summary = [foundText(found, sites), planText(plan)].join("\n");
  const data = { sites, answers, files: plan.map(({ path, state }) => ({ path, state })), written: false };
  if (fresh.length === 0) return { text: `${summary}\nNothing to write: all is there.`, data, exit: 0 };
  if (dryRun) return { text: `${summary}\n\nA dry run: nothing was written.`, data, exit: 0 };
  if (!(await ask.confirm(summary))) throw new CommandFault("init-declined", "Nothing was written.");
  writePlan(root, plan);
  return { text: nextSteps(fresh, sites), data: { ...data, written: true }, exit: 0 };
}

async function theOneSite(found: Found, ask: Asker): Promise<Site> {
  const output = (await ask.output(found)).replaceAll("\\", "/").replace(/^\.\//, "").replace(/\/+$/, "");
  if (output === "" || output === "." || /^(\/|[A-Za-z]:|\.\.(\/|$))/.test(output))
    throw new CommandFault(
      "output-outside",
      `The output folder ${JSON.stringify(output)} must be a folder of its own below the project: everything in it is deployed.`,
    );
  return { found, output, project: projectOf(found) };
}

async function answersFrom(ask: Asker): Promise<Answers> {
  const groups = await ask.groups();
  const production = await ask.production();
  const action = await ask.action();
  if (!/^[\w.-]+\/[\w./-]+@[\w./-]+$/.test(action) && !action.startsWith("./"))
    throw new CommandFault("action-invalid", "Write the action as uses: has it: owner/entra-gate@v1.");
  return { groups, production, action };
}

function planOf(found: Found, sites: readonly Site[], several: boolean, answers: Answers): PlannedFile[] {
  const { repository } = found;
  const { root } = repository;
  const directory = several ? "" : repository.directory;
  // A site of a monorepo that is set up by itself has workflows of its own.
  const suffix = directory === "" ? "" : `-${directory.replaceAll(/[^\w.-]+/g, "-")}`;
  const workflow = (name: string) => `.github/workflows/${name}${suffix}.yml`;
  const files = sites.map(({ found: one }) =>
    planFile(root, below(one, "gate.json"), policyText(answers, schemaPlace(one))),
  );
  // Those that `init` itself wrote for another site of the repository are no reason to leave this one without.
  const others = repository.gated.filter(
    (path) => !/\/entra-gate(-(build|audit))?(-[\w.-]+)?\.yml$/.test(path),
  );
  if (others.length === 0 || directory !== "") {
    const whole = several ? detect(root) : undefined;
    files.push(planFile(root, workflow("entra-gate-build"), buildWorkflow(sites, whole)));
    files.push(planFile(root, workflow("entra-gate"), gateWorkflow(sites, whole, answers)));
    files.push(planFile(root, workflow("entra-gate-audit"), scheduledWorkflow(sites, whole, answers)));
  }
  for (const { found: one } of sites)
    if (one.functions !== undefined && one.functions.middleware === undefined)
      files.push(
        planFile(root, below(one, `functions/_middleware.${one.functions.extension}`), middlewareText),
      );
  return files;
}

const middlewareText = `import entraGate from "pages-plugin-entra-gate";
import policy from "../gate.json";

export const onRequest = entraGate(policy);
`;

function foundText({ repository }: Found, sites: readonly Site[]): string {
  return [
    ...sites.flatMap(siteText),
    `Default branch: ${repository.defaultBranch}`,
    ...repository.gated.map((path) => `${path} uses Entra Gate already.`),
  ].join("\n");
}

function siteText({ found, output, project }: Site): string[] {
  const { framework, repository, functions, build } = found;
  const { directory } = repository;
  const middleware = functions?.middleware;
  return [
    `Site: ${framework ?? "plain files"} in ${directory || "the repository's root"}, served from ${output}${build ? `, built by ${build}` : ""}`,
    ...(directory === ""
      ? []
      : [`  Pages project ${project}: put another name into the workflow if it has one`]),
    ...(middleware === undefined
      ? []
      : [
          `${below(found, middleware)} is yours and stays. Behind the gate the visitor is in the request headers X-MS-CLIENT-PRINCIPAL and X-Entra-Gate-…`,
        ]),
  ];
}

function nextSteps(files: readonly PlannedFile[], sites: readonly Site[]): string {
  return [
    ...files.map(({ path }) => `Wrote ${path}`),
    "",
    "Next:",
    ...sites.flatMap((site) => stepsAt(site, sites.length > 1)),
    "  commit, and merge into the default branch: the policy counts from there",
  ].join("\n");
}

function stepsAt({ found: { installed, manager, repository } }: Site, several: boolean): string[] {
  const add = manager === undefined || manager.name === "npm" ? "install" : "add";
  // Without the package at hand, npx would look for another one by the command's name.
  const run = `${manager?.exec ?? unlocked} entra-gate`;
  return [
    ...(several ? [`  in ${repository.directory}:`] : []),
    ...(manager === undefined || installed
      ? []
      : [`  ${manager.name} ${add} -D pages-plugin-entra-gate wrangler`]),
    `  ${run} setup …`,
    "      does what is done once in Entra, Cloudflare and GitHub, or writes it down for whoever may",
    `  ${run} test --matrix`,
    "      who will see what",
  ];
}

/** A path of a site as it is called from the repository's root. */
function below({ repository: { directory } }: Found, path: string): string {
  return directory === "" ? path : `${directory}/${path}`;
}

/** pnpm puts a package's dependencies into its own folder, the others into the repository's where they can. */
function schemaPlace({ manager, repository: { root, directory } }: Found): string {
  const isOwn = manager?.name === "pnpm" || workspaceFolders(root)?.includes(directory) !== true;
  const up = isOwn ? "./" : "../".repeat(directory.split("/").length);
  return `${up}node_modules/pages-plugin-entra-gate/gate.schema.json`;
}
