import { join } from "node:path";
import type { ActionContext } from "../context.ts";
import { wrapUpTime } from "../deadline.ts";
import { installTools, type Tools } from "../tools/install.ts";
import type { DeployDeps } from "./deploy.ts";

/** Most milliseconds for one installation, and for one upload. */
const longest = 300_000;

/** Installs wrangler and Miniflare, or finds them in the tool cache. @throws ActionError tool-install-failed */
export function toolsFor(context: ActionContext): Promise<Tools> {
  return installTools({
    pinned: join(context.dist, "tools"),
    log: (line) => context.log.info(line),
    env: context.env,
    timeout: timeLeft(context),
  });
}

/** What `deploy` works with. */
export function deployDeps(context: ActionContext, tools: Tools): DeployDeps {
  const { cloudflare, inputs, now, sleep, log, deadline } = context;
  return {
    cloudflare,
    now,
    sleep,
    log,
    wrapUp: () => deadline.wrapUp(wrapUpTime.cover),
    wrangler: {
      tools,
      apiToken: inputs.cloudflareApiToken,
      accountId: inputs.cloudflareAccountId,
      apiBaseUrl: context.cloudflareUrl,
      timeout: () => timeLeft(context),
    },
  };
}

function timeLeft({ deadline }: ActionContext): number {
  return Math.max(1, Math.min(longest, deadline.left()));
}
