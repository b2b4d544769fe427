import { pathToFileURL } from "node:url";
import type { Command } from "commander";
import { createProgram } from "../../../pages-plugin/src/cli/program.ts";
import type { Words } from "./shell-words.ts";

/**
 * The command's words are taken by the program itself, up to where it would do something.
 *
 * @param mention a text that speaks of a command need not say all that it takes
 */
export function gateCommandProblems([name = "", ...rest]: Words, mention = false): readonly string[] {
  const program = createProgram("0.0.0", pathToFileURL("/nowhere"));
  if (name.startsWith("-")) return [];
  const command = program.commands.find((one) => one.name() === name);
  if (command === undefined) return [`entra-gate has no command ${name}`];
  if (rest.includes("--help")) return [];
  return wordProblems(command, rest, mention || rest.includes("etc"));
}

function wordProblems(command: Command, words: Words, incomplete: boolean): readonly string[] {
  let said = "";
  command.exitOverride(() => {
    throw new Error(said);
  });
  command.configureOutput({ writeErr: (text) => (said += text), outputError: (text) => (said += text) });
  command.showHelpAfterError(false);
  try {
    const { operands, unknown } = command.parseOptions(words.filter((word) => word !== "etc"));
    const wanted = command.registeredArguments;
    const many = wanted.some(({ variadic }) => variadic);
    return [
      ...unknown.map((word) => `entra-gate ${command.name()} does not know ${word}`),
      ...(operands.length > wanted.length && !many ? [`entra-gate ${command.name()}: too many words`] : []),
      ...(operands.length < wanted.filter(({ required }) => required).length && !incomplete
        ? [`entra-gate ${command.name()}: too few words`]
        : []),
      ...command.options
        .filter(
          (option) =>
            !incomplete && option.mandatory && command.getOptionValue(option.attributeName()) === undefined,
        )
        .map(({ flags }) => `entra-gate ${command.name()} needs ${flags}`),
    ];
  } catch (error) {
    return [(error as Error).message];
  }
}
