import { type SiteErrorCode, siteAnswers } from "../../../../contract/errors/site-answers.ts";
import { cookies as cookieNames } from "../../../../contract/names/cookies.ts";
import { siteEndpoints } from "../../../../contract/names/endpoints.ts";
import { readPath } from "../../../../contract/paths/reading.ts";
import { redirectAnswer } from "../../http/answers.ts";
import { serializeCookie } from "../../http/cookies.ts";
import { GateFault } from "../../http/fault.ts";
import { newReference } from "../../http/reference.ts";
import { largestCookie, sessionCookieValue, sessionOf } from "../../session/site-session.ts";
import { type VerifiedTicket, verifyTicket } from "../../session/site-ticket.ts";
import {
  findTransaction,
  type SiteTransaction,
  usedTransactionCookie,
} from "../../session/site-transaction.ts";
import { readAcceptForm } from "../accept-form.ts";
import type { SiteServices, Visit } from "../exchange.ts";
import { signInPage } from "../refusals.ts";
import { returnScript } from "../scripts.ts";
import { sessionOfVisit } from "../visit-session.ts";

/** Query parameter of the page after: the transaction's id, or `lost` where there was none. */
const done = "done";
const lost = "lost";

/**
 * Takes a ticket that the sign-in host posts through the browser, and makes a session of it.
 *
 * Only the host's own page may post it (Origin), only to the browser that asked (transaction, verifier), only within a
 * minute (accept_by). A form that comes a second time finds its transaction used: it changes nothing and goes on.
 */
export async function answerAccept(services: SiteServices, visit: Visit): Promise<Response> {
  try {
    return await acceptTicket(services, visit);
  } catch (error) {
    if (!(error instanceof GateFault) || !Object.hasOwn(siteAnswers, error.code)) throw error;
    return refuseSignIn(services, visit, error.code as SiteErrorCode, error.detail);
  }
}

async function acceptTicket(services: SiteServices, visit: Visit): Promise<Response> {
  const { config, deps, recorder, keys } = services;
  const { request, origin, cookies, waitUntil } = visit;
  if (request.headers.get("origin") !== config.signIn.origin) {
    throw new GateFault("accept-origin-foreign", (request.headers.get("origin") ?? "none").slice(0, 256));
  }
  const form = await readAcceptForm(request);
  const now = deps.now();
  const transaction = findTransaction(form.transaction, cookies, origin, now);
  if (transaction === undefined) {
    // The session cookie, being Lax, did not come with this POST; the page after it sees whether there is one.
    const code = "accept-transaction-missing";
    recorder.signIn(request, { activity: "sign-in", success: false, code }, waitUntil);
    return redirectAnswer(request, `${siteEndpoints.accept}?${done}=${lost}`);
  }
  const next = `${siteEndpoints.accept}?${done}=${transaction.id}`;
  if (transaction.verifier === "") return redirectAnswer(request, next);

  const { environment } = config.policy;
  const expected = { issuer: config.signIn.origin, origin, environment, now };
  const verified = await verifyTicket(form.ticket, transaction.verifier, expected, keys, waitUntil);
  if (now > verified.claims.accept_by * 1000) throw new GateFault("ticket-late", "accept_by");
  const cookie = sessionCookie(form.ticket, transaction, verified, now);
  const { visitor, expires } = sessionOf(verified.claims);
  const session = { uid: verified.claims.jti, expires };
  recorder.signIn(
    request,
    { activity: "sign-in", success: true, code: "signed-in", visitor, session },
    waitUntil,
  );
  return redirectAnswer(request, next, { cookies: [cookie, usedTransactionCookie(transaction, now)] });
}

function sessionCookie(
  ticket: string,
  { verifier }: SiteTransaction,
  verified: VerifiedTicket,
  now: number,
): string {
  const value = sessionCookieValue(ticket, verifier);
  const name = cookieNames.siteSession;
  if (name.length + value.length > largestCookie) {
    throw new GateFault("accept-session-too-large", `${name.length + value.length} bytes`);
  }
  return serializeCookie(name, value, { maxAge: verified.claims.exp - now / 1000, sameSite: "Lax" });
}

function refuseSignIn(services: SiteServices, visit: Visit, code: SiteErrorCode, detail: string) {
  const reference = newReference(services.deps.random);
  const { deps, recorder } = services;
  recorder.signIn(visit.request, { activity: "sign-in", success: false, code, reference }, visit.waitUntil);
  deps.log(JSON.stringify({ level: "warning", code, reference, detail }));
  const page = {
    title: "Sign-in was not finished",
    actions: [{ href: "/", label: "Start page" }],
  } as const;
  return services.refuse(visit.request, code, { reference, as: "page", page });
}

/**
 * The page after `accept`, a GET of its own so that the Lax cookie is sent: goes on to where the visitor wanted to go,
 * or explains why it can't. It never starts another sign-in by itself.
 */
export async function showAccepted(services: SiteServices, visit: Visit): Promise<Response> {
  const { url, cookies, origin } = visit;
  const id = url.searchParams.get(done) ?? lost;
  const transaction = findTransaction(id, cookies, origin, services.deps.now());
  const target = transaction?.returnTo ?? "/";
  const reading = await sessionOfVisit(services, visit);
  const { pathname } = new URL(target, origin);
  const next = reading.ok ? services.decide(readPath(pathname), reading.session.visitor) : undefined;
  // A step-up was carried along and is still not met: going on would only begin it again.
  if (reading.ok && (next?.allowed || next?.reason !== "step-up")) {
    return services.page(visit.request, {
      title: "You are signed in",
      actions: [{ href: target, label: "Continue" }],
      data: { target },
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
