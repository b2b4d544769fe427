import * as v from "valibot";
import { CommandFault } from "../../fault.ts";
import type { SetupContext } from "../context.ts";
import { Denied } from "../step.ts";
import { github, read } from "./client.ts";

const repositorySchema = v.object({
  full_name: v.string(),
  default_branch: v.string(),
  archived: v.optional(v.boolean(), false),
  permissions: v.optional(v.object({ admin: v.boolean() })),
});

/**
 * Makes sure that the repository is the one that is meant and that the person administers it: GitHub shows settings to
 * administrators only, and answers others as though there were none.
 *
 * @throws CommandFault repository-unknown, repository-renamed, repository-archived, branch-not-default; Denied
 */
export async function requireRepository(context: SetupContext): Promise<void> {
  const { repository, defaultBranch } = context.names;
  const call = { method: "GET", path: "", name: "", takes: [301, 404] } as const;
  const answer = await github(context, call);
  if (answer.status === 404)
    throw new CommandFault(
      "repository-unknown",
      `GitHub shows this login no repository ${repository}. Push it first (\`gh repo create ${repository} --private --source . --push\`), or log in as somebody who sees it.`,
    );
  if (answer.status === 301)
    throw new CommandFault(
      "repository-renamed",
      `${repository} has moved. Give its present name with --repository.`,
    );
  const found = read(answer, call, repositorySchema);
  if (found.archived)
    throw new CommandFault("repository-archived", `${found.full_name} is archived: it can't be changed.`);
  if (found.default_branch !== defaultBranch)
    throw new CommandFault(
      "branch-not-default",
      `The default branch of ${found.full_name} is ${JSON.stringify(found.default_branch)}, not ${JSON.stringify(defaultBranch)}: give --branch ${found.default_branch}. Only its workflow is to have the identity.`,
    );
  if (found.permissions?.admin !== true)
    throw new Denied(`This login does not administer ${found.full_name}.`);
}
