import { randomBytes } from "node:crypto";
import { startWorld, type World } from "../world/world.ts";
import { createAccount, mark, tellDeployment, tellSignIn, tellWhatToOpen } from "./account.ts";
import { inject } from "./faults.ts";
import { readOptions, type StartOptions } from "./options.ts";
import { allHeld, resultOf } from "./result.ts";
import { openPullRequest, pushToMain } from "./scenario.ts";
import { signInAsEverybody } from "./sign-ins.ts";

/** Where the stand-ins would like to be, so that addresses stay the same from one start to the next. */
const ports = { entra: 8785, github: 8786, cloudflare: 8788 };

async function main(options: StartOptions): Promise<void> {
  const began = Date.now();
  const account = createAccount(options.json ? process.stderr : process.stdout);
  account.heading("Bringing up Entra, Cloudflare and GitHub on this machine");
  const nonce = `release-${randomBytes(9).toString("base64url")}`;
  const world = await startWorld({ nonce, keepFolder: options.once, ...(options.once ? {} : { ports }) });
  const ended = endOnSignal(world);
  account.line(
    `Entra ${world.entra.authority} · Cloudflare ${world.cloudflare.apiUrl} · GitHub ${world.github.serverUrl}`,
  );
  account.line(`call log ${world.folder}/calls.ndjson`);
  if (options.fault !== undefined) {
    account.line(`${mark(false)} told to do wrong: ${options.fault}`);
    await inject[options.fault](world);
  }

  account.heading("A push to the default branch");
  const production = await pushToMain(world, account.progress);
  tellDeployment(account, "production", production);
  account.heading("A pull request");
  const preview = await openPullRequest(world, account.progress);
  tellDeployment(account, "preview", preview);

  if (!options.once) {
    tellWhatToOpen(account, world, { production, preview, page: preview.page });
    await ended;
    return;
  }
  account.heading("People sign in");
  const signIns = preview.gated
    ? await signInAsEverybody(world, preview.alias, (result) => tellSignIn(account, result))
    : [];
  const result = resultOf(world, production, preview, signIns, began);
  const held = allHeld(result);
  account.heading(
    `${mark(held)} ${held ? "All of it held" : "Something did not hold"} (${result.seconds} s)`,
  );
  await world.close();
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exitCode = held ? 0 : 1;
}

/** Ctrl-C ends the stand-ins and what they left on disk, also in the middle of the demo. */
function endOnSignal(world: World): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        void world.close().then(() => {
          resolve();
          process.exit(0);
        });
      });
    }
  });
}

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${(error as Error).stack}\n`);
  process.exitCode = 1;
}
