import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What anybody on the machine could see of runs while they went on. */
export interface MachineWatch {
  /** Arguments with which processes were started, and the text of files below the temporary folder; by place. */
  seen(): Record<string, string>;
  stop(): void;
}

const processesEvery = 50;
const filesEvery = 1_000;
/** Folders of the stand-ins, the runner and the action; the machine's other temporary files are nobody's business. */
const ours = /^(entra-gate|runner|github)-/;
/** Copies of what is public, and what git has packed. */
const passedBy = new Set(["node_modules", "tool-cache", "action", "_tool", ".git"]);
const longestFile = 256 * 1024;

/**
 * Looks at the list of processes (where there is `/proc`) and at temporary files again and again. What lives for a
 * shorter time than a look apart is not seen, so this finds habits rather than moments.
 */
export function watchMachine(): MachineWatch {
  const began = Date.now();
  const commands = new Set<string>();
  const files = new Map<string, string>();
  const known = new Map<string, number>();

  const lookAtProcesses = (): void => {
    if (!existsSync("/proc/self/cmdline")) return;
    for (const id of readdirSync("/proc")) {
      if (!/^\d+$/.test(id)) continue;
      const line = reading(() => readFileSync(`/proc/${id}/cmdline`, "utf8")) ?? "";
      if (line !== "") commands.add(line.replaceAll("\0", " "));
    }
  };
  const lookAtFiles = (): void => {
    const folders = readdirSync(tmpdir()).filter((name) => ours.test(name));
    for (const name of folders) walk(join(tmpdir(), name), keep);
  };
  const keep = (path: string): void => {
    const stat = reading(() => statSync(path));
    if (stat === undefined || stat.mtimeMs < began - 1_000 || stat.size > longestFile) return;
    if (known.get(path) === stat.mtimeMs) return;
    known.set(path, stat.mtimeMs);
    const text = reading(() => readFileSync(path, "latin1"));
    if (text !== undefined) files.set(path, `${files.get(path) ?? ""}${text}`);
  };

  const timers = [setInterval(lookAtProcesses, processesEvery), setInterval(lookAtFiles, filesEvery)];
  return {
    seen() {
      lookAtFiles();
      return { "list of processes": [...commands].join("\n"), ...Object.fromEntries(files) };
    },
    stop() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}

function walk(folder: string, visit: (path: string) => void): void {
  for (const entry of reading(() => readdirSync(folder, { withFileTypes: true })) ?? []) {
    if (passedBy.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) walk(path, visit);
    else if (entry.isFile()) visit(path);
  }
}

/** Undefined for what is gone by the time it is read. */
function reading<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
