import { resolve } from "node:path";
import { CommandFault } from "../fault.ts";
import type { Outcome } from "../outcome.ts";
import type { Answers, Asker } from "./answers.ts";
import { detect, type Found } from "./detect.ts";
import { type PlannedFile, planFile, planText, writePlan } from "./plan.ts";
import { policyText } from "./policy-file.ts";
import { buildWorkflow, gateWorkflow, unlocked } from "./workflow-files.ts";

export interface InitOptions {
  /** Folder of the site. */
  readonly project: string;
  readonly dryRun: boolean;
}

/**
 * `entra-gate init`: writes a policy, the two workflows and, where the site has functions, the middleware that tells
 * them who the visitor is. Shows it first, overwrites nothing, and changes nothing when it is run again.
 *
 * @throws CommandFault init-declined, output-outside, action-invalid, policy-invalid, and what the asker throws
 */
export async function init({ project, dryRun }: InitOptions, ask: Asker): Promise<Outcome> {
  const found = detect(resolve(project));
  const answers = await answersFrom(found, ask);
  const plan = planOf(found, answers);
  const fresh = plan.filter(({ state }) => state === "new");
  const summary = [foundText(found, answers), planText(plan)].join("\n");
  const data = { found, answers, files: plan.map(({ path, state }) => ({ path, state })), written: false };
  if (fresh.length === 0) return { text: `${summary}\nNothing to write: all is there.`, data, exit: 0 };
  if (dryRun) return { text: `${summary}\n\nA dry run: nothing was written.`, data, exit: 0 };
  if (!(await ask.confirm(summary))) throw new CommandFault("init-declined", "Nothing was written.");
  writePlan(found.repository.root, plan);
  return { text: nextSteps(fresh, found), data: { ...data, written: true }, exit: 0 };
}

async function answersFrom(found: Found, ask: Asker): Promise<Answers> {
  const output = (await ask.output(found)).replaceAll("\\", "/").replace(/^\.\//, "").replace(/\/+$/, "");
  if (output === "" || output === "." || /^(\/|[A-Za-z]:|\.\.(\/|$))/.test(output))
    throw new CommandFault(
      "output-outside",
      `The output folder ${JSON.stringify(output)} must be a folder of its own below the project: everything in it is deployed.`,
    );
  const groups = await ask.groups();
  const production = await ask.production();
  const action = await ask.action();
  if (!/^[\w.-]+\/[\w./-]+@[\w./-]+$/.test(action) && !action.startsWith("./"))
    throw new CommandFault("action-invalid", "Write the action as uses: has it: owner/entra-gate@v1.");
  return { output, groups, production, action };
}

function planOf(found: Found, answers: Answers): PlannedFile[] {
  const { repository, functions } = found;
  const { root, directory } = repository;
  const below = (path: string) => (directory === "" ? path : `${directory}/${path}`);
  // In a monorepo each site has workflows of its own.
  const suffix = directory === "" ? "" : `-${directory.replaceAll(/[^\w.-]+/g, "-")}`;
  const workflow = (name: string) => `.github/workflows/${name}${suffix}.yml`;
  const files = [planFile(root, below("gate.json"), policyText(answers))];
  // Those that `init` itself wrote for another site of the repository are no reason to leave this one without.
  const others = repository.gated.filter((path) => !/\/entra-gate(-build)?(-[\w.-]+)?\.yml$/.test(path));
  if (others.length === 0 || directory !== "") {
    files.push(planFile(root, workflow("entra-gate-build"), buildWorkflow(found, answers)));
    files.push(planFile(root, workflow("entra-gate"), gateWorkflow(found, answers)));
  }
  if (functions !== undefined && functions.middleware === undefined)
    files.push(planFile(root, below(`functions/_middleware.${functions.extension}`), middlewareText));
  return files;
}

const middlewareText = `import entraGate from "pages-plugin-entra-gate";
import policy from "../gate.json";

export const onRequest = entraGate(policy);
`;

function foundText({ framework, repository, functions, build }: Found, { output }: Answers): string {
  return [
    `Site: ${framework ?? "plain files"} in ${repository.directory || "the repository's root"}, served from ${output}${build ? `, built by ${build}` : ""}`,
    `Default branch: ${repository.defaultBranch}`,
    ...(functions?.middleware === undefined
      ? []
      : [
          `${functions.middleware} is yours and stays. Behind the gate the visitor is in the request headers X-MS-CLIENT-PRINCIPAL and X-Entra-Gate-…`,
        ]),
    ...repository.gated.map((path) => `${path} uses Entra Gate already.`),
  ].join("\n");
}

function nextSteps(files: readonly PlannedFile[], { installed, manager }: Found): string {
  const add = manager === undefined || manager.name === "npm" ? "install" : "add";
  // Without the package at hand, npx would look for another one by the command's name.
  const run = `${manager?.exec ?? unlocked} entra-gate`;
  return [
    ...files.map(({ path }) => `Wrote ${path}`),
    "",
    "Next:",
    ...(manager === undefined || installed
      ? []
      : [`  ${manager.name} ${add} -D pages-plugin-entra-gate wrangler`]),
    `  ${run} test --matrix`,
    "      who will see what",
    `  ${run} setup --print ticket …`,
    "      what is done once in Entra, Cloudflare and GitHub, and who may do it",
    "  commit, and merge into the default branch: the policy counts from there",
  ].join("\n");
}
