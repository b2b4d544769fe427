import type { ErrorTable } from "./definition.ts";

function action(operator: string): { readonly status: 0; readonly visitor: ""; readonly operator: string } {
  return { status: 0, visitor: "", operator };
}

/** Everything that ends a run of the action: one annotation each, exit code 1. */
export const actionErrors = {
  // Inputs and event
  "inputs-invalid": action(
    "Inputs of the action are missing or wrong. Correct them in the workflow's `with:`.",
  ),
  "command-unavailable": action(
    "This version of the action has no such command. It has `protect`, `cleanup`, `audit`, `doctor` and `token`; correct or remove the `command` input or the trigger.",
  ),
  "event-unsupported": action(
    "The action has nothing to do on this event. Run it in a workflow triggered by `workflow_run` of the build workflow or by `schedule`; with `workflow_dispatch` give the input `command`.",
  ),
  "doctor-found": action(
    "Something is missing without which `protect` fails. Each is named here with who does what about it; the job summary has the whole table.",
  ),
  "branch-not-default": action(
    "This command runs on the default branch only: its workflow file is the one that was reviewed. Choose the default branch under *Run workflow*.",
  ),
  "event-unreadable": action(
    "GITHUB_EVENT_PATH does not hold the event that GitHub documents. Run the action on a GitHub runner.",
  ),
  "environment-incomplete": action(
    "A variable that every GitHub runner sets is missing. Run the action as a step of a workflow.",
  ),
  "projects-failed": action(
    "Some of this run's projects failed, each with an annotation of its own; the others went their way to the end. Mend what is named there and run the job again.",
  ),
  "deadline-exceeded": action(
    "The run reached its own time limit. Look below for the step that waited; running the job again carries on.",
  ),
  "unexpected-fault": action("A fault in the action itself. Please report it with the log of this run."),

  // Any service
  "service-unreachable": action(
    "A service could not be reached. Check the URL in the inputs and whether the runner may connect to it, then run again.",
  ),
  "service-failing": action("A service kept answering with a fault of its own. Run the job again later."),
  "service-throttled": action(
    "A service asked for more patience than this run has. Run the job again later, or fewer jobs at once.",
  ),
  "service-answer-unreadable": action(
    "A service's answer is not what its documentation says. Check that the URL is the service's API and no proxy or sign-in page stands in between.",
  ),
  "service-answer-too-large": action("A service's answer is larger than this action accepts."),

  // GitHub
  "github-token-refused": action(
    "GitHub did not accept the `github-token` input. Leave the input out to use the job's own token.",
  ),
  "github-permission-missing": action(
    "The job's GitHub token lacks a permission. A maintainer adds it under `permissions:` in the gate workflow.",
  ),
  "github-not-found": action(
    "GitHub does not know what was asked for, or the token may not see it. Check the repository and the `permissions:` of the job.",
  ),
  "github-request-refused": action("GitHub refused a request of the action as malformed."),
  "id-token-unavailable": action(
    "The job may not ask GitHub for an ID token. A maintainer adds `id-token: write` under `permissions:` of the gate job.",
  ),
  "artifact-missing": action(
    "The build run has no artifact of the expected name. Let the build workflow upload `entra-gate.tar` with actions/upload-artifact under the name in the `artifact` input.",
  ),
  "artifact-expired": action("The build run's artifact has expired. Run the build workflow again."),
  "artifact-too-large": action("The build run's artifact is larger than a Pages deployment can be."),
  "artifact-invalid": action("The artifact holds something that no build needs. Nothing was deployed."),
  "policy-missing": action(
    "The default branch has no policy file at the expected place. Add gate.json there, or correct the inputs `policy` and `working-directory`.",
  ),
  "policy-invalid": action("The policy on the default branch is not valid. Nothing was deployed."),
  "policy-tests-failed": action(
    "Tests in the policy on the default branch fail. Correct the rules or the tests. Nothing was deployed.",
  ),
  "merge-build-failed": action(
    "The build of a merge group did not succeed, so it could not be rehearsed behind the gate. Look at the build's run; the queue takes the pull request out.",
  ),
  "fork-approval-refused": action(
    "The label that approves a fork's commit was set by somebody without write access, and is off again. Somebody with write access sets it after looking at the commit.",
  ),
  "fork-not-static": action(
    "Of a fork, only static files are deployed, and this build has code. Nothing was deployed.",
  ),
  superseded: action(
    "Something newer came while this run was under way; its own run deploys it. Nothing of this run is left.",
  ),

  // Entra and Graph
  "entra-federation-mismatch": action(
    "Entra has no federated credential for this job (AADSTS70021, AADSTS700213). An owner of the application named here adds one with exactly the issuer, subject and audience named here.",
  ),
  "entra-federation-case": action(
    "A federated credential's subject differs from this job's only in upper and lower case (AADSTS7002138). An owner of the application named here corrects it to the subject named here.",
  ),
  "entra-application-unknown": action(
    "The application is not in this tenant (AADSTS700016). Check the inputs `client-id`, `gate-client-id` and `tenant-id`; an Application Developer of the tenant can create it.",
  ),
  "entra-secret-wrong": action(
    "Entra did not accept the client secret (AADSTS7000215). Run the gate workflow again on the default branch: it makes a new one.",
  ),
  "entra-secret-expired": action(
    "The client secret has expired (AADSTS7000222). Run the gate workflow on the default branch: it makes a new one.",
  ),
  "entra-federation-host": action(
    "Entra does not take the token that the sign-in host signs for itself (AADSTS70021, 700211 to 700213, 501661). It can take minutes: run the job again. If it stays, set `entra-credential` to `certificate` or `secret`.",
  ),
  "entra-certificate-wrong": action(
    "Entra did not accept the sign-in host's certificate (AADSTS700027, AADSTS1000502). Run the gate workflow on the default branch with `rotate: true`: it makes a new one.",
  ),
  "entra-credential-missing": action(
    "Entra was sent no credential (AADSTS7000218). The gate application must be of the platform `web`, with public client flows off.",
  ),
  "entra-redirect-uri-unknown": action(
    "Entra does not know the sign-in host's redirect URI (AADSTS50011). It can take minutes to be honoured: run the job again. If it stays, an owner of the gate application adds the URI named here under Authentication, platform Web.",
  ),
  "entra-not-assigned": action(
    "Entra requires assignment and nothing is assigned (AADSTS50105). A Cloud Application Administrator assigns the groups to the gate's enterprise application.",
  ),
  "entra-tenant-unknown": action(
    "Entra does not know this tenant (AADSTS90002). Check the inputs `tenant-id` and `entra-authority`.",
  ),
  "entra-refused": action("Entra refused a token request. Its own code and text are named here."),
  "session-refused": action(
    "A machine that asked for a session got none. `entra-gate explain` says what the code named here means; with entry-refused, the policy's rules must name a role that an administrator has assigned to the test application, or its id under `apps`.",
  ),
  "machine-admitted": action(
    "A machine that no rule of the policy lets in was given a session. The deployment was taken away again. Check the gate application's role assignments and the sign-in host's row of this site, and report it if they are right.",
  ),
  "graph-permission-missing": action(
    "The automation application may not do this in Microsoft Graph. A Privileged Role Administrator consents to Application.ReadWrite.OwnedBy for it, and its service principal is made an owner of the gate application.",
  ),
  "graph-not-found": action(
    "Microsoft Graph does not know the gate application. Check the inputs `gate-client-id` and `tenant-id`.",
  ),
  "graph-request-refused": action("Microsoft Graph refused a change. Its own code and text are named here."),
  "graph-change-lost": action(
    "A change to the gate application did not stay. Something else keeps writing it; run the job again when that has ended.",
  ),
  "redirect-uris-full": action(
    "The gate application has 256 redirect URIs, which is Entra's limit. An owner removes ones that nobody uses.",
  ),
  "secret-too-long": action(
    "The tenant's policy (application management policy) lets client secrets live for less than seven days, which is too short to renew them in time. A Cloud Application Administrator exempts the gate application from it.",
  ),
  "secrets-forbidden": action(
    "The tenant's policy forbids this credential. Set `entra-credential` to another kind (certificate, federated), or a Cloud Application Administrator exempts the gate application from the policy.",
  ),

  // Cloudflare
  "cloudflare-token-refused": action(
    "Cloudflare did not accept the token. Create an account-owned token with Pages·Edit and D1·Edit for this account and store it as the secret behind `cloudflare-api-token`.",
  ),
  "cloudflare-permission-missing": action(
    "The Cloudflare token lacks a permission. Whoever may edit the token (Super Administrator) adds Account · Cloudflare Pages · Edit and Account · D1 · Edit.",
  ),
  "cloudflare-not-found": action(
    "Cloudflare does not know what was asked for. Check the inputs `cloudflare-account-id`, `project-name` and `sign-in-host-project`.",
  ),
  "cloudflare-request-refused": action("Cloudflare refused a request. Its own code and text are named here."),
  "project-missing": action(
    "The Pages project does not exist yet. It is created by the first run for the default branch: push to it once.",
  ),
  "project-fails-open": action(
    "The Pages project serves files without the gate when the account's quota is spent (`fail_open`). The next run for the default branch mends it; nothing was deployed.",
  ),
  "project-builds-itself": action(
    "Cloudflare builds this project from Git by itself, past this action. Set `take-over: true`, so that the next run for the default branch switches that off and the action deploys instead; or let Cloudflare build and the action check, on `check_run` (docs/git-integration.md). Nothing was deployed.",
  ),
  "deployment-missing": action(
    "Cloudflare's check ended well, and there is no deployment of this commit in the project. Check the input `project-name`; if Cloudflare's list was late, run the job again.",
  ),
  "project-settings-lost": action(
    "Settings written to a Pages project did not stay. Something else writes them; run the job again when that has ended.",
  ),
  "branch-is-production": action(
    "The project's production branch has the name that previews of this pull request use. Rename the production branch of the Pages project.",
  ),

  // Sign-in host
  "sign-in-host-missing": action(
    "There is no sign-in host yet. It is made by the first run for the default branch of the repository that owns it: push to it once.",
  ),
  "renewal-failed": action(
    "Credential and keys of the sign-in host could not be renewed. People sign in until the one in use ends; what stands in the way, and its remedy, are named here.",
  ),
  "sign-in-host-unreachable": action(
    "The sign-in host does not answer as itself. Run the gate workflow on the default branch; it deploys the host again where that is needed.",
  ),
  "sign-in-host-wrong-answer": action(
    "The sign-in host did not turn a real authorization request into one at Entra. What it answered is named here.",
  ),
  "site-claimed-twice": action(
    "Two Pages projects claim the same origin at the sign-in host. Remove the custom domain from one of them.",
  ),

  // Wrap, rehearse, deploy, verify
  "site-unwrappable": action(
    "The build's output cannot be put behind the gate as it is. Nothing was deployed.",
  ),
  "rewrite-widens": action(
    "A rewrite in `_redirects` would carry an open path to a closed page. Make it a redirect (301, 302) or close the path.",
  ),
  "rehearsal-open": action(
    "Behind the gate, something still answered with content in the rehearsal. Nothing was deployed.",
  ),
  "site-does-not-start": action(
    "The site's own code does not start in the Workers runtime; the gate does. Below is what the code said. Nothing was deployed.",
  ),
  "rehearsal-failed": action(
    "The rehearsal behind the gate could not be brought to its end, or an answer in it was not clear. Nothing was deployed.",
  ),
  "tool-install-failed": action(
    "A tool that the action pins could not be installed. Check that the runner may reach the npm registry.",
  ),
  "deploy-failed": action("wrangler did not complete the deployment. Its own words are in the log."),
  "deploy-wrong-environment": action(
    "Cloudflare put the deployment into another environment than asked for. It was covered by a deny-all deployment.",
  ),
  "verify-open": action(
    "A deployment answered with content to somebody who is not signed in. It was covered by a deny-all deployment and deleted.",
  ),
  "deleted-still-answers": action(
    "Deployments were deleted, and Cloudflare still shows something at their addresses. Run the job again; if it stays, ask Cloudflare's support to purge them.",
  ),
  "audit-found": action(
    "The audit found something that shows content to the world, weakens the gate, or could not be proved closed. Each is named here with its remedy in the issue, the summary and the evidence file.",
  ),
  "verify-inconclusive": action(
    "The deployment could not be shown to be closed. It was covered by a deny-all deployment and deleted.",
  ),
} as const satisfies ErrorTable;

export type ActionErrorCode = keyof typeof actionErrors;
