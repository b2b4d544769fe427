import { readdirSync, readFileSync } from "node:fs";

/**
 * The processor time of a worker's own thread, which stands still while other people's processes have the processor.
 * Linux only: everywhere else the wall clock has to do.
 */
export interface CpuTime {
  /** Milliseconds that workerd's main thread, where all JavaScript runs, has been on a processor. */
  now(): number;
}

/**
 * Finds the workerd that this process started.
 *
 * @see docs.kernel.org, scheduler/sched-stats: the first figure of schedstat, in nanoseconds
 */
export function workerdCpuTime(): CpuTime | undefined {
  const pid = childrenNamed("workerd").at(-1);
  if (pid === undefined) return undefined;
  const path = `/proc/${pid}/task/${pid}/schedstat`;
  return { now: () => Number(readFileSync(path, "utf8").split(" ", 1)[0]) / 1e6 };
}

function childrenNamed(name: string): string[] {
  try {
    return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && isChild(pid, name));
  } catch {
    return [];
  }
}

function isChild(pid: string, name: string): boolean {
  try {
    // `pid (comm) state ppid …`
    const [, comm, parent] = /^\d+ \((.*)\) \S (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    return comm === name && Number(parent) === process.pid;
  } catch {
    // It ended while the list was read.
    return false;
  }
}
