import { siteEndpoints } from "../../../contract/names/endpoints.ts";
import type { Decision, Visitor } from "../../../contract/policy/model.ts";
import type { SiteText } from "../../../contract/texts/site.ts";
import { asking } from "../../../contract/tickets/claims.ts";
import type { RefusalOptions } from "../http/answers.ts";
import { hasFetchMetadata, isDocumentNavigation } from "../http/fetch-metadata.ts";
import type { Page } from "../http/pages.ts";
import { newReference } from "../http/reference.ts";
import { safeReturnTarget } from "../http/return-target.ts";
import { whoMay } from "../http/who-may.ts";
import type { SiteCode, SiteServices, Visit } from "./exchange.ts";
import { signInScript } from "./scripts.ts";

export interface Refusal extends Omit<RefusalOptions<SiteText>, "reference"> {
  /** The policy's decision, where a rule was asked. */
  readonly decision?: Decision | undefined;
  readonly visitor?: Visitor | undefined;
  /** For the log only. */
  readonly detail?: string | undefined;
}

/**
 * Answers a request that goes no further, and records why. Reference, code and detail go to the log, code and
 * reference to the visitor.
 */
export function refuseVisit(
  services: SiteServices,
  visit: Visit,
  code: SiteCode,
  refusal: Refusal = {},
): Response {
  const { decision, visitor, detail, ...options } = refusal;
  const reference = newReference(services.deps.random);
  const answer = services.refuse(visit.request, code, { ...options, reference });
  // The policy's own reason says more than the code, but not where it was the session that was at fault.
  const reason = decision?.allowed === false && !/^(session|bearer)-/.test(code) ? decision.reason : code;
  services.recorder.request(
    visit.request,
    {
      decision: { allowed: false, reason, ...(decision?.rule === undefined ? {} : { rule: decision.rule }) },
      visitor,
      status: answer.status,
      reference,
    },
    visit.waitUntil,
  );
  if (detail) services.deps.log(JSON.stringify({ level: "info", code, reference, detail }));
  return answer;
}

/**
 * Where signing in begins, for the page that was asked for.
 *
 * @param ask one of `asking`
 */
export function loginLink({ url, origin }: Pick<Visit, "url" | "origin">, ask?: string): string {
  const target = safeReturnTarget(url.pathname + url.search, origin);
  return `${siteEndpoints.login}?${new URLSearchParams({ return_to: target, ...(ask && { ask }) })}`;
}

/**
 * The 401 page: moves on to signing in by script, keeping the fragment; a link does the same without.
 *
 * @param stay the page only has the link: after a round trip that did not help
 */
export function signInPage(visit: Visit, stay = false): Partial<Page<SiteText>> {
  return {
    actions: [{ href: loginLink(visit), label: "Sign in with Microsoft" }],
    card: `${visit.origin}${siteEndpoints.card}`,
    ...(stay ? {} : { script: signInScript }),
  };
}

/**
 * Whether the sign-in page goes to a program that shows links, which the policy answers with 200: such programs take
 * the card from no other status. Any browser of today sends Fetch Metadata.
 */
export function isForCard({ config }: SiteServices, { request }: Visit, code: SiteCode): boolean {
  return (
    config.policy.card === true &&
    code === "sign-in-required" &&
    request.method === "GET" &&
    !hasFetchMetadata(request) &&
    isDocumentNavigation(request)
  );
}

/** What a refusal's page says beyond its code's text: how to sign in, or why that was not enough. */
export function helpingPage(
  services: SiteServices,
  visit: Visit,
  status: number,
  decision: Decision,
  visitor: Visitor | undefined,
): Partial<Page<SiteText>> {
  if (status === 401) return signInPage(visit);
  return status === 403 && visitor ? refusedPage(services, visit, decision, visitor) : {};
}

/** The 403 page: who is signed in, who would be let in, whom to ask, another account, and Entra asked again. */
function refusedPage(
  { config }: SiteServices,
  visit: Visit,
  decision: Decision,
  visitor: Visitor,
): Partial<Page<SiteText>> {
  const { policy } = config;
  const rule = policy.rules.find(({ id }) => id === decision.rule);
  return {
    facts: whoMay(rule?.allow ?? {}, policy, visitor.name, rule?.path),
    actions: [
      { href: loginLink(visit, asking.account), label: "Use another account" },
      { href: loginLink(visit, asking.again), label: "I was just given access" },
      { post: siteEndpoints.logout, label: "Sign out" },
    ],
  };
}
