import type { GitHubClient } from "../clients/github.ts";
import { jobTokenLogin } from "../clients/github-model.ts";
import type { ActionContext } from "../context.ts";
import { ActionError } from "../errors.ts";
import type { BuildEvent, PullRequestEvent } from "../event.ts";
import { forkLabel, type Nothing, nothing } from "./which-run.ts";

/** Name of the commit status that an approval is: a label alone says nothing about which commit was looked at. */
export const approvalContext = "Entra Gate: fork approved";

/** How many builds of one commit are looked through for the artifact. */
const builds = 5;

/**
 * Acts on `pull_request_target` for a fork's pull request. The label, set by somebody with write access, approves
 * exactly the commit that the event names; a newer commit takes the label off.
 *
 * @returns the build that may be deployed now, or why there is none
 * @throws ActionError fork-approval-refused, github-*, service-*
 */
export async function approveFork(
  context: ActionContext,
  event: PullRequestEvent,
): Promise<BuildEvent | Nothing> {
  const { github, inputs, runner } = context;
  const { number, headSha, headRepository, sender } = event;
  if (headRepository?.id === event.repository.id)
    return nothing("no-fork", "Only pull requests from forks need an approval.");
  if (inputs.forks !== "label") return nothing("fork", "Pull requests from forks get no preview.");
  if (event.action === "synchronize") {
    await github.removeLabel(number, forkLabel);
    return nothing("newer-commit", `A newer commit came, so the label ${forkLabel} is off again.`);
  }
  if (event.action !== "labeled" || event.label !== forkLabel)
    return nothing("no-approval", `Only the label ${forkLabel} approves a commit.`);
  if (!["admin", "write"].includes(await github.permissionOf(sender))) {
    await github.removeLabel(number, forkLabel);
    throw new ActionError("fork-approval-refused", `Pull request ${number}, label set by ${sender}.`);
  }
  const head = await github.pullRequestHead(number);
  if (!head.open || head.sha !== headSha) {
    await github.removeLabel(number, forkLabel);
    return nothing("superseded", "The pull request was closed or has a newer commit than the one approved.");
  }
  await github.setCommitStatus(headSha, {
    state: "success",
    context: approvalContext,
    description: `Approved for a preview by ${sender}`,
    url: runner.runUrl,
  });
  const run = await newestBuild(context, event);
  if (run === undefined)
    return nothing("no-build-yet", "Approved. The preview comes when the commit's build has ended.");
  return { repository: event.repository, defaultBranch: event.defaultBranch, run };
}

async function newestBuild({ github, inputs }: ActionContext, event: PullRequestEvent) {
  const runs = (await github.successfulBuilds(event.headSha)).filter(
    ({ headRepository }) => headRepository !== null && headRepository.id === event.headRepository?.id,
  );
  for (const run of runs.slice(0, builds))
    if ((await github.findArtifact(run.id, inputs.artifact)) !== undefined) return run;
  return undefined;
}

/** Whether this commit was approved. Nobody without write access can make the job's token, or this one, say so. */
export async function isApproved(
  github: Pick<GitHubClient, "commitStatuses" | "ownLogin">,
  commit: string,
): Promise<boolean> {
  const said = (await github.commitStatuses(commit)).filter(
    ({ context, state }) => context === approvalContext && state === "success",
  );
  if (said.some(({ login }) => login === jobTokenLogin)) return true;
  if (said.length === 0) return false;
  const login = await github.ownLogin();
  return login !== undefined && said.some((status) => status.login === login);
}
