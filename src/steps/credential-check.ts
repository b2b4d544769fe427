import type { ActionErrorCode } from "../../contract/errors/action.ts";
import { cookies } from "../../contract/names/cookies.ts";
import { hostEndpoints } from "../../contract/names/endpoints.ts";
import { answerHeaders } from "../../contract/names/headers.ts";
import type { SiteRow } from "../../contract/sites/row.ts";
import type { Http } from "../clients/http.ts";
import { ActionError } from "../errors.ts";
import { askHost, type ExpectedSignIn, navigation, type SignInCheckDeps } from "./sign-in-check.ts";

/** What the host's own codes about its credential are to whoever runs the action. */
const refusals: Readonly<Record<string, ActionErrorCode>> = {
  "host-secret-wrong": "entra-secret-wrong",
  "host-secret-expired": "entra-secret-expired",
  "host-secret-missing": "entra-credential-missing",
  "host-application-unknown": "entra-application-unknown",
  "host-federation-unknown": "entra-federation-host",
  "host-certificate-wrong": "entra-certificate-wrong",
  "host-certificate-expired": "entra-certificate-wrong",
  "entra-client-refused": "entra-refused",
};

/**
 * A new credential works everywhere after some seconds; it was seen to work somewhere already. A federated one can be
 * tried by the host alone, and takes minutes.
 */
const patience = 60_000;
const patienceWithFederation = 300_000;
const pause = 3_000;

/**
 * Proves that Entra takes the credential that the deployed host has: the host is sent a code that is none, for a
 * sign-in that it began itself, and has to show its credential to learn so.
 *
 * Entra may look at the code before the credential [not confirmed]; then this says nothing, which is no failure: the
 * credential was tried before it was stored.
 * @throws ActionError entra-secret-wrong, entra-secret-expired, entra-credential-missing, entra-application-unknown,
 *   entra-refused
 */
export async function checkCredential(
  deps: SignInCheckDeps,
  row: SiteRow,
  expected: ExpectedSignIn,
): Promise<void> {
  const began = deps.now();
  for (;;) {
    const said = await redeemNothing(deps.http, row, expected);
    const code = Object.hasOwn(refusals, said) ? refusals[said] : undefined;
    if (code === undefined) return;
    if (deps.now() + pause > began + (said === "host-federation-unknown" ? patienceWithFederation : patience))
      throw new ActionError(code, `The sign-in host ${expected.origin} answered ${said}.`, {
        asked: { service: "Sign-in host", call: `GET ${hostEndpoints.callback}` },
      });
    await deps.sleep(pause);
  }
}

/** The host's own code for what came of it; empty where it gave none. */
async function redeemNothing(http: Http, row: SiteRow, expected: ExpectedSignIn): Promise<string> {
  const asked = await askHost(http, row, expected);
  const state = URL.parse(asked.headers["location"] ?? "")?.searchParams.get("state") ?? "";
  const shape = new RegExp(`${cookies.hostTransaction}[0-9a-z]+=[^;, ]+`);
  const cookie = shape.exec(asked.headers["set-cookie"] ?? "")?.[0] ?? "";
  const query = new URLSearchParams({ code: "no-code", state });
  const answer = await http.send({
    service: "Sign-in host",
    call: `GET ${hostEndpoints.callback}`,
    method: "GET",
    url: `${expected.origin}${hostEndpoints.callback}?${query}`,
    headers: { ...navigation, cookie },
    attempts: 3,
    timeout: 15_000,
  });
  return answer.headers[answerHeaders.code] ?? "";
}
