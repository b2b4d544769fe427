import { access, chmod, mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";

/**
 * The folder that stands first in every job's PATH: `node` (the one that runs this), `npm` and `npx`.
 *
 * There is no network but loopback here, so `npm ci` and `npm install` without arguments can't install anything.
 * They are satisfied by linking, entry by entry, a node_modules folder that is already on this machine into the working
 * directory; what package-lock.json says is not compared. Every other npm command, and npx, is the real one, offline.
 * A build that writes into node_modules/<package> therefore writes into that folder.
 */
export async function createToolbin(folder: string, nodeModules: string | undefined): Promise<string> {
  const npmCli = await findNpm();
  const npx = join(dirname(npmCli), "npx-cli.js");
  await mkdir(folder, { recursive: true });
  await symlink(process.execPath, join(folder, "node"));
  const node = quote(join(folder, "node"));
  const offline =
    "export npm_config_offline=true npm_config_update_notifier=false npm_config_audit=false npm_config_fund=false";
  await script(join(folder, "npx"), `${offline}\nexec ${node} ${quote(npx)} "$@"`);
  await script(
    join(folder, "npm"),
    `${offline}
case "$1" in
  ci | install | i)
    command="$1"
    shift
    for argument; do
      case "$argument" in -*) ;; *) echo "npm $command $argument: nothing can be installed by name here" >&2; exit 1 ;; esac
    done
    [ -f package.json ] || { echo "npm error code ENOENT: no package.json in $PWD" >&2; exit 254; }
    [ "$command" != ci ] || [ -f package-lock.json ] || { echo "npm error code EUSAGE: npm ci needs a package-lock.json" >&2; exit 1; }
    ${nodeModules === undefined ? 'echo "no node_modules folder was given to the runner" >&2; exit 1' : link(nodeModules)}
    ;;
  *) exec ${node} ${quote(npmCli)} "$@" ;;
esac`,
  );
  return folder;
}

function link(nodeModules: string): string {
  return `rm -rf node_modules && mkdir node_modules && ln -s ${quote(nodeModules)}/* node_modules/ || exit 1
    [ ! -d ${quote(join(nodeModules, ".bin"))} ] || ln -s ${quote(join(nodeModules, ".bin"))} node_modules/.bin || exit 1
    echo "linked the packages of this machine into node_modules"`;
}

async function script(path: string, body: string): Promise<void> {
  await writeFile(path, `#!/bin/bash\n${body}\n`);
  await chmod(path, 0o755);
}

/** The npm that started us, else the first one in PATH. @throws Error where there is none */
async function findNpm(): Promise<string> {
  const own = process.env["npm_execpath"];
  if (own?.endsWith("npm-cli.js") === true) return own;
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    try {
      const path = await realpath(join(folder, "npm"));
      await access(join(dirname(path), "npx-cli.js"));
      if (path.endsWith("npm-cli.js")) return path;
    } catch {
      // Not in this folder.
    }
  }
  throw new Error("no npm in PATH: the local runner needs the one that comes with Node");
}

function quote(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
