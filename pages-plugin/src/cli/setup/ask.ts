import { confirm, isCancel, password } from "@clack/prompts";
import { CommandFault } from "../fault.ts";
import type { SetupAsker } from "./context.ts";

/**
 * @param yes `--yes`: everything is answered with it
 * @param terminal false in CI, in a pipe and with `--json`: nothing is asked
 */
export function createSetupAsker(yes: boolean, terminal: boolean): SetupAsker {
  return {
    async confirm(message) {
      if (yes) return true;
      if (!terminal)
        throw new CommandFault(
          "answer-missing",
          "There is no terminal to ask at: give --yes (or --dry-run).",
        );
      const answer = await confirm({ message, initialValue: false, output: process.stderr });
      return !isCancel(answer) && answer;
    },
  };
}

/** Asks for a secret; what is typed is shown as dots. */
export async function askSecret(message: string): Promise<string | undefined> {
  const answer = await password({ message, output: process.stderr });
  return isCancel(answer) ? undefined : answer;
}
