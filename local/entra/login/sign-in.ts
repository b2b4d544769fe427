import type { IncomingMessage, ServerResponse } from "node:http";
import type Provider from "oidc-provider";
import type { Directory } from "../directory/directory.ts";
import type { User } from "../directory/model.ts";
import { mediaType, readBody, sendHtml } from "../http.ts";
import { AadstsError } from "./aadsts.ts";
import { disabledAccount } from "./answers.ts";
import type { Endpoints } from "./endpoints.ts";
import { paths } from "./endpoints.ts";
import { accountPage, approvalPage, consentPage, errorPage } from "./pages.ts";
import { userByHint } from "./people.ts";
import { contextAsked } from "./provider.ts";

type Interaction = Awaited<ReturnType<Provider["interactionDetails"]>>;

/** The pages between an authorization request and its answer: which account, and consent where it is missing. */
export async function handleSignIn(
  request: IncomingMessage,
  response: ServerResponse,
  provider: Provider,
  directory: Directory,
  endpoints: Endpoints,
): Promise<void> {
  let interaction: Interaction;
  try {
    interaction = await provider.interactionDetails(request, response);
  } catch {
    const error = new AadstsError(
      90014,
      "The sign-in request has expired or its cookie is missing. Start again.",
    );
    return sendHtml(response, 400, errorPage(error));
  }
  const url = new URL(request.url ?? "/", endpoints.authority);
  const action = `/${endpoints.tenantId}${paths.signIn}/${interaction.uid}`;
  if (request.method === "GET") {
    return sendHtml(response, 200, pageOf(interaction, directory, action, url.searchParams.has("all")));
  }
  if (request.method !== "POST" || mediaType(request) !== "application/x-www-form-urlencoded") {
    return sendHtml(response, 400, errorPage(new AadstsError(900561, "The endpoint only accepts forms.")));
  }
  const form = new URLSearchParams(await readBody(request));
  const more = form.get("more");
  if (more !== null) return finishContext(more, interaction);
  const consent = form.get("consent");
  if (consent !== null) return finishConsent(consent, interaction);
  const user = chosen(form);
  if (user === undefined) {
    const problem = "This username may be incorrect. Make sure you typed it correctly.";
    return sendHtml(response, 200, pageOf(interaction, directory, action, true, problem));
  }
  if (!user.enabled)
    return sendHtml(response, 200, errorPage(disabledAccount(), { href: action, text: "Back" }));
  const returnTo = await provider.interactionResult(request, response, {
    [interaction.prompt.name]: {},
    login: { accountId: user.oid },
  });
  // After the result is stored, since the provider takes none once the session's account has changed.
  await forgetOther(provider, interaction, user);
  response.writeHead(303, { location: returnTo, "cache-control": "no-store" });
  response.end();

  function chosen(fields: URLSearchParams): User | undefined {
    const upn = fields.get("upn");
    return upn === null ? directory.users.get(fields.get("account") ?? "") : userByHint(directory, upn);
  }

  async function finishContext(answer: string, { params, session }: Interaction): Promise<void> {
    if (answer !== "approve")
      return provider.interactionFinished(request, response, { error: "access_denied" });
    const context = contextAsked(JSON.parse(String(params["claims"] ?? "{}")));
    directory.metContexts.add(`${session?.uid} ${context}`);
    return provider.interactionFinished(request, response, { auth_context: {} });
  }

  async function finishConsent(answer: string, { params, session }: Interaction): Promise<void> {
    if (answer !== "accept") {
      return provider.interactionFinished(request, response, { error: "access_denied" });
    }
    const scopes = String(params["scope"] ?? "").split(" ");
    directory.consents.grant(String(params["client_id"]), session?.accountId ?? "", scopes);
    return provider.interactionFinished(request, response, { consent: {} });
  }
}

function pageOf(
  { prompt, params, session }: Interaction,
  directory: Directory,
  action: string,
  all: boolean,
  problem?: string,
): string {
  const application = directory.application(String(params["client_id"]))?.displayName ?? "";
  const current = directory.users.get(session?.accountId ?? "");
  if (prompt.name === "consent" && current !== undefined) {
    return consentPage(application, current, String(params["scope"]).split(" "), action);
  }
  if (prompt.name === "auth_context" && current !== undefined) return approvalPage(current, action);
  const hint = params["login_hint"];
  const hinted = typeof hint === "string" ? userByHint(directory, hint) : undefined;
  const only = all || prompt.name === "select_account" ? undefined : (hinted ?? current);
  return accountPage({ application, action, people: [...directory.users.values()], only, problem });
}

/** The provider would answer a change of account with a page that needs script; so the other one is signed out first. */
async function forgetOther(provider: Provider, interaction: Interaction, user: User): Promise<void> {
  const { session } = interaction;
  if (session?.uid === undefined || session.accountId === undefined || session.accountId === user.oid) return;
  const stored = await provider.Session.findByUid(session.uid);
  if (stored === undefined) return;
  Object.assign(stored, { accountId: undefined, authorizations: undefined });
  await stored.persist();
}
