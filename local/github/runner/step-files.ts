import { randomUUID } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const names = ["GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"] as const;
type FileName = (typeof names)[number];
const longestSummary = 1024 * 1024;

export interface StepFiles {
  readonly environment: Readonly<Record<FileName, string>>;
  outputs(): Promise<Record<string, string>>;
  variables(): Promise<Record<string, string>>;
  paths(): Promise<string[]>;
  /** Markdown; more than 1 MiB is not taken, as on GitHub. */
  summary(): Promise<string>;
}

/** The empty files that a step writes its outputs, variables, paths and summary into. */
export async function createStepFiles(temp: string): Promise<StepFiles> {
  const folder = join(temp, "_runner_file_commands");
  await mkdir(folder, { recursive: true });
  const id = randomUUID();
  const paths = Object.fromEntries(names.map((name) => [name, join(folder, `${name.toLowerCase()}_${id}`)]));
  const environment = paths as Record<FileName, string>;
  await Promise.all(names.map((name) => writeFile(environment[name], "")));
  const read = (name: FileName) => readFile(environment[name], "utf8");
  return {
    environment,
    outputs: async () => parsePairs(await read("GITHUB_OUTPUT"), "GITHUB_OUTPUT"),
    variables: async () => checkVariables(parsePairs(await read("GITHUB_ENV"), "GITHUB_ENV")),
    paths: async () => (await read("GITHUB_PATH")).split(/\r?\n/).filter((line) => line !== ""),
    summary: async () => {
      const text = await read("GITHUB_STEP_SUMMARY");
      if (Buffer.byteLength(text) > longestSummary)
        throw new Error("$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k");
      return text;
    },
  };
}

/** `name=value` lines and `name<<DELIMITER` blocks. @throws Error for a line that is neither */
export function parsePairs(text: string, file: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    if (line === "") continue;
    const equals = line.indexOf("=");
    const heredoc = line.indexOf("<<");
    if (equals > 0 && (heredoc < 0 || equals < heredoc)) {
      pairs[line.slice(0, equals)] = line.slice(equals + 1);
      continue;
    }
    if (heredoc <= 0)
      throw new Error(`Unable to process file command '${file}' successfully. Invalid format '${line}'`);
    const end = lines.indexOf(line.slice(heredoc + 2), index + 1);
    if (end < 0)
      throw new Error(`Unable to process file command '${file}' successfully. Matching delimiter not found`);
    pairs[line.slice(0, heredoc)] = lines.slice(index + 1, end).join("\n");
    index = end;
  }
  return pairs;
}

/** NODE_OPTIONS would run code in every later step. */
function checkVariables(variables: Record<string, string>): Record<string, string> {
  const name = Object.keys(variables).find((each) => each.toUpperCase() === "NODE_OPTIONS");
  if (name !== undefined)
    throw new Error(`Can't store ${name} output parameter using '$GITHUB_ENV' command.`);
  return variables;
}
