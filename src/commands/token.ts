import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cookies } from "../../contract/names/cookies.ts";
import { siteEndpoints } from "../../contract/names/endpoints.ts";
import { entraError } from "../clients/aadsts.ts";
import type { EntraClient } from "../clients/entra.ts";
import type { Http } from "../clients/http.ts";
import {
  cookieHeader,
  type MachineSession,
  openSession,
  sessionRefused,
} from "../clients/machine-session.ts";
import { ActionError } from "../errors.ts";
import type { TokenInputs } from "../inputs-token.ts";
import type { Log } from "../log.ts";

/** What the command needs: no Cloudflare, no token of GitHub's API. */
export interface TokenContext {
  readonly inputs: TokenInputs;
  readonly entra: EntraClient;
  readonly http: Http;
  readonly log: Log;
  /** Folder for this job's files. */
  readonly temp: string;
  setOutput(name: string, value: string): void;
}

/**
 * The `token` command: this job's ID token → an Entra token of the test application → a ticket → a session at one
 * site. The session is written as a Playwright storage state that only this user may read, and given as a Cookie header;
 * it is of use at that one site, until it ends.
 * @throws ActionError entra-*, session-refused, id-token-unavailable, service-*
 */
export async function runToken(context: TokenContext): Promise<void> {
  const { inputs, entra, http, log, temp } = context;
  const { testClientId, gateClientId, signInOrigin, origin } = inputs;
  const answer = await entra.applicationToken(testClientId, gateClientId);
  if ("refused" in answer) throw entraError(answer.refused, answer.context);
  const mask = (secret: string): void => log.mask(secret);
  const opened = await openSession(http, { signInOrigin, origin, token: answer.token }, mask);
  if (!opened.ok) throw sessionRefused(opened, origin);
  const { session } = opened;
  await requireUsable(http, session);
  const path = join(temp, "entra-gate-storage-state.json");
  await writeFile(path, JSON.stringify(storageState(session)), { mode: 0o600 });
  const expires = new Date(session.expires * 1000).toISOString();
  context.setOutput("storage-state-path", path);
  context.setOutput("cookie", cookieHeader(session));
  context.setOutput("session-expires", expires);
  log.info(`A session at ${origin}, until ${expires}.`);
}

/** The session counts where it is to be used. */
async function requireUsable(http: Http, session: MachineSession): Promise<void> {
  const asked = { service: "The site", call: `GET ${siteEndpoints.me}` };
  const answer = await http.send({
    ...asked,
    method: "GET",
    url: session.origin + siteEndpoints.me,
    headers: { cookie: cookieHeader(session), accept: "application/json" },
    expect: "json",
    maxBytes: 64 * 1024,
  });
  if (answer.status !== 200)
    throw new ActionError(
      "session-refused",
      `${session.origin} does not take its own session: ${answer.status}.`,
      { asked },
    );
}

/** @see playwright.dev, "Authentication", storageState */
function storageState({ origin, cookie, expires }: MachineSession): object {
  const common = { path: "/", httpOnly: true, secure: true, sameSite: "Lax" };
  const { hostname: domain } = new URL(origin);
  return { cookies: [{ name: cookies.siteSession, value: cookie, domain, expires, ...common }], origins: [] };
}
