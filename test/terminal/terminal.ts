import { stripVTControlCharacters } from "node:util";
import { spawn } from "@lydell/node-pty";

/** What a person does when they read this: the keys that they press. */
export type Reply = readonly [question: RegExp, keys: string];

export const enter = "\r";
export const arrowDown = "\u001b[B";

export interface Terminal {
  /**
   * Types a line and waits until the shell is back, answering questions in the order in which they come.
   * @returns what stood on the screen, without colours
   * @throws Error where the line failed, a question did not come, or it took too long
   */
  type(line: string, replies?: readonly Reply[]): Promise<string>;
  /** Everything that was ever to be seen. */
  text(): string;
  close(): void;
}

export interface TerminalOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds that one line may take. */
  readonly limit: number;
}

/** The prompt, with the status of what was run before: it can't be confused with what a command prints. */
const prompt = /⟦(\d+)⟧/;

/** A shell in a pseudo-terminal, as a person has it in front of them. */
export async function openTerminal({ cwd, env, limit }: TerminalOptions): Promise<Terminal> {
  const shell = spawn("bash", ["--noprofile", "--norc", "-i"], {
    cwd,
    cols: 120,
    rows: 50,
    env: { ...env, TERM: "xterm-256color", PS1: "⟦$?⟧ ", PS2: "", HISTFILE: "" },
  });
  let all = "";
  let unread = 0;
  let wake: () => void = () => {};
  shell.onData((data) => {
    all += data;
    wake();
  });
  const shown = () => stripVTControlCharacters(all.slice(unread));

  async function until(pattern: RegExp): Promise<RegExpExecArray> {
    const end = Date.now() + limit;
    for (;;) {
      const found = pattern.exec(shown());
      if (found !== null) return found;
      const left = prompt.test(shown()) ? 0 : end - Date.now();
      if (left <= 0) throw new Error(`${pattern} was never to be seen; there is:\n${shown()}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  await until(prompt);
  return {
    async type(line, replies = []) {
      unread = all.length;
      shell.write(`${line}${enter}`);
      const began = unread;
      for (const [question, keys] of replies) {
        await until(question);
        unread = all.length;
        shell.write(keys);
      }
      const [, status] = await until(prompt);
      const text = stripVTControlCharacters(all.slice(began));
      unread = all.length;
      if (status !== "0") throw new Error(`${line} ended with ${status}:\n${text}`);
      return text;
    },
    text: () => stripVTControlCharacters(all),
    close: () => shell.kill(),
  };
}
