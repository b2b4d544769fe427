import { type HostErrorCode, hostErrors } from "../../../contract/errors/host.ts";
import { readPath } from "../../../contract/paths/reading.ts";
import type { Visitor } from "../../../contract/policy/model.ts";
import type { SiteText } from "../../../contract/texts/site.ts";
import { asking } from "../../../contract/tickets/claims.ts";
import { logFault } from "../host/fault-log.ts";
import type { GateFault } from "../http/fault.ts";
import type { Page } from "../http/pages.ts";
import { newReference } from "../http/reference.ts";
import type { SiteServices, Visit } from "../site/exchange.ts";
import { helpingPage, loginLink, signInPage } from "../site/refusals.ts";
import { refuse } from "./answers.ts";

/** What became known of a sign-in before it came to nothing. */
export interface Refused {
  /** Set-Cookie lines. */
  readonly cookies: readonly string[];
  returnTo?: string;
  visitor?: Visitor;
}

/** Explains why a sign-in ends here; it never starts another one by itself. */
export function refuseSignIn(
  services: SiteServices,
  visit: Visit,
  code: HostErrorCode,
  error: GateFault,
  { cookies, returnTo = "/", visitor }: Refused,
): Response {
  const { deps, recorder } = services;
  const { request, waitUntil } = visit;
  const reference = newReference(deps.random);
  logFault(deps.log, { code, reference, path: visit.url.pathname, error });
  recorder.signIn(request, { activity: "sign-in", success: false, code, visitor, reference }, waitUntil);
  return refuse(request, code, {
    reference,
    cookies,
    page: {
      site: services.config.policy.name ?? services.config.project,
      ...pageFor(services, { ...visit, url: new URL(returnTo, visit.origin) }, code, visitor),
    },
  });
}

/** @param wanted the page that was asked for, as a visit of it */
function pageFor(
  services: SiteServices,
  wanted: Visit,
  code: HostErrorCode,
  visitor: Visitor | undefined,
): Partial<Page<SiteText>> {
  if (visitor !== undefined && code.startsWith("entry-refused")) {
    const decision = services.decide(readPath(wanted.url.pathname), visitor);
    return helpingPage(services, wanted, 403, decision, visitor);
  }
  const { actions = [] } = signInPage(wanted, true);
  const another = { href: loginLink(wanted, asking.account), label: "Use another account" } as const;
  return {
    title: "Sign-in was not finished",
    actions: hostErrors[code].status === 403 ? [...actions, another] : actions,
  };
}
