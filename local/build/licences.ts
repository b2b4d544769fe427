import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { workerd } from "./workers.ts";

interface Package {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Text of its licence files; empty where it ships none. */
  readonly text: string;
}

const node: BuildOptions = { bundle: true, platform: "node", format: "esm", logLevel: "error" };

/** What packages hold of others without naming it in their package.json; from their sources and projects' own pages. */
const within: Readonly<Record<string, string>> = {
  "@cloudflare/pages-plugin-vercel-og":
    "holds @vercel/og and satori (MPL-2.0), resvg (MPL-2.0), yoga-layout (MIT) and the font Noto Sans (OFL-1.1)",
  "@cloudflare/pages-shared": "part of github.com/cloudflare/workers-sdk (MIT OR Apache-2.0)",
};

/**
 * Writes who wrote what the built files hold, and under which licence: one file for dist/, one for the package. esbuild
 * names the modules of every bundle, also of those that ncc makes; nothing is shaken off, so none is forgotten.
 */
export async function writeLicences(root: string, dist: string, plugin: string): Promise<void> {
  const gate = ["wrapped", "host"].map((name) => `pages-plugin/src/entries/${name}.ts`);
  const action = [
    ...(await packagesOf(root, node, ["src/main.ts", "src/rehearsal/main.ts"])),
    ...(await packagesOf(root, { ...workerd, external: ["*.wasm", "*.bin", "node:*"] }, [
      ...gate,
      "src/pages-runtime/asset-server.ts",
      "src/card/worker.ts",
    ])),
  ];
  const published = [
    ...(await packagesOf(root, node, ["pages-plugin/src/cli/main.ts"])),
    ...(await packagesOf(root, workerd, [...gate, "pages-plugin/src/entries/plugin.ts"])),
  ];
  writeFileSync(join(dist, "licences.txt"), textOf(root, action));
  writeFileSync(join(plugin, "licences.txt"), textOf(root, published));
}

async function packagesOf(root: string, options: BuildOptions, entries: string[]): Promise<string[]> {
  const { metafile } = await build({
    ...options,
    absWorkingDir: root,
    entryPoints: entries,
    outdir: "unused",
    write: false,
    metafile: true,
    treeShaking: false,
  });
  return Object.keys(metafile.inputs).flatMap((input) => {
    const at = input.lastIndexOf("node_modules/");
    if (at < 0) return [];
    const place = at + "node_modules/".length;
    const words = input.slice(place).split("/");
    return [input.slice(0, place) + words.slice(0, words[0]?.startsWith("@") ? 2 : 1).join("/")];
  });
}

function textOf(root: string, folders: readonly string[]): string {
  const packages = [...new Set(folders)].map((folder) => readPackage(join(root, folder)));
  packages.sort((a, b) => `${a.name}@${a.version}`.localeCompare(`${b.name}@${b.version}`, "en"));
  const list = packages.map(
    ({ name, version, licence }) =>
      `${name} ${version}: ${licence}${within[name] === undefined ? "" : `; ${within[name]}`}`,
  );
  const texts = packages.map(
    ({ name, version, text }) => `## ${name} ${version}\n\n${text.trim() || "(no text in the package)"}`,
  );
  return `${["What the files beside this one hold of others, and under which licence.", "", ...list, "", ...texts].join("\n")}\n`;
}

function readPackage(folder: string): Package {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    name: string;
    version: string;
    license?: string;
  };
  const files = existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
        .sort()
    : [];
  const text = files
    .map((file) => readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim())
    .join("\n\n");
  return { name, version, licence: license ?? "not said", text };
}
