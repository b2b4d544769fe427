import { hostEndpoints } from "../../../../contract/names/endpoints.ts";
import { asking } from "../../../../contract/tickets/claims.ts";
import { htmlAnswer, redirectAnswer, textAnswer } from "../../http/answers.ts";
import { GateFault } from "../../http/fault.ts";
import type { HostSession } from "../../session/host-session.ts";
import { recordView } from "../audit.ts";
import { askEntra } from "../authorize.ts";
import { sessionOfBrowser } from "../browser-session.ts";
import type { Exchange, HostContext } from "../exchange.ts";
import { namedByViewers } from "../named-set.ts";
import type { Sites } from "../site-directory.ts";
import { readActivity } from "./activity-data.ts";
import { activityView } from "./activity-view.ts";
import { exportEvents } from "./export.ts";
import { addressOf, readFilters } from "./filters.ts";
import type { Html } from "./html.ts";
import { readPreview, readPulls } from "./previews-data.ts";
import { previewView, pullsView } from "./previews-view.ts";
import { isRecent, type Scope, scopeOf, settled } from "./scope.ts";
import { type Looking, shell } from "./shell.ts";
import { readSites } from "./sites-data.ts";
import { sitesView } from "./sites-view.ts";

/** Marks that a round trip to Entra has just ended: there is not a second one for the same look. */
export const done = "signed-in";

/**
 * `/.auth/audit`: who saw what. Read only. Somebody sees the events of the sites whose default branch's policy names him
 * in `audit.viewers`; his claims are asked for again as often as those sites ask (`recheck`).
 *
 * @throws GateFault `audit-refused`, `audit-session-lost`, `audit-unavailable`, `sites-unavailable`
 */
export async function auditPage(host: HostContext, exchange: Exchange): Promise<Response> {
  const query = exchange.url.searchParams;
  const sites = await host.directory.read();
  // Without what an export or a later page of the list asks for: those are for whoever looks already.
  const { before: _, as: __, ...kept } = readFilters(query, undefined, host.deps.now());
  exchange.page = addressOf(kept);
  const ask = query.get("ask");
  const session = await sessionOfBrowser(host, exchange);
  const justAnswered = session !== undefined && exchange.now < session.claimsAt + settled;
  if (query.has(done)) {
    if (!justAnswered) throw new GateFault("audit-session-lost");
    return redirectAnswer(exchange.request, hostEndpoints.audit + exchange.page);
  }
  if (session && ask === null && (await isKnown(sites, session))) {
    exchange.session = session;
    const scope = scopeOf(sites.rows, session);
    const may = scope.rows.length > 0;
    if (may && isRecent(scope, session, exchange.now)) return look(host, exchange, session, scope);
    if (!may && justAnswered) throw new GateFault("audit-refused");
  }
  const asked = ask === asking.account || ask === asking.again ? ask : undefined;
  return askEntra(host, exchange, {
    wanted: { origin: host.settings.origin, environment: "production", tx: "", challenge: "" },
    page: exchange.page,
    ask: asked,
    stepUp: {},
    prompt: false,
    loginHint: session?.loginHint,
  });
}

/** Whether a session was made for the groups and roles that decide now. */
async function isKnown({ rows, named }: Sites, session: HostSession): Promise<boolean> {
  const viewers = await namedByViewers(rows);
  const groupsKnown = session.groupsState !== "overage" || viewers.groups.size === 0;
  return groupsKnown && [named.digest, viewers.digest].includes(session.named);
}

async function look(
  host: HostContext,
  exchange: Exchange,
  session: HostSession,
  scope: Scope,
): Promise<Response> {
  const { request, url } = exchange;
  const { database, origin } = host.settings;
  const filters = readFilters(url.searchParams, scope.projects, host.deps.now());
  const { as, ...shown } = filters;
  const project = filters.site ?? (filters.view === "previews" ? scope.rows[0]?.project : undefined);
  if (as !== undefined) {
    // Another site's link must not make a browser save people's names.
    if (request.headers.get("sec-fetch-site") !== "same-origin")
      return redirectAnswer(request, hostEndpoints.audit + addressOf(shown));
    const projects = filters.site === undefined ? scope.projects : [filters.site];
    const { name, type, body } = await exportEvents(database, projects, { ...filters, as });
    recordView(host, exchange, { activity: "export", view: as, project });
    return textAnswer(request, body, type, {
      headers: { "content-disposition": `attachment; filename="${name}"` },
    });
  }
  const looking: Looking = { origin, session, scope, filters, now: host.deps.now() };
  const body = await content(host, looking);
  recordView(host, exchange, { activity: "read", view: filters.view, project });
  return htmlAnswer(request, (nonce) => shell(looking, nonce, body), { cookies: exchange.cookies });
}

async function content(host: HostContext, looking: Looking): Promise<Html> {
  const { database } = host.settings;
  const { scope, filters } = looking;
  switch (filters.view) {
    case "activity":
      return activityView(looking, await readActivity(database, scope.projects, filters));
    case "sites": {
      const { sites, keys } = await readSites(host.settings, scope);
      return sitesView(looking, sites, keys);
    }
    case "previews":
      return previews(database, looking);
  }
}

async function previews(database: HostContext["settings"]["database"], looking: Looking): Promise<Html> {
  const { scope, filters } = looking;
  const row = scope.rows.find(({ project }) => project === filters.site) ?? scope.rows[0];
  if (row === undefined) throw new GateFault("audit-refused");
  if (filters.pull !== undefined)
    return previewView(
      looking,
      row.project,
      filters.pull,
      await readPreview(database, row, filters.pull, filters),
    );
  const { pulls, next } = await readPulls(database, row.project, filters.before?.id);
  return pullsView(looking, row.project, pulls, next);
}
