import { createContext, type Share, type Surroundings } from "./context.ts";
import { ActionError, asActionError } from "./errors.ts";
import { forMarkdown } from "./escape.ts";
import type { SiteInputs } from "./inputs-sites.ts";
import { run } from "./run.ts";

interface Ended {
  readonly site: SiteInputs;
  readonly outputs: Readonly<Record<string, string>>;
  readonly error?: ActionError;
}

/**
 * One run of the action for several sites, one after the other: each with clients, time and audit events of its own, so
 * that nothing which happens to one keeps another from its end.
 * @throws ActionError projects-failed where one or more did
 */
export async function runSites(around: Surroundings, sites: readonly SiteInputs[]): Promise<void> {
  const sent: number[] = [];
  const ended: Ended[] = [];
  for (const [index, site] of sites.entries()) {
    around.log.info(
      `Project ${site.projectName}, ${index + 1} of ${sites.length}, in ${site.workingDirectory}`,
    );
    ended.push(await runSite(around, { site, rotates: index === 0, sent }));
  }
  for (const [name, value] of Object.entries(outputsOf(ended))) around.setOutput(name, value);
  await around.addSummary(tableOf(ended));
  const failed = ended.flatMap(({ site, error }) => (error ? [`${site.projectName}: ${error.code}`] : []));
  if (failed.length > 0) throw new ActionError("projects-failed", failed.join("\n"));
}

async function runSite(around: Surroundings, share: Share): Promise<Ended> {
  const { site } = share;
  const outputs: Record<string, string> = {};
  const setOutput = (name: string, value: string): void => {
    outputs[name] = value;
  };
  try {
    await run(createContext({ ...around, setOutput }, share));
    return { site, outputs };
  } catch (thrown) {
    const error = asActionError(thrown);
    around.log.error(`Entra Gate (${site.projectName}): ${error.code}`, error.explanation);
    if (error.code === "unexpected-fault" && thrown instanceof Error) around.log.info(thrown.stack ?? "");
    return { site, outputs, error };
  }
}

/** What is true of every project, the paths of all files, and the rest by project. */
function outputsOf(ended: readonly Ended[]): Record<string, string> {
  const names = new Set(ended.flatMap(({ outputs }) => Object.keys(outputs)));
  const shared = [...names].map((name) => {
    const values = ended.map(({ outputs }) => outputs[name] ?? "");
    return [name, sharedValue(name, values)] as const;
  });
  const each = ended.map(({ site, outputs, error }) => [
    site.projectName,
    { ...outputs, ...(error && { error: error.code }) },
  ]);
  return { ...Object.fromEntries(shared), projects: JSON.stringify(Object.fromEntries(each)) };
}

function sharedValue(name: string, values: readonly string[]): string {
  if (name.endsWith("-path")) return values.filter((value) => value !== "").join("\n");
  const [first = ""] = values;
  if (values.every((value) => value === first)) return first;
  return values.some((value) => value === "true" || value === "false") ? "false" : "";
}

function tableOf(ended: readonly Ended[]): string {
  const rows = ended.map(({ site, outputs, error }) => {
    const { "alias-url": alias, "deployment-url": url } = outputs;
    const cells = [site.projectName, site.workingDirectory, error?.code ?? "as wanted", alias || url || ""];
    return `| ${error ? "❌" : "✅"} | ${cells.map(forMarkdown).join(" | ")} |`;
  });
  return [
    "### Projects",
    "",
    "| | Project | Folder | Result | Address |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
