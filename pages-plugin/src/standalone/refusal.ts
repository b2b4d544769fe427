import { type HostErrorCode, hostErrors } from "../../../contract/errors/host.ts";
import { readPath } from "../../../contract/paths/reading.ts";
import type { Visitor } from "../../../contract/policy/model.ts";
import type { HostText } from "../../../contract/texts/host.ts";
import { asking } from "../../../contract/tickets/claims.ts";
import { logFault } from "../host/fault-log.ts";
import { passing } from "../host/passing.ts";
import { GateFault } from "../http/fault.ts";
import type { Page } from "../http/pages.ts";
import { newReference } from "../http/reference.ts";
import { tryingAgain } from "../http/retry.ts";
import type { SiteServices, Visit } from "../site/exchange.ts";
import { helpingPage, loginLink, signInPage } from "../site/refusals.ts";
import { refuse } from "./answers.ts";

/** What became known of a sign-in before it came to nothing. */
export interface Refused {
  /** Set-Cookie lines. */
  readonly cookies: readonly string[];
  returnTo?: string;
  readonly ask?: keyof typeof asking | undefined;
  /** Attempts that the pages made by themselves before this one; where that isn't known, none follows. */
  attempts?: number;
  visitor?: Visitor;
}

/** What `work` comes to; a refusal or fault of a sign-in is explained. */
export async function orRefusal(
  services: SiteServices,
  visit: Visit,
  refused: Refused,
  work: () => Promise<Response>,
): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GateFault) || !Object.hasOwn(hostErrors, error.code)) throw error;
    return refuseSignIn(services, visit, error, refused);
  }
}

/** Explains why a sign-in ends here. Only what passes is tried again by itself, a few times. */
function refuseSignIn(services: SiteServices, visit: Visit, error: GateFault, refused: Refused): Response {
  const code = error.code as HostErrorCode;
  const { cookies, returnTo = "/", ask, attempts, visitor } = refused;
  const { deps, recorder, config } = services;
  const { request, waitUntil } = visit;
  const reference = newReference(deps.random);
  logFault(deps.log, { code, reference, path: visit.pathname, error });
  recorder.signIn(request, { activity: "sign-in", success: false, code, visitor, reference }, waitUntil);
  const wanted = { ...visit, url: new URL(returnTo, visit.origin) };
  const retry =
    attempts !== undefined && passing.has(code)
      ? tryingAgain(request, hostErrors[code].visitor, loginLink(wanted, ask), attempts)
      : undefined;
  return refuse(request, code, {
    reference,
    cookies,
    page: {
      site: config.policy.name ?? config.project,
      ...pageFor(services, wanted, code, visitor),
      ...retry?.page,
    },
    headers: retry?.headers ?? {},
  });
}

/** @param wanted the page that was asked for, as a visit of it */
function pageFor(
  services: SiteServices,
  wanted: Visit,
  code: HostErrorCode,
  visitor: Visitor | undefined,
): Partial<Page<HostText>> {
  if (visitor !== undefined && code.startsWith("entry-refused")) {
    const decision = services.decide(readPath(wanted.url.pathname), visitor);
    return helpingPage(services, wanted, 403, decision, visitor);
  }
  const { status } = hostErrors[code];
  const { actions = [] } = signInPage(wanted, true);
  const another = { href: loginLink(wanted, asking.account), label: "Use another account" } as const;
  return {
    title: status === 503 ? "Sign-in is not possible right now" : "Sign-in was not finished",
    actions: status === 403 ? [...actions, another] : actions,
  };
}
