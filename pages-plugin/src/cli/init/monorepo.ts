import { existsSync } from "node:fs";
import { join } from "node:path";
import { CommandFault } from "../fault.ts";
import { detect, type Found } from "./detect.ts";
import { workspaceFolders } from "./workspaces.ts";

/** A site of a repository, with all that its part of the workflows needs. */
export interface Site {
  readonly found: Found;
  /** Output folder of its build, relative to it. */
  readonly output: string;
  /** Name of its Pages project. */
  readonly project: string;
}

/**
 * The sites among a repository's workspaces; undefined where the folder is none with workspaces, or a site itself.
 *
 * @param found what is known of the folder that `init` runs in
 */
export function sitesAmongWorkspaces(found: Found): Found[] | undefined {
  const { root, directory } = found.repository;
  if (directory !== "" || found.framework !== undefined || found.project !== undefined) return undefined;
  const sites = workspaceFolders(root)
    ?.map((folder) => detect(join(root, folder)))
    .filter(isSite);
  return sites === undefined || sites.length === 0 ? undefined : sites;
}

/** A library may be built by Vite as well; it has no page. */
function isSite({ framework, output, repository: { root, directory } }: Found): boolean {
  return output !== undefined && (framework !== "Vite" || existsSync(join(root, directory, "index.html")));
}

/**
 * Looks at the folders that were chosen.
 *
 * @throws CommandFault site-unknown where there is no such folder, nothing in it says where its build puts the site, or
 *   its project has no name of its own
 */
export function sitesAt(root: string, folders: readonly string[]): Site[] {
  const clean = folders.map((one) => one.replaceAll("\\", "/").replace(/^\.\//, "").replace(/\/+$/, ""));
  const sites = [...new Set(clean)].map((folder) => {
    if (/^(\/|[A-Za-z]:|$)|(^|\/)\.\.(\/|$)/.test(folder) || !existsSync(join(root, folder)))
      throw new CommandFault(
        "site-unknown",
        `There is no folder ${JSON.stringify(folder)} in the repository.`,
      );
    const found = detect(join(root, folder));
    if (found.output === undefined)
      throw new CommandFault(
        "site-unknown",
        `Nothing in ${folder} says where its build puts the site: set pages_build_output_dir in its wrangler file.`,
      );
    return { found, output: found.output, project: projectOf(found) };
  });
  const odd = sites.find(({ project }) => !/^[a-z0-9](?:[a-z0-9-]{0,56}[a-z0-9])?$/.test(project));
  if (odd !== undefined)
    throw new CommandFault(
      "site-unknown",
      `${JSON.stringify(odd.project)} is no name of a Pages project: correct it in the wrangler file of ${odd.found.repository.directory}.`,
    );
  const twice = sites.find(({ project }, at) => sites.findIndex((one) => one.project === project) !== at);
  if (twice !== undefined)
    throw new CommandFault(
      "site-unknown",
      `Two folders would have the Pages project ${twice.project}: set name in their wrangler files.`,
    );
  return sites;
}

/** As the wrangler file names it, else after the folder. */
export function projectOf({ project, repository: { directory } }: Found): string {
  const folder = directory.slice(directory.lastIndexOf("/") + 1).toLowerCase();
  const named = folder
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, 58)
    .replace(/-+$/, "");
  return project ?? (named || "site");
}
