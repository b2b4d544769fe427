import type { SiteServices, Visit } from "../exchange.ts";
import { refuseVisit } from "../refusals.ts";

/** Public: the picture that chat programs show beside a link. It says nothing about the page behind. */
export async function showCard(services: SiteServices, visit: Visit): Promise<Response> {
  const { request, url, assets } = visit;
  const answer = await assets?.fetch(
    new Request(url.origin + url.pathname, { method: request.method, redirect: "manual" }),
  );
  // A site of one page answers with that page where there is no such file.
  const isPicture = answer?.status === 200 && answer.headers.get("content-type") === "image/png";
  if (answer !== undefined && isPicture) {
    return new Response(answer.body, {
      headers: {
        "content-type": "image/png",
        "cache-control": "public, max-age=3600",
        "x-content-type-options": "nosniff",
      },
    });
  }
  await answer?.body?.cancel();
  return refuseVisit(services, visit, "card-missing");
}
