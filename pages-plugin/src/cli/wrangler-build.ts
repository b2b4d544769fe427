import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CommandFault } from "./fault.ts";

/**
 * `wrangler pages functions build` of the project's own wrangler: what a deployment by hand would run.
 *
 * @param subject what is compiled, for the message
 * @throws CommandFault `wrangler-missing`, `functions-failed`
 */
export function wranglerBuild(project: string, subject: string, args: readonly string[]): void {
  const command = [findWrangler(project), "pages", "functions", "build", "functions", ...args];
  const result = spawnSync(process.execPath, command, {
    cwd: project,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "true" },
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
  });
  if (result.status === 0) return;
  const words = `${result.stdout}\n${result.stderr}`.trim();
  throw new CommandFault("functions-failed", `wrangler could not compile ${subject}:\n${words}`);
}

/**
 * A `wrangler.toml` as wrangler itself reads it.
 *
 * @throws CommandFault `wrangler-missing`, `wrangler-file-invalid`
 */
export function readWranglerToml(project: string, name: string): unknown {
  const module = createRequire(wranglerPackage(project))("wrangler") as {
    experimental_readRawConfig?(args: { readonly config: string }): { readonly rawConfig: unknown };
  };
  try {
    if (module.experimental_readRawConfig === undefined) throw new Error("this wrangler gives no way to");
    return module.experimental_readRawConfig({ config: join(project, name) }).rawConfig;
  } catch (error) {
    throw new CommandFault("wrangler-file-invalid", `${name} can't be read: ${(error as Error).message}`);
  }
}

function findWrangler(project: string): string {
  return join(dirname(wranglerPackage(project)), "bin", "wrangler.js");
}

function wranglerPackage(project: string): string {
  // Beside the site first; else the one that this package was installed with.
  for (const from of [join(project, "package.json"), import.meta.url]) {
    try {
      return createRequire(from).resolve("wrangler/package.json");
    } catch {}
  }
  throw new CommandFault(
    "wrangler-missing",
    "The site's code needs wrangler to be compiled. Run `npm install --save-dev wrangler` in the site's project.",
  );
}
