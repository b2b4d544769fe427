import { cookies as cookieNames } from "../../../../contract/names/cookies.ts";
import { hostEndpoints, siteEndpoints } from "../../../../contract/names/endpoints.ts";
import { redirectAnswer } from "../../http/answers.ts";
import { clearCookie, readCookies } from "../../http/cookies.ts";
import { clearTransactions } from "../../session/site-transaction.ts";
import type { SiteServices, Visit } from "../exchange.ts";
import { refuseVisit } from "../refusals.ts";
import { sessionOfVisit } from "../visit-session.ts";

/** Asks first: a link or an image must sign nobody out. */
export function askLogout(services: SiteServices, visit: Visit): Response {
  return services.page(visit.request, {
    title: "Sign out",
    actions: [
      { post: siteEndpoints.logout, label: "Sign out" },
      { href: "/", label: "Start page" },
    ],
  });
}

/**
 * Signs out of this site: its cookies go, and with them what the browser kept of its pages: caches, storage, and service
 * workers, which would go on showing them. A copied cookie lives on to its `exp`, since a site keeps no state.
 */
export async function logout(services: SiteServices, visit: Visit): Promise<Response> {
  const { request, origin, cookie, waitUntil } = visit;
  if (request.headers.get("origin") !== origin) {
    return refuseVisit(services, visit, "logout-origin-foreign", { as: "page" });
  }
  const reading = await sessionOfVisit(services, visit).catch(() => undefined);
  const visitor = reading?.ok ? reading.session.visitor : undefined;
  services.recorder.signIn(
    request,
    { activity: "sign-out", success: true, code: "signed-out", visitor },
    waitUntil,
  );
  return redirectAnswer(request, siteEndpoints.signedOut, {
    cookies: [clearCookie(cookieNames.siteSession), ...clearTransactions(readCookies(cookie))],
    headers: { "clear-site-data": '"cache", "storage"' },
  });
}

/**
 * Says what signing out did not do, and where to do it.
 *
 * @param there address of that page
 */
export function showSignedOut(
  services: SiteServices,
  visit: Visit,
  there = services.config.signIn.origin + hostEndpoints.logout,
): Response {
  return services.page(visit.request, {
    title: "You are signed out",
    paragraphs: ["The sign-in page still knows you."],
    actions: [
      { href: there, label: "Sign out there, too" },
      { href: "/", label: "Sign in with Microsoft" },
    ],
  });
}
