import type { IncomingMessage, ServerResponse } from "node:http";
import type Provider from "oidc-provider";
import type { Directory } from "../directory/directory.ts";
import { redirectUriMatches } from "../directory/redirect-uris.ts";
import { sendHtml } from "../http.ts";
import type { Endpoints } from "./endpoints.ts";
import { paths } from "./endpoints.ts";
import { signOutPage } from "./pages.ts";
import { userByHint } from "./people.ts";

/**
 * The end-session endpoint. Without a `logout_hint` that names the account, Entra asks which one; afterwards it goes
 * to `post_logout_redirect_uri` if that is a registered redirect URI, else it stays on its own page.
 * Source: OpenID Connect RP-Initiated Logout 1.0; learn.microsoft.com, "Send a sign-out request".
 */
export async function handleLogout(
  request: IncomingMessage,
  response: ServerResponse,
  provider: Provider,
  directory: Directory,
  endpoints: Endpoints,
): Promise<void> {
  const query = new URL(request.url ?? "/", endpoints.authority).searchParams;
  const session = await provider.Session.get(provider.createContext(request, response));
  const user = directory.users.get(session.accountId ?? "");
  if (user !== undefined) {
    const hint = query.get("logout_hint");
    const hinted = hint !== null && userByHint(directory, hint)?.oid === user.oid;
    if (request.method !== "POST" && !hinted) {
      return sendHtml(response, 200, signOutPage(user, `/${endpoints.tenantId}${paths.logout}?${query}`));
    }
    await session.destroy();
    response.setHeader("set-cookie", `${provider.cookieName("session")}=; path=/; max-age=0; httponly`);
  }
  const target = query.get("post_logout_redirect_uri");
  const known = [...directory.applications.values()].flatMap(({ object }) =>
    directory.honouredRedirectUris(object.current.appId),
  );
  if (target === null || !known.some((uri) => redirectUriMatches(uri, target))) {
    return sendHtml(response, 200, signOutPage(undefined, ""));
  }
  const state = query.get("state");
  const location = new URL(target);
  if (state !== null) location.searchParams.set("state", state);
  response.writeHead(302, { location: location.href, "cache-control": "no-store" });
  response.end();
}
