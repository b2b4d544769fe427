import * as v from "valibot";
import {
  collisionKey,
  isIgnoredAsset,
  isReservedAsset,
  moduleTypeOf,
  moduleTypes,
  nameProblem,
  packLimits,
  tarEntries,
} from "./names.ts";

const packedFile = v.strictObject({
  /** Name inside the tar: `assets/…`, `worker/…` or `routes.json`. */
  path: v.string(),
  size: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** Lower-case hex. */
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

const workerModule = v.strictObject({
  /** Name below `worker/`. */
  name: v.string(),
  type: v.picklist(moduleTypes),
});

/**
 * `pack.json`: what one build made. It holds no settings: compatibility and bindings are the project's own, and a
 * pull request's are never read.
 */
export const packManifest = v.strictObject({
  version: v.literal(1),
  /**
   * `static`: files alone. `functions`: with a `functions/` folder that wrangler compiled. `worker`: with the
   * `_worker.js` that a framework made.
   */
  kind: v.picklist(["static", "functions", "worker"]),
  /** Name below `worker/` of the module whose default export answers requests; absent for `static`. */
  main: v.optional(v.string()),
  modules: v.array(workerModule),
  files: v.array(packedFile),
});

const routePattern = v.pipe(v.string(), v.regex(/^\/[^\s?#]*$/), v.maxLength(100));

/** `routes.json`: the build's own `_routes.json`, as far as it matters behind a gate that sees every request. */
export const packRoutes = v.strictObject({
  version: v.literal(1),
  /** Patterns that the build wanted answered by its code; absent for all. */
  include: v.optional(v.pipe(v.array(routePattern), v.minLength(1), v.maxLength(100))),
  /** Patterns that the build wanted answered by the asset server, without its code. */
  exclude: v.pipe(v.array(routePattern), v.maxLength(100)),
});

export type PackManifest = v.InferOutput<typeof packManifest>;
export type PackedFile = v.InferOutput<typeof packedFile>;
export type PackRoutes = v.InferOutput<typeof packRoutes>;

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly tooLarge?: true };

/**
 * Reads `pack.json`. Beyond the schema: every name is one that a pack may hold, no two collide, no asset is one of
 * the reserved ones, the modules are exactly the files below `worker/`, each of the type its name says, and Pages
 * would take it all.
 */
export function parseManifest(text: string): Parsed<PackManifest> {
  const parsed = parseJson(packManifest, text);
  if (!parsed.ok) return parsed;
  const large = limitProblem(parsed.value.files);
  if (large !== undefined) return { ok: false, message: large, tooLarge: true };
  const message = fileProblem(parsed.value.files) ?? moduleProblem(parsed.value);
  return message === undefined ? parsed : { ok: false, message };
}

/** The asset server's own settings; they are no files of a deployment. */
const settingsFiles = ["_headers", "_redirects"].map((name) => tarEntries.assets + name);

/** What is more or larger than a deployment can be; the gate's link card is one of its files. */
function limitProblem(files: readonly PackedFile[]): string | undefined {
  const { files: most, modules: mostModules, fileBytes, moduleBytes, totalBytes } = packLimits;
  const isModule = ({ path }: PackedFile) => path.startsWith(tarEntries.worker);
  const modules = files.filter(isModule).length;
  if (modules > mostModules) return `it lists ${modules} modules, at most ${mostModules} are taken`;
  const assets = files.filter(
    ({ path }) => path.startsWith(tarEntries.assets) && !settingsFiles.includes(path),
  ).length;
  if (assets >= most) return `it lists ${assets} files, Pages takes fewer than ${most} beside the link card`;
  const large = files.find((file) => file.size > (isModule(file) ? moduleBytes : fileBytes));
  if (large !== undefined)
    return `${shown(large.path)} has ${large.size} bytes, at most ${isModule(large) ? moduleBytes : fileBytes} are taken`;
  const total = files.reduce((sum, { size }) => sum + size, 0);
  return total > totalBytes ? `it unpacks to ${total} bytes, at most ${totalBytes} are taken` : undefined;
}

function shown(path: string): string {
  return JSON.stringify(path);
}

/** Reads `routes.json`. */
export function parseRoutes(text: string): Parsed<PackRoutes> {
  return parseJson(packRoutes, text);
}

function parseJson<S extends v.GenericSchema>(schema: S, text: string): Parsed<v.InferOutput<S>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, message: "it is not JSON" };
  }
  // Only one problem is told, and a stranger may have made a hundred thousand.
  const result = v.safeParse(schema, json, { abortEarly: true });
  if (result.success) return { ok: true, value: result.output };
  const issue = result.issues[0];
  return { ok: false, message: `${v.getDotPath(issue) ?? "the whole"}: ${issue.message}` };
}

function fileProblem(files: readonly PackedFile[]): string | undefined {
  const seen = new Map<string, string>();
  for (const { path } of files) {
    const problem = packedNameProblem(path);
    if (problem !== undefined) return `${shown(path)} ${problem}`;
    const other = seen.get(collisionKey(path));
    if (other !== undefined)
      return `${shown(path)} and ${shown(other)} are one name where case does not count`;
    seen.set(collisionKey(path), path);
  }
  return folderCollision(seen);
}

/** A name that is a file here and a folder there can't be written. */
function folderCollision(files: ReadonlyMap<string, string>): string | undefined {
  for (const [key, path] of files) {
    for (let at = key.lastIndexOf("/"); at > 0; at = key.lastIndexOf("/", at - 1)) {
      const folder = files.get(key.slice(0, at));
      if (folder !== undefined) return `${shown(folder)} is a file and the folder of ${shown(path)}`;
    }
  }
  return undefined;
}

/** Why an entry of this name can't be in a pack; undefined where it can. `pack.json` itself is not asked about. */
export function packedNameProblem(path: string): string | undefined {
  const problem = nameProblem(path);
  if (problem !== undefined) return problem;
  if (path === tarEntries.routes) return undefined;
  if (path.startsWith(tarEntries.worker)) {
    return moduleTypeOf(path) === undefined
      ? "is no module that Pages uploads (.js, .mjs, .wasm, .bin, .txt, .html, .sql)"
      : undefined;
  }
  if (!path.startsWith(tarEntries.assets)) return "is neither below assets/ nor below worker/";
  const asset = path.slice(tarEntries.assets.length);
  if (isReservedAsset(asset)) return "has a name that a build's static files may not have";
  if (isIgnoredAsset(asset)) return "is nothing that Pages serves";
  return undefined;
}

function moduleProblem({ kind, main, modules, files }: PackManifest): string | undefined {
  const worker = files
    .filter(({ path }) => path.startsWith(tarEntries.worker))
    .map(({ path }) => path.slice(tarEntries.worker.length));
  if (kind === "static") {
    if (main !== undefined || modules.length > 0 || worker.length > 0) return "a static pack has no modules";
    return undefined;
  }
  const listed = new Map(modules.map(({ name, type }) => [name, type]));
  if (listed.size !== modules.length || listed.size !== worker.length)
    return "modules and the files below worker/ are not the same";
  for (const name of worker) {
    if (listed.get(name) !== moduleTypeOf(name))
      return `module ${shown(name)} is not listed with the type its name says`;
  }
  if (main === undefined || listed.get(main) !== "esm") return "main is not one of the modules";
  return undefined;
}
