import { type SiteErrorCode, siteAnswers } from "../../../../contract/errors/site-answers.ts";
import { siteEndpoints } from "../../../../contract/names/endpoints.ts";
import { readPath } from "../../../../contract/paths/reading.ts";
import { redirectAnswer } from "../../http/answers.ts";
import { readCookies } from "../../http/cookies.ts";
import { GateFault } from "../../http/fault.ts";
import { newReference } from "../../http/reference.ts";
import { findTransaction, usedTransactionCookie } from "../../session/site-transaction.ts";
import { readAcceptForm } from "../accept-form.ts";
import type { SiteServices, Visit } from "../exchange.ts";
import { signInPage } from "../refusals.ts";
import { returnScript } from "../scripts.ts";
import { acceptTicket, refuseSignIn } from "../ticket-acceptance.ts";
import { sessionOfVisit } from "../visit-session.ts";

/** Query parameter of the page after: the transaction's id, or `lost` where there was none. */
export const done = "done";
export const lost = "lost";

/**
 * Takes a ticket that the sign-in host posts through the browser, and makes a session of it.
 *
 * Only the host's own page may post it (Origin), only to the browser that asked (transaction, verifier), only within a
 * minute (accept_by). A form that comes a second time finds its transaction used: it changes nothing and goes on.
 */
export async function answerAccept(services: SiteServices, visit: Visit): Promise<Response> {
  try {
    return await acceptForm(services, visit);
  } catch (error) {
    if (!(error instanceof GateFault) || !Object.hasOwn(siteAnswers, error.code)) throw error;
    const page = {
      title: "Sign-in was not finished",
      actions: [{ href: "/", label: "Start page" }],
    } as const;
    return refuseSignIn(services, visit, error.code as SiteErrorCode, error.detail, { as: "page", page });
  }
}

async function acceptForm(services: SiteServices, visit: Visit): Promise<Response> {
  const { config, deps, recorder } = services;
  const { request, origin, waitUntil } = visit;
  if (request.headers.get("origin") !== config.signIn.origin) {
    throw new GateFault("accept-origin-foreign", (request.headers.get("origin") ?? "none").slice(0, 256));
  }
  const form = await readAcceptForm(request);
  const now = deps.now();
  const transaction = findTransaction(form.transaction, readCookies(visit.cookie), origin, now);
  if (transaction === undefined) {
    // The session cookie, being Lax, did not come with this POST; the page after it sees whether there is one.
    const code = "accept-transaction-missing";
    recorder.signIn(request, { activity: "sign-in", success: false, code }, waitUntil);
    return redirectAnswer(request, `${siteEndpoints.accept}?${done}=${lost}`);
  }
  const next = `${siteEndpoints.accept}?${done}=${transaction.id}`;
  if (transaction.verifier === "") return redirectAnswer(request, next);

  const { cookie } = await acceptTicket(services, visit, form.ticket, transaction.verifier);
  return redirectAnswer(request, next, { cookies: [cookie, usedTransactionCookie(transaction, now)] });
}

/**
 * The page after `accept`, a GET of its own so that the Lax cookie is sent: goes on to where the visitor wanted to go,
 * or explains why it can't. It never starts another sign-in by itself.
 */
export async function showAccepted(services: SiteServices, visit: Visit): Promise<Response> {
  const { url, origin } = visit;
  const id = url.searchParams.get(done) ?? lost;
  const transaction = findTransaction(id, readCookies(visit.cookie), origin, services.deps.now());
  const target = transaction?.returnTo ?? "/";
  const reading = await sessionOfVisit(services, visit);
  const { pathname } = new URL(target, origin);
  const next = reading.ok ? services.decide(readPath(pathname), reading.session.visitor) : undefined;
  // A step-up was carried along and is still not met: going on would only begin it again.
  if (reading.ok && (next?.allowed || next?.reason !== "step-up")) {
    return services.page(visit.request, {
      title: "You are signed in",
      actions: [{ href: target, label: "Continue" }],
      script: returnScript,
    });
  }
  const missing = !reading.ok && reading.code === "sign-in-required";
  const code = missing
    ? id === lost
      ? "accept-transaction-missing"
      : "accept-cookie-missing"
    : reading.ok
      ? "step-up-required"
      : reading.code;
  const { actions } = signInPage({ ...visit, url: new URL(target, origin) }, true);
  const reference = newReference(services.deps.random);
  const record = { activity: "sign-in", success: false, code, reference } as const;
  services.recorder.signIn(visit.request, record, visit.waitUntil);
  return services.refuse(visit.request, code, {
    reference,
    as: "page",
    page: { title: "Sign-in was not finished", actions: actions ?? [] },
  });
}
