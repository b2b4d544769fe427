import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readPath } from "../../../contract/paths/reading.ts";
import { compilePolicy } from "../../../contract/policy/compile.ts";
import { createDecider } from "../../../contract/policy/decide.ts";
import type { Environment } from "../../../contract/policy/model.ts";
import { parsePolicyText } from "../../../contract/policy/parse.ts";
import { CommandFault } from "./fault.ts";
import { readOutput } from "./output-files.ts";
import { readWranglerToml } from "./wrangler-build.ts";

export interface DoctorOptions {
  /** Folder with the wrangler file. */
  readonly project: string;
  /** gate.json, relative to it. */
  readonly policy: string;
  readonly environment: Environment;
  /** Origin of the Worker, deployed or run by `wrangler dev`; without it only files are looked at. */
  readonly url?: string;
}

interface WorkerConfig {
  readonly main?: unknown;
  readonly pages_build_output_dir?: unknown;
  readonly assets?: { readonly directory?: unknown; readonly run_worker_first?: unknown };
  readonly env?: Readonly<Record<string, WorkerConfig | undefined>>;
}

/**
 * `entra-gate doctor`: whether the static files of a plain Worker come through the gate. The wrangler file says what
 * should be, a file that the policy closes, asked for without a session, what is.
 *
 * @returns what to tell the person at the keyboard
 * @throws CommandFault `not-a-worker`, `wrangler-file-missing`, `wrangler-file-invalid`, `wrangler-missing`, `assets-ungated`,
 *   `policy-invalid`, `no-closed-file`, `file-open`, `url-invalid`, `url-unreachable`
 */
export async function doctor(options: DoctorOptions): Promise<string> {
  const config = readConfig(options.project);
  if (config.pages_build_output_dir !== undefined)
    throw new CommandFault(
      "not-a-worker",
      "The wrangler file is that of a Pages project (pages_build_output_dir), and doctor looks at Workers. `entra-gate verify <url>` asks any address whether it is closed.",
    );
  const environments = [["the top level", config] as const, ...Object.entries(config.env ?? {})];
  for (const [name, part] of environments) {
    const assets = part?.assets;
    if (assets === undefined || assets.run_worker_first === true) continue;
    throw new CommandFault(
      "assets-ungated",
      `The wrangler file, ${name}: static files are served before the Worker, and the gate in it, runs. Set assets.run_worker_first to true; a list of paths leaves the others open.`,
    );
  }
  const directory = config.assets?.directory;
  if (typeof directory !== "string")
    return "The Worker has no static files of its own: all there is comes through it.";
  if (options.url === undefined)
    return "assets.run_worker_first is true. Give --url to prove it by a request: where it is deployed, or what `wrangler dev` prints.";
  return probe(options.url, await closedFile(options, resolve(options.project, directory)));
}

/** Wrangler's order of looking. */
const names = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"] as const;

function readConfig(project: string): WorkerConfig {
  const name = names.find((one) => existsSync(join(project, one)));
  if (name === undefined)
    throw new CommandFault("wrangler-file-missing", `There is none of ${names.join(", ")} here.`);
  if (name.endsWith(".toml")) return readWranglerToml(project, name) as WorkerConfig;
  // Comments and trailing commas, but never what stands in a string.
  const text = readFileSync(join(project, name), "utf8")
    .replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, string) => string ?? "")
    .replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, string) => string ?? "");
  try {
    return (JSON.parse(text) ?? {}) as WorkerConfig;
  } catch {
    throw new CommandFault("wrangler-file-invalid", `${name} can't be read.`);
  }
}

async function closedFile(
  { project, policy, environment }: DoctorOptions,
  directory: string,
): Promise<string> {
  const parsed = parsePolicyText(readFileSync(join(project, policy), "utf8"));
  if (!parsed.ok) {
    throw new CommandFault(
      "policy-invalid",
      `${policy}: ${parsed.problems.map(({ place }) => place).join(", ")}`,
    );
  }
  const decide = createDecider(await compilePolicy(parsed.policy, environment));
  const paths = readOutput(directory).files.map(
    ({ path }) => `/${path.split("/").map(encodeURIComponent).join("/")}`,
  );
  // A page's file name is redirected to its address; the request has to meet the file itself.
  const path = paths.find((one) => !/^\/_(headers|redirects)$/.test(one) && !decide(readPath(one)).allowed);
  if (path !== undefined) return path.replace(/(\/index)?\.html$/, "") || "/";
  throw new CommandFault(
    "no-closed-file",
    `${policy} closes no static file in ${environment}: there is nothing to prove.`,
  );
}

/** @throws CommandFault url-unreachable */
async function answerOf(asked: URL): Promise<Response> {
  try {
    const answer = await fetch(asked, { redirect: "manual" });
    await answer.body?.cancel();
    return answer;
  } catch (error) {
    const { cause, message } = error as Error;
    throw new CommandFault(
      "url-unreachable",
      `${asked} gave no answer: ${cause instanceof Error ? cause.message : message}. Is it the address, and does the Worker run?`,
    );
  }
}

async function probe(url: string, path: string): Promise<string> {
  const asked = URL.parse(path, url);
  if (asked === null || !/^https?:$/.test(asked.protocol))
    throw new CommandFault("url-invalid", `${JSON.stringify(url)} is no address: write https://… in full.`);
  const answer = await answerOf(asked);
  const code = answer.headers.get("x-entra-gate-code");
  if (answer.status === 401 && code !== null) return `${asked} is closed: 401, ${code}.`;
  throw new CommandFault(
    "file-open",
    `${asked} is answered ${answer.status}${code === null ? " by something else than the gate" : `, ${code}`}, without a session it must be 401 by the gate. Set assets.run_worker_first to true, deploy again, and ask again.`,
  );
}
