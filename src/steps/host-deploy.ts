import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ActionContext } from "../context.ts";
import type { Tools } from "../tools/install.ts";
import { deploy } from "./deploy.ts";
import { listFiles, writeFiles } from "./folder.ts";
import { hostFiles } from "./sign-in-bundle.ts";
import type { HostProject } from "./sign-in-host.ts";
import { deployDeps } from "./tools.ts";

/** Of the sign-in host, and of a site's project that has none. */
export const compatibilityDate = "2026-11-01";

/**
 * Deploys a sign-in host to its project's production.
 * @param commit at whose time it is made; the host holds nothing of it
 * @param code text of dist/gate/host.js
 * @param bundle digest of code and settings
 * @returns Cloudflare's id of the deployment
 */
export async function deployHost(
  context: ActionContext,
  tools: Tools,
  host: HostProject,
  code: string,
  bundle: string,
  commit: string,
): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), "entra-gate-host-"));
  try {
    const folder = join(scratch, "host");
    await mkdir(folder);
    await writeFiles(hostFiles(code, bundle), folder, folder);
    const made = {
      kind: "host",
      folder,
      id: bundle,
      environment: "production",
      files: await listFiles(folder),
    } as const;
    const branch = host.project.production_branch ?? "main";
    const target = {
      project: host.project.name,
      branch,
      productionBranch: branch,
      environment: "production",
      commit,
      // The bundle's id is that of its content: an earlier deployment may have the same.
      message: `sign-in host ${randomBytes(8).toString("hex")}`,
    } as const;
    return (await deploy(made, target, deployDeps(context, tools))).id;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
