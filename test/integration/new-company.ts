import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { CallLog } from "../../local/call-log.ts";
import { systemClock } from "../../local/clock.ts";
import { startCloudflare } from "../../local/cloudflare/cloudflare.ts";
import { type EntraStandIn, startEntra } from "../../local/entra/entra.ts";
import { Faults } from "../../local/faults.ts";
import { createRunner, startGitHub } from "../../local/github/index.ts";
import { createToolbin } from "../../local/github/runner/toolbin.ts";
import { demo } from "../../local/world/demo.ts";
import { copyAction, warmToolCache } from "../../local/world/machine.ts";
import { root } from "../src/steps/fixtures.ts";

/** The names that docs/quick-start.md uses. */
export const accountId = "0123456789abcdef0123456789abcdef";
export const cloudflareToken = "cf-quick-start-5f2c9a71d3e84b60";

/**
 * A company in which nothing of the gate is there yet: a tenant with people and groups, a Cloudflare account, an empty
 * repository, and an administrator's machine with `az`, `gh`, git, npm and the package at hand.
 */
export async function startNewCompany() {
  const folder = await mkdtemp(join(tmpdir(), "quick-start-"));
  const common = { clock: systemClock, log: new CallLog(), faults: new Faults() };
  const github = await startGitHub(common);
  const entra = await startEntra(common);
  const cloudflare = await startCloudflare({
    ...common,
    accountId,
    apiTokens: [{ value: cloudflareToken, kind: "account", permissions: ["pages", "d1"] }],
    assetServer: await readFile(join(root, "dist", "pages-runtime", "asset-server.js"), "utf8"),
  });
  const admin = emptyTenant(entra);
  const repository = await github.store.createRepository({ owner: "acme", name: "site" });
  const runner = await createRunner({
    github,
    action: { ref: demo.action, folder: await pointedAt(entra, await copyAction(folder)) },
    toolCache: await warmToolCache(folder),
    npm: { nodeModules: join(root, "node_modules") },
    environment: { CLOUDFLARE_API_BASE_URL: cloudflare.apiUrl },
  });
  const home = join(folder, "home");
  const bin = await machine(folder, home, `file://${repository.gitDir}`);
  return {
    ...{ github, entra, cloudflare, runner, repository, home },
    /** What the administrator's shell finds; the tokens are what `az login` and `gh auth login` have left. */
    env: {
      PATH: [bin, join(folder, "bin"), process.env["PATH"]].join(delimiter),
      HOME: home,
      LANG: "C.UTF-8",
      GIT_CONFIG_NOSYSTEM: "1",
      AZ_LOGIN: await entra.azureCliToken(admin),
      GH_LOGIN: github.tokenOf("acme"),
      GRAPH_URL: entra.graphUrl,
      GITHUB_API_URL: github.apiUrl,
      GITHUB_OIDC_ISSUER: github.issuer,
      CLOUDFLARE_API_BASE_URL: cloudflare.apiUrl.replace("127.0.0.1", "api.cloudflare.localhost"),
    },
    async close() {
      await runner.close();
      await Promise.all([cloudflare.close(), entra.close(), github.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** @returns object id of somebody who may do everything there */
function emptyTenant({ directory, cast }: EntraStandIn): string {
  for (const { objectId } of Object.values(cast.applications)) directory.removeApplication(objectId);
  directory.deletedApplications.clear();
  const { oid } = cast.people.admin;
  directory.directoryRoles.set(oid, new Set(["Global Administrator"]));
  return oid;
}

/** The workflow that `init` writes names no origin: the action's own defaults lead to the stand-ins here. */
async function pointedAt({ authority, graphUrl }: EntraStandIn, action: string): Promise<string> {
  const file = join(action, "action.yml");
  const text = await readFile(file, "utf8");
  const local = text
    .replace("default: https://login.microsoftonline.com", `default: ${authority}`)
    .replace("default: https://graph.microsoft.com", `default: ${graphUrl}`);
  await writeFile(file, local);
  return action;
}

/** `az` and `gh` with a login, `npm install` of packages that are on this machine, and git that knows where GitHub is. */
async function machine(folder: string, home: string, repository: string): Promise<string> {
  const bin = join(folder, "stand-ins");
  await mkdir(join(home, "site"), { recursive: true });
  await mkdir(bin);
  const toolbin = await createToolbin(join(folder, "bin"), join(root, "node_modules"));
  const script = async (name: string, lines: string) => {
    await writeFile(join(bin, name), `#!/bin/sh\n${lines}\n`);
    await chmod(join(bin, name), 0o755);
  };
  for (const name of ["az", "gh"])
    await script(
      name,
      `exec '${process.execPath}' '${join(import.meta.dirname, "programs", `${name}.ts`)}' "$@"`,
    );
  await script(
    "npm",
    `[ "$*" = "install --save-dev pages-plugin-entra-gate wrangler" ] || exec '${toolbin}/npm' "$@"
cat > package.json <<'END'
{ "devDependencies": { "pages-plugin-entra-gate": "^0.1.0", "wrangler": "^4.164.0" } }
END
echo '{ "lockfileVersion": 3, "packages": {} }' > package-lock.json
exec '${toolbin}/npm' install`,
  );
  await writeFile(
    join(home, ".gitconfig"),
    `[user]\n\tname = acme\n\temail = acme@users.noreply.github.localhost\n[url "${repository}"]\n\tinsteadOf = https://github.com/acme/site.git\n`,
  );
  return bin;
}
