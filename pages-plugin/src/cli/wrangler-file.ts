import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Wrangler's order of looking. Only single plain settings are taken from the file, so no parser of each format is needed. */
const names = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"] as const;

/** Text of the wrangler file that a project has, without lines that are comments. */
function wranglerFile(project: string): string {
  const name = names.find((one) => existsSync(join(project, one)));
  if (name === undefined) return "";
  return readFileSync(join(project, name), "utf8").replace(/^\s*(\/\/|#).*$/gm, "");
}

/** What stands after the first mention of a setting: `"name": …` in JSON, `name = …` in TOML. */
function settingIn(text: string, name: string, shape: string): string | undefined {
  return new RegExp(`(?:"${name}"\\s*:|^\\s*${name}\\s*=)\\s*${shape}`, "m").exec(text)?.[1];
}

/** `pages_build_output_dir` of the wrangler file. */
export function configuredOutput(project: string): string | undefined {
  return settingIn(wranglerFile(project), "pages_build_output_dir", `["']([^"'\\n]+)["']`);
}

/** Name of the Pages project, where the wrangler file is one of Pages. */
export function configuredName(project: string): string | undefined {
  if (configuredOutput(project) === undefined) return undefined;
  return settingIn(wranglerFile(project), "name", `["']([^"'\\n]+)["']`);
}

/** What of the wrangler file changes how wrangler bundles, as options of its command line. */
export function compatibilityArguments(project: string): string[] {
  const text = wranglerFile(project);
  const date = settingIn(text, "compatibility_date", `["'](\\d{4}-\\d\\d-\\d\\d)["']`);
  const flags = settingIn(text, "compatibility_flags", "\\[([^\\]]*)\\]") ?? "";
  return [
    ...(date === undefined ? [] : ["--compatibility-date", date]),
    ...[...flags.matchAll(/["']([\w-]+)["']/g)].flatMap(([, flag = ""]) => ["--compatibility-flags", flag]),
  ];
}
