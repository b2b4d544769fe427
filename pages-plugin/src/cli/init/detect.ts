import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { configuredName, configuredOutput } from "../wrangler-file.ts";
import { frameworks, plainFolders } from "./frameworks.ts";
import { type Repository, readRepository } from "./repository.ts";

export interface PackageManager {
  readonly name: "npm" | "pnpm" | "yarn" | "bun";
  readonly install: string;
  readonly run: string;
  /** Runs a command of an installed package. */
  readonly exec: string;
}

/** What `init` finds out by itself. */
export interface Found {
  readonly repository: Repository;
  readonly framework?: string;
  /** Relative to the project. */
  readonly output?: string;
  /** Command that builds the site; absent where nothing is built. */
  readonly build?: string;
  /** Absent where there is no package.json. */
  readonly manager?: PackageManager;
  /** Whether the package is among the project's dependencies already. */
  readonly installed: boolean;
  /** Name of the Pages project in the wrangler file. */
  readonly project?: string;
  /** The functions' own language, where the project has any; `_middleware` that is there already. */
  readonly functions?: { readonly extension: "ts" | "js"; readonly middleware?: string };
}

interface PackageFile {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Looks at the files of a project, and changes none. */
export function detect(project: string): Found {
  const repository = readRepository(project);
  const manifest = readPackage(project);
  const names = { ...manifest?.dependencies, ...manifest?.devDependencies };
  const files = readdirSync(project);
  const framework = frameworks.find(({ sign }) =>
    "dependency" in sign ? Object.hasOwn(names, sign.dependency) : files.some((name) => sign.file.test(name)),
  );
  const manager = manifest && managerOf([project, repository.root]);
  const build =
    manager && manifest.scripts?.["build"] !== undefined ? `${manager.run} build` : framework?.build;
  const output = configuredOutput(project) ?? framework?.output ?? plainFolder(project);
  const functions = functionsOf(project);
  const name = configuredName(project);
  return {
    repository,
    installed: Object.hasOwn(names, "pages-plugin-entra-gate"),
    ...(framework && { framework: framework.name }),
    ...(output && { output }),
    ...(build && { build }),
    ...(manager && { manager }),
    ...(name && { project: name }),
    ...(functions && { functions }),
  };
}

function readPackage(project: string): PackageFile | undefined {
  const file = join(project, "package.json");
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8")) as PackageFile;
  } catch {
    return {};
  }
}

/** A lock file beside the project, or at the repository's root in a monorepo, says which one it is. */
function managerOf(folders: readonly string[]): PackageManager {
  const has = (name: string) => folders.some((folder) => existsSync(join(folder, name)));
  if (has("pnpm-lock.yaml"))
    return { name: "pnpm", install: "pnpm install --frozen-lockfile", run: "pnpm run", exec: "pnpm exec" };
  if (has("yarn.lock"))
    return { name: "yarn", install: "yarn install --immutable", run: "yarn run", exec: "yarn" };
  if (has("bun.lock") || has("bun.lockb"))
    return { name: "bun", install: "bun install --frozen-lockfile", run: "bun run", exec: "bunx" };
  return {
    name: "npm",
    install: has("package-lock.json") ? "npm ci" : "npm install --no-audit --no-fund",
    run: "npm run",
    exec: "npx",
  };
}

function plainFolder(project: string): string | undefined {
  return plainFolders.find((name) => existsSync(join(project, name, "index.html")));
}

function functionsOf(project: string): Found["functions"] {
  const folder = join(project, "functions");
  if (!existsSync(folder)) return undefined;
  const names = readdirSync(folder, { recursive: true }).map(String);
  const middleware = names.find((name) => /^_middleware\.[cm]?[jt]sx?$/.test(name));
  return {
    extension: names.some((name) => /\.[cm]?tsx?$/.test(name)) ? "ts" : "js",
    ...(middleware && { middleware: `functions/${middleware}` }),
  };
}
