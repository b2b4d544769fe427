import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** How long a cancelled step has between SIGINT and SIGKILL. */
const grace = 7_500;

export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  readonly onStart?: (pid: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** Runs a step's process to its end; cancelled, it gets SIGINT, and everything it started SIGKILL 7.5 s later. */
export function runProcess(
  options: ProcessOptions,
): Promise<{ readonly exitCode: number; readonly cancelled: boolean }> {
  const { command, args, cwd, env, onLine, signal } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    if (child.pid !== undefined) options.onStart?.(child.pid);
    let killer: NodeJS.Timeout | undefined;
    const killGroup = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // It ended by itself.
      }
    };
    const cancel = () => {
      child.kill("SIGINT");
      killer = setTimeout(killGroup, grace);
    };
    const readers = [child.stdout, child.stderr].map((stream) => {
      const reader = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
      reader.on("line", onLine);
      return new Promise<void>((done) => reader.once("close", done));
    });
    if (signal?.aborted === true) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    child.once("error", reject);
    // What the step left behind in its process group would keep the pipes, and the machine, busy.
    child.once("exit", () => killGroup());
    child.once("close", async (code) => {
      await Promise.all(readers);
      clearTimeout(killer);
      signal?.removeEventListener("abort", cancel);
      resolve({ exitCode: code ?? 130, cancelled: signal?.aborted === true });
    });
  });
}
