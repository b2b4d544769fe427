/** Entries of `entra-gate.tar`, what a build job hands to the job that deploys. */
export const tarEntries = {
  manifest: "pack.json",
  routes: "routes.json",
  /** Static files; the rest of the name is the path that the site serves. */
  assets: "assets/",
  /** Modules of the compiled functions. */
  worker: "worker/",
} as const;

/** Bounds of one pack. Files and their size are Pages' own (developers.cloudflare.com/pages/platform/limits). */
export const packLimits = {
  files: 20_000,
  modules: 1_000,
  fileBytes: 25 * 1024 * 1024,
  totalBytes: 1024 * 1024 * 1024,
  moduleBytes: 10 * 1024 * 1024,
  nameBytes: 900,
} as const;

/** wrangler leaves these out of every upload, wherever they stand (`pages/validate.ts`). */
const ignoredNames = new Set([".ds_store", "node_modules", ".git"]);

/**
 * Names that mean something to wrangler, Pages or the gate at the top of an output folder; compared without case.
 * `cdn-cgi` is answered by Cloudflare's edge before any worker runs, so a file there could not be gated.
 */
const reservedNames = new Set([
  "_worker.js",
  "_worker.bundle",
  "_routes.json",
  ".auth",
  "functions",
  ".wrangler",
  "wrangler.toml",
  "wrangler.json",
  "wrangler.jsonc",
  "cdn-cgi",
]);

/** True for what wrangler would not upload; packing leaves it out, an archive that has it is refused. */
export function isIgnoredAsset(path: string): boolean {
  return path.split("/").some((segment) => ignoredNames.has(segment.toLowerCase()));
}

/** True where a static file of this name would be taken for configuration, for the gate's own, or would escape it. */
export function isReservedAsset(path: string): boolean {
  return reservedNames.has((path.split("/")[0] ?? "").toLowerCase());
}

/**
 * Why `name` can't be the name of a file inside a pack, or undefined where it can. A name that one file system or
 * one server could read differently from another is refused, not mended.
 *
 * @param name relative path with `/` between segments
 */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "is empty";
  if (new TextEncoder().encode(name).length > packLimits.nameBytes)
    return `is longer than ${packLimits.nameBytes} bytes`;
  if (!name.isWellFormed() || name.includes("\ufffd")) return "is not valid UTF-8";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name)) return "has control characters";
  if (name.includes("\\")) return "has a backslash";
  if (name.startsWith("/")) return "is absolute";
  if (/^[A-Za-z]:/.test(name)) return "starts with a drive letter";
  for (const segment of name.split("/")) {
    if (segment === "") return "has an empty segment";
    if (segment === "." || segment === "..") return "leaves its folder";
    if (/[. ]$/.test(segment)) return "has a segment that ends in a dot or a space";
  }
  return undefined;
}

/** Two names with the same key are one file on some file systems (case, Unicode composition). */
export function collisionKey(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

/** What a worker module's name says about its type; the rules that `wrangler pages deploy` applies to `_worker.js/`. */
export function moduleTypeOf(name: string): ModuleType | undefined {
  if (/\.m?js$/.test(name)) return "esm";
  if (/\.wasm(\?module)?$/.test(name)) return "wasm";
  if (/\.bin$/.test(name)) return "data";
  if (/\.(txt|html|sql)$/.test(name)) return "text";
  return undefined;
}

export const moduleTypes = ["esm", "wasm", "data", "text"] as const;
export type ModuleType = (typeof moduleTypes)[number];
