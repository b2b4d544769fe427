import { cookies } from "../../../contract/names/cookies.ts";
import { singleCookie } from "../http/cookies.ts";
import { type HostSession, openHostSession } from "../session/host-session.ts";
import type { Exchange, HostContext } from "./exchange.ts";

/** The session that this browser's cookie holds, if it is of the tenant that is configured now. */
export async function sessionOfBrowser(
  host: HostContext,
  exchange: Exchange,
): Promise<HostSession | undefined> {
  const session = await openHostSession(
    singleCookie(exchange.jar, cookies.hostSession),
    host.settings.cookieKeys,
    exchange.now,
  );
  return session?.tid === host.settings.tenantId ? session : undefined;
}
