import { cookies } from "../../../contract/names/cookies.ts";
import { hostEndpoints } from "../../../contract/names/endpoints.ts";
import { redirectAnswer } from "../http/answers.ts";
import { clearCookie } from "../http/cookies.ts";
import { GateFault } from "../http/fault.ts";
import { hostTransactions } from "../session/host-transaction.ts";
import { page } from "./answers.ts";
import { recordSignOut } from "./audit.ts";
import { sessionOfBrowser } from "./browser-session.ts";
import type { Exchange, HostContext } from "./exchange.ts";

/**
 * `/.auth/logout`: GET asks, POST does it.
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
  return redirectAnswer(request, hostEndpoints.signedOut, { cookies: names.map(clearCookie) });
}

function ask(request: Request): Response {
  return page(request, {
    title: "Sign out?",
    paragraphs: ["You will be asked who you are when you open a protected site again."],
    actions: [{ post: hostEndpoints.logout, label: "Sign out" }],
  });
}

/** `/.auth/signed-out`: says what signing out here does not end. */
export function signedOut(host: HostContext, exchange: Exchange): Response {
  return page(exchange.request, {
    title: "You are signed out here",
    paragraphs: [
      "Sites that you have open let you in until they check again, as often as each site’s rules say, at most until your session there ends. To leave one at once, sign out there too.",
      "You may still be signed in at Microsoft; then the next sign-in needs no password.",
    ],
    actions: [{ href: host.settings.entra.logout, label: "Sign out at Microsoft" }],
  });
}
