import * as v from "valibot";
import { CommandFault } from "../../fault.ts";
import type { SetupContext } from "../context.ts";
import { Denied } from "../step.ts";

const customization = v.object({ use_default: v.boolean(), sub_claim_prefix: v.optional(v.string()) });
const kept = new WeakMap<SetupContext, Promise<string>>();

/**
 * `sub` of the tokens that GitHub gives to jobs in the environment, as GitHub says itself: repositories made, renamed or
 * moved after 2026-07-15 have ids in it, and others may have been switched over. It is never put together from names.
 * Source: GitHub REST API, "Get the customization template for an OIDC subject claim for a repository".
 *
 * @throws CommandFault subject-unknown, login-missing
 */
export function subjectOf(context: SetupContext): Promise<string> {
  if (context.names.subject !== undefined) return Promise.resolve(context.names.subject);
  const known = kept.get(context) ?? ask(context);
  kept.set(context, known);
  return known;
}

async function ask({ http, logins, names, origins }: SetupContext): Promise<string> {
  const answer = await http.send({
    service: "GitHub",
    call: "GET /repos/{owner}/{repo}/actions/oidc/customization/sub",
    method: "GET",
    url: `${origins.github}/repos/${names.repository}/actions/oidc/customization/sub`,
    headers: {
      authorization: `Bearer ${await logins.token("github")}`,
      accept: "application/vnd.github+json",
      "x-github-api-version": "2022-11-28",
    },
    expect: "json",
  });
  const remedy =
    "Give it as it stands in a token: --subject 'repo:…:environment:…'; the error of the action's first run names it.";
  if (answer.status === 401)
    throw new CommandFault(
      "login-missing",
      "GitHub doesn't accept the login. Run `gh auth login`, or set GH_TOKEN.",
    );
  if (answer.status === 403 || answer.status === 404)
    throw new Denied(
      `GitHub doesn't show the subject of ${names.repository}'s tokens (status ${answer.status}). ${remedy}`,
      "GitHub repository administrator",
    );
  const found = answer.status === 200 ? v.safeParse(customization, answer.json()) : undefined;
  const prefix = found?.success && found.output.use_default ? found.output.sub_claim_prefix : undefined;
  if (prefix === undefined || !/^repo:[^\s:]+$/.test(prefix))
    throw new CommandFault(
      "subject-unknown",
      `${names.repository} has a template of its own for the subjects of its tokens, or GitHub doesn't say which one. ${remedy}`,
    );
  return `${prefix}:environment:${names.environment.replaceAll(":", "%3A")}`;
}
