import { mkdir, symlink, writeFile } from "node:fs/promises";
import { arch } from "node:os";
import { join } from "node:path";
import { toolName, toolVersion } from "../src/tools/install.ts";

/**
 * Fills a tool cache with this repository's own wrangler and Miniflare, which are the pinned versions, so that a run
 * of the action on this machine installs nothing.
 *
 * @param toolCache what RUNNER_TOOL_CACHE will be
 * @param root of the repository
 * @param pinned dist/tools, or src/tools/pinned
 */
export async function presetTools(toolCache: string, root: string, pinned: string): Promise<void> {
  const version = await toolVersion(pinned);
  const folder = join(toolCache, toolName, version, arch());
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "private": true }\n');
  await symlink(join(root, "node_modules"), join(folder, "node_modules"), "dir");
  await writeFile(`${folder}.complete`, "");
}
