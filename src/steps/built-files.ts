import type { Project } from "../clients/cloudflare-model.ts";

export interface BuiltFiles {
  /** Paths of the site, without a leading slash. */
  readonly files: readonly string[];
  readonly functions: readonly string[];
}

/** Folders whose files the usual builds copy as they are. */
const copied = ["public", "static"];
const special = new Set(["_headers", "_redirects", "_routes.json", "_worker.js"]);
const most = { files: 120, functions: 12 };

/**
 * Which paths a site that Cloudflare builds may have, from the files of the repository: those that lie in its output
 * folder or in one that builds copy, and the routes of `functions/`.
 *
 * @param paths of all files of the commit
 * @param build where Cloudflare's build runs, and where it leaves the site
 */
export function builtFiles(paths: readonly string[], build: Project["build_config"]): BuiltFiles {
  const root = clean(build?.root_dir);
  const own = paths.flatMap((path) => within(path, root));
  const output = clean(build?.destination_dir);
  const folders = output === "" ? copied : [output, ...copied];
  const files = folders.flatMap((folder) => own.flatMap((path) => within(path, folder)));
  const atRoot = output === "" ? own.filter((path) => path.endsWith(".html")) : [];
  const functions = own.flatMap((path) => within(path, "functions")).flatMap(routeOf);
  return {
    files: [...new Set([...files, ...atRoot])].filter(isServed).slice(0, most.files),
    functions: [...new Set(functions)].slice(0, most.functions),
  };
}

function clean(folder: string | null | undefined): string {
  return (folder ?? "")
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}

/** A path as it is below a folder; nothing where it is not. */
function within(path: string, folder: string): string[] {
  if (folder === "") return [path];
  return path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1)] : [];
}

function isServed(path: string): boolean {
  return !special.has(path.split("/")[0] ?? "") && !path.startsWith("functions/");
}

/** Source: Pages docs, "Routing" of functions. */
function routeOf(path: string): string[] {
  const [, route] = /^(.*)\.[cm]?[jt]sx?$/.exec(path) ?? [];
  if (route === undefined || /(^|\/)_/.test(route)) return [];
  const parts = route.split("/").map((part) => part.replace(/^\[\[?.*?\]?\]$/, "entra-gate-probe"));
  if (parts.at(-1) === "index") parts.pop();
  return [`/${parts.map(encodeURIComponent).join("/")}`];
}
