import { cookies } from "../../../contract/names/cookies.ts";
import { hostEndpoints } from "../../../contract/names/endpoints.ts";
import { redirectAnswer } from "../http/answers.ts";
import { clearCookie } from "../http/cookies.ts";
import { GateFault } from "../http/fault.ts";
import { endSessionUrl } from "../oidc/end-session.ts";
import { hostTransactions } from "../session/host-transaction.ts";
import { page } from "./answers.ts";
import { recordSignOut } from "./audit.ts";
import { sessionOfBrowser } from "./browser-session.ts";
import type { Exchange, HostContext } from "./exchange.ts";

/** Query of the form that ends the session at Entra, too, and of the page that it leads to. */
export const atMicrosoft = "?at=microsoft";

/**
 * `/.auth/logout`: GET asks, POST does it. At Entra only if that was asked for: its session is not this host's alone.
 *
 * @throws GateFault `host-origin-foreign` for a POST that this host's own page did not send
 */
export async function signOut(host: HostContext, exchange: Exchange): Promise<Response> {
  const { request } = exchange;
  if (request.method !== "POST") return ask(request);
  if (request.headers.get("origin") !== host.settings.origin) throw new GateFault("host-origin-foreign");
  const session = await sessionOfBrowser(host, exchange);
  if (session) recordSignOut(host, exchange, session);
  const names = [cookies.hostSession, ...hostTransactions.names(exchange.jar)];
  const cleared = { cookies: names.map(clearCookie) };
  if (exchange.url.search !== atMicrosoft) return redirectAnswer(request, hostEndpoints.signedOut, cleared);
  const { entra, redirectUri } = host.settings;
  // A page on the way: a redirect to another origin after a form is what `form-action` forbids (CSP Level 3).
  return page(
    request,
    {
      title: "Signing you out at Microsoft",
      actions: [{ href: endSessionUrl(entra, redirectUri, session?.loginHint), label: "Continue" }],
      script: "location.replace(document.links[0])",
    },
    cleared,
  );
}

function ask(request: Request): Response {
  return page(request, {
    title: "Sign out?",
    paragraphs: ["You will be asked who you are when you open a protected site again."],
    actions: [
      { post: hostEndpoints.logout, label: "Sign out" },
      { post: hostEndpoints.logout + atMicrosoft, label: "Sign out here and at Microsoft" },
    ],
  });
}

/**
 * `/.auth/signed-out`: says what signing out here does not end. What Entra did is its own to say; whoever comes from
 * there is not sent again.
 */
export function signedOut({ settings }: HostContext, { request, url }: Exchange): Response {
  const sites =
    "Sites that you have open let you in until they check again, as often as each site’s rules say, at most until your session there ends. To leave one at once, sign out there too.";
  const title = "You are signed out here";
  if (url.search === atMicrosoft) return page(request, { title, paragraphs: [sites] });
  return page(request, {
    title,
    paragraphs: [sites, "You may still be signed in at Microsoft; then the next sign-in needs no password."],
    actions: [
      {
        href: endSessionUrl(settings.entra, settings.redirectUri, undefined),
        label: "Sign out at Microsoft",
      },
    ],
  });
}
