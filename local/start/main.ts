import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startWorld, type World } from "../world/world.ts";
import { type Account, createAccount, mark, tellDeployment, tellSignIn, tellWhatToOpen } from "./account.ts";
import { endPage } from "./end-page.ts";
import { endPageHtml } from "./end-page-html.ts";
import { serveEndPage } from "./end-page-server.ts";
import { inject } from "./faults.ts";
import { readOptions, type StartOptions } from "./options.ts";
import { allHeld, resultOf, type StartResult } from "./result.ts";
import { openPullRequest, pushToMain } from "./scenario.ts";
import { signInAsEverybody } from "./sign-ins.ts";

/** Where the stand-ins would like to be, so that addresses stay the same from one start to the next. */
const ports = { entra: 8785, github: 8786, cloudflare: 8788, endPage: 8787 };

const signals = ["SIGINT", "SIGTERM"] as const;

async function main(options: StartOptions): Promise<void> {
  const began = Date.now();
  const stop = stopOnSignal();
  const account = createAccount(options.json ? process.stderr : process.stdout);
  account.heading("Bringing up Entra, Cloudflare and GitHub on this machine");
  const nonce = `release-${randomBytes(9).toString("base64url")}`;
  const world = await startWorld({ nonce, keepFolder: options.once, ...(options.once ? {} : { ports }) });
  let result: StartResult | undefined;
  try {
    result = await show(world, options, account, began, stop);
  } finally {
    await world.close();
  }
  if (options.json && result !== undefined) process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exitCode = (result === undefined ? !options.once : allHeld(result)) ? 0 : 1;
}

/** @returns undefined where somebody ended it */
async function show(
  world: World,
  options: StartOptions,
  account: Account,
  began: number,
  stop: AbortSignal,
): Promise<StartResult | undefined> {
  account.line(
    `Entra ${world.entra.authority} · Cloudflare ${world.cloudflare.apiUrl} · GitHub ${world.github.serverUrl}`,
  );
  account.line(`call log ${world.folder}/calls.ndjson`);
  if (options.fault !== undefined) {
    account.line(`${mark(false)} told to do wrong: ${options.fault}`);
    await inject[options.fault](world);
  }
  const watched = { onProgress: account.progress, signal: stop };

  account.heading("A push to the default branch");
  const production = await pushToMain(world, watched);
  if (stop.aborted) return undefined;
  tellDeployment(account, "production", production);
  account.heading("A pull request");
  const preview = await openPullRequest(world, watched);
  if (stop.aborted) return undefined;
  tellDeployment(account, "preview", preview);

  const ending = endPage(world, production, preview);
  if (!options.once) {
    const server = await serveEndPage(ending, ports.endPage);
    tellWhatToOpen(account, server.address, ending);
    await once(stop, "abort");
    await server.close();
    return undefined;
  }
  account.heading("People sign in");
  const signIns = preview.gated
    ? await signInAsEverybody(world, preview.alias, (result) => tellSignIn(account, result))
    : [];
  if (stop.aborted) return undefined;
  const page = join(world.folder, "index.html");
  await writeFile(page, endPageHtml({ ...ending, over: true }));
  for (const { name, text } of ending.evidence) await writeFile(join(world.folder, name), text);
  const result = resultOf(world, { production, preview, signIns, began, page });
  const held = allHeld(result);
  account.heading(
    `${mark(held)} ${held ? "All of it held" : "Something did not hold"} (${result.seconds} s)`,
  );
  return result;
}

/**
 * Ctrl-C stops the demo wherever it is, and what it left is tidied up. It comes twice, from the terminal and from npm,
 * which hands it on; and Miniflare would end the process at once. Neither may keep the rest from being ended.
 */
function stopOnSignal(): AbortSignal {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  for (const signal of signals) process.on(signal, end);
  process.on("newListener", (event, listener) => {
    const signal = signals.find((one) => one === event);
    if (signal !== undefined) queueMicrotask(() => process.removeListener(signal, listener));
  });
  return stop.signal;
}

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${(error as Error).stack}\n`);
  process.exitCode = 1;
}
