import { createHash } from "node:crypto";
import { lstat, readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { moduleTypeOf } from "../../contract/bundle/names.ts";
import { mediaTypeOf } from "./media-types.ts";
import type { Asset, Assets, PagesFiles, PagesModule } from "./options.ts";

/** At the top of a folder: never uploaded as an asset (wrangler's pages/validate.ts). */
const ignoredAtTop = new Set([
  "_worker.js",
  "_redirects",
  "_headers",
  "_routes.json",
  "functions",
  ".wrangler",
]);
const ignoredAnywhere = new Set([".DS_Store", "node_modules", ".git"]);

/**
 * A folder as `wrangler pages deploy <folder> --no-bundle` would upload it: the modules of `_worker.js/` one by one,
 * the assets without what wrangler ignores, symbolic links left out.
 */
export async function readPagesFolder(folder: string): Promise<PagesFiles> {
  const worker = await readWorker(folder);
  const headersFile = await readText(join(folder, "_headers"));
  const redirectsFile = await readText(join(folder, "_redirects"));
  const routesFile = await readText(join(folder, "_routes.json"));
  return {
    ...(worker === undefined ? {} : { worker }),
    assets: await folderAssets(folder),
    ...(headersFile === undefined ? {} : { headersFile }),
    ...(redirectsFile === undefined ? {} : { redirectsFile }),
    ...(routesFile === undefined ? {} : { routesFile }),
  };
}

/** The static files of a folder; their bytes are read again each time they are asked for. */
export async function folderAssets(folder: string): Promise<Assets> {
  const files = new Map<string, Asset>();
  const places = new Map<string, string>();
  for (const name of await walk(folder, "")) {
    const content = await readFile(join(folder, name));
    const key = createHash("sha256").update(content).update(extname(name)).digest("hex").slice(0, 32);
    files.set(`/${name}`, { key, contentType: mediaTypeOf(name) });
    places.set(key, name);
  }
  return {
    files,
    read: async (key) => {
      const name = places.get(key);
      if (name === undefined) throw new RangeError(`no asset has the key ${key}`);
      return readFile(join(folder, name));
    },
  };
}

async function walk(folder: string, below: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    if (ignoredAnywhere.has(entry.name) || (below === "" && ignoredAtTop.has(entry.name))) continue;
    const name = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) names.push(...(await walk(folder, name)));
    else if (entry.isFile()) names.push(name);
  }
  return names.sort();
}

async function readWorker(folder: string): Promise<PagesFiles["worker"]> {
  const place = join(folder, "_worker.js");
  const stat = await lstat(place).catch(() => undefined);
  if (stat?.isFile() === true) {
    const module: PagesModule = { name: "index.js", type: "esm", contents: await readFile(place, "utf8") };
    return { main: module.name, modules: [module] };
  }
  if (stat?.isDirectory() !== true) return undefined;
  const modules: PagesModule[] = [];
  for (const name of await walk(place, "")) {
    const type = moduleTypeOf(name);
    if (type === undefined) continue;
    const contents = await readFile(join(place, name));
    modules.push({
      name,
      type,
      contents: type === "esm" || type === "text" ? contents.toString("utf8") : contents,
    });
  }
  return { main: "index.js", modules };
}

function readText(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}
