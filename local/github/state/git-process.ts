import { spawn } from "node:child_process";

/** The machine's own git settings must not decide what a stand-in's repository holds. */
export const gitEnvironment: Readonly<Record<string, string>> = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  LC_ALL: "C.UTF-8",
};

interface Output {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs git with an environment of its own. Never rejects for what git says, only where there is no git. */
export function git(
  args: readonly string[],
  input?: Uint8Array,
  env?: Record<string, string>,
): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", args, {
      env: { PATH: process.env["PATH"], ...gitEnvironment, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.once("error", reject);
    child.once("close", (code) =>
      resolve({ code: code ?? 1, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() }),
    );
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

/** A command's output. @throws Error with what git printed where it failed */
export async function gitOutput(
  args: readonly string[],
  input?: Uint8Array,
  env?: Record<string, string>,
): Promise<string> {
  const { code, stdout, stderr } = await git(args, input, env);
  if (code !== 0) throw new Error(`git ${args.slice(0, 4).join(" ")}: ${stderr.trim() || `exit ${code}`}`);
  return stdout.toString();
}
