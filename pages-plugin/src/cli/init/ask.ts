import { confirm, isCancel, multiselect, note, select, text } from "@clack/prompts";
import { CommandFault } from "../fault.ts";
import type { Answers, Asker, Groups } from "./answers.ts";

/** What was given on the command line; each that is missing is asked for, where there is a terminal. */
export interface Given {
  readonly output?: string;
  /** Folders of the sites of a monorepo. */
  readonly sites: readonly string[];
  readonly groups: readonly string[];
  readonly everyMember: boolean;
  readonly production?: Answers["production"];
  readonly action?: string;
  readonly yes: boolean;
}

const flags = {
  group: "--group name[=<object id>] (or --every-member)",
  production: "--production open or --production closed",
  action: "--action owner/entra-gate@v1",
} as const;

/** Flags of the questions that every site is asked, so that whoever can't be asked is told all of them at once. */
function missingOf({ groups, everyMember, production, action }: Given): string[] {
  return [
    ...(groups.length > 0 || everyMember ? [] : [flags.group]),
    ...(production === undefined ? [flags.production] : []),
    ...(action === undefined ? [flags.action] : []),
  ];
}

/**
 * Answers from flags, and from the person at the terminal.
 *
 * @param terminal false in CI or a pipe: nothing is asked, and what is missing is named with its flag
 * @returns an asker that throws CommandFault answer-missing, group-invalid or init-declined
 */
export function createAsker(given: Given, terminal: boolean): Asker {
  const question = async <T>(flag: string, ask: () => Promise<unknown>): Promise<T> => {
    if (!terminal) {
      const all = [...new Set([flag, ...missingOf(given)])].join(", ");
      throw new CommandFault("answer-missing", `There is no terminal to ask at: give ${all}.`);
    }
    const answer = await ask();
    if (isCancel(answer)) throw new CommandFault("init-declined", "Nothing was written.");
    return answer as T;
  };

  return {
    async sites(candidates) {
      if (given.sites.length > 0) return given.sites;
      if (candidates === undefined) return undefined;
      const folders = candidates.map(({ repository }) => repository.directory);
      return question("--site for each of the repository's sites", () =>
        multiselect({
          message: "Which of these are sites on Cloudflare Pages?",
          options: candidates.map(({ repository: { directory: value }, framework }) => ({
            value,
            ...(framework && { hint: framework }),
          })),
          initialValues: folders,
        }),
      );
    },

    output: async ({ output, framework }) =>
      given.output ??
      (terminal || output === undefined
        ? question("--output", () =>
            text({
              message: `Which folder does the build put the site into?${framework ? ` (${framework})` : ""}`,
              ...(output === undefined ? {} : { initialValue: output }),
              validate: (value) => (value ? undefined : "Name a folder."),
            }),
          )
        : output),

    async groups() {
      if (given.groups.length > 0) return groupsOf(given.groups);
      if (given.everyMember) return {};
      const list = await question<string>(flags.group, () =>
        text({
          message:
            "Who sees previews? Groups of Entra by name (setup finds their ids) or as name=<object id>, separated by commas; empty: every member of the tenant",
          defaultValue: "",
        }),
      );
      return groupsOf(list.split(",").filter((part) => part.trim() !== ""));
    },

    production: async () =>
      given.production ??
      question(flags.production, () =>
        select<Answers["production"]>({
          message: "And production?",
          options: [
            { value: "open", label: "open to the world, as it is now" },
            { value: "closed", label: "for the same people as previews" },
          ],
        }),
      ),

    action: async () =>
      given.action ??
      question(flags.action, () =>
        text({
          message: "Which repository holds the action, and at which version?",
          placeholder: "owner/entra-gate@v1",
          validate: (value) =>
            value?.includes("@") ? undefined : "Write it as uses: has it: owner/entra-gate@v1",
        }),
      ),

    async confirm(plan) {
      if (given.yes) return true;
      if (terminal) note(plan, "This will be written");
      return question("--yes (or --dry-run)", () => confirm({ message: "Write these files?" }));
    },
  };
}

function groupsOf(parts: readonly string[]): Groups {
  return Object.fromEntries(
    parts.map((part) => {
      const [, name, id] = /^\s*([^=\s]+)\s*(?:=\s*(\S+)\s*)?$/.exec(part) ?? [];
      if (name === undefined)
        throw new CommandFault(
          "group-invalid",
          `${JSON.stringify(part)} is no group: write name, or name=<object id>, such as reviewers=b3d5a1f0-…. A name in the policy has no spaces; setup's --group says which group it is.`,
        );
      return [name, id?.toLowerCase()];
    }),
  );
}
