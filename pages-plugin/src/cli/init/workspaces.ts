import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** How deep `**` goes. */
const deepest = 4;

/**
 * Folders of a repository that its package manager calls workspaces: `workspaces` of package.json, or
 * pnpm-workspace.yaml.
 *
 * @param root folder of the repository
 * @returns paths below it with `/`, sorted; undefined where it declares none
 */
export function workspaceFolders(root: string): string[] | undefined {
  const patterns = [...ofPackageFile(root), ...ofPnpm(root)];
  if (patterns.length === 0) return undefined;
  const wanted = patterns.filter((pattern) => !pattern.startsWith("!"));
  const left = patterns.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1));
  const found = new Set(wanted.flatMap((pattern) => expand(root, pattern)));
  for (const pattern of left) for (const folder of expand(root, pattern)) found.delete(folder);
  return [...found].sort();
}

function ofPackageFile(root: string): string[] {
  const file = join(root, "package.json");
  if (!existsSync(file)) return [];
  try {
    const { workspaces } = JSON.parse(readFileSync(file, "utf8")) as { workspaces?: unknown };
    const list = Array.isArray(workspaces)
      ? workspaces
      : (workspaces as { packages?: unknown } | undefined)?.packages;
    return Array.isArray(list) ? list.map(String) : [];
  } catch {
    return [];
  }
}

/** The list below `packages:`; the file is the package manager's, so no other form of YAML is looked for. */
function ofPnpm(root: string): string[] {
  const file = join(root, "pnpm-workspace.yaml");
  if (!existsSync(file)) return [];
  const [, list = ""] =
    /^packages:[ \t]*\r?\n((?:[ \t]*(?:-.*|#.*)?\r?\n?)*)/m.exec(readFileSync(file, "utf8")) ?? [];
  return [...list.matchAll(/^[ \t]*-[ \t]*["']?([^"'#\r\n]+?)["']?[ \t]*(?:#.*)?$/gm)].map(
    ([, one = ""]) => one,
  );
}

function expand(root: string, pattern: string): string[] {
  let folders = [""];
  for (const part of pattern.split("/").filter((one) => one !== "" && one !== ".")) {
    if (part === "..") return [];
    folders =
      part === "**" ? folders.flatMap((one) => below(root, one, deepest)) : folders.flatMap(step(root, part));
  }
  return folders.filter((folder) => folder !== "" && existsSync(join(root, folder)));
}

function step(root: string, part: string): (folder: string) => string[] {
  if (!part.includes("*")) return (folder) => [joined(folder, part)];
  const shape = new RegExp(`^${part.split("*").map(literal).join(".*")}$`);
  return (folder) =>
    children(root, folder).filter((path) => shape.test(path.slice(path.lastIndexOf("/") + 1)));
}

function below(root: string, folder: string, depth: number): string[] {
  const deeper = depth === 0 ? [] : children(root, folder).flatMap((one) => below(root, one, depth - 1));
  return [folder, ...deeper];
}

function children(root: string, folder: string): string[] {
  const place = join(root, folder);
  if (!existsSync(place)) return [];
  return readdirSync(place, { withFileTypes: true })
    .filter((one) => one.isDirectory() && !one.name.startsWith(".") && one.name !== "node_modules")
    .map(({ name }) => joined(folder, name));
}

function joined(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
