import { addressOf } from "./filters.ts";
import { type Html, html } from "./html.ts";
import type { DeploymentFact, Preview, PullSummary, Sighting } from "./previews-data.ts";
import { mostTickets } from "./previews-queries.ts";
import { type Looking, link, moment, place, runLink, shortCommit } from "./shell.ts";

/** The pull requests of one site, each with how many people saw its preview. */
export function pullsView(
  looking: Looking,
  site: string,
  pulls: readonly PullSummary[],
  next: number | undefined,
): Html {
  const { filters } = looking;
  const rows = pulls.map(
    (pull) =>
      html`<tr><th scope="row" data-label="Pull request">${link(filters, { site, pull: pull.number }, `#${pull.number}`)}</th><td class="n" data-label="People">${pull.people}</td><td class="n" data-label="Deployments">${pull.deployments}</td><td data-label="Last event">${moment(pull.last)}</td></tr>`,
  );
  const table = html`<table><caption>Previews of ${site}</caption><thead><tr><th scope="col">Pull request</th><th scope="col" class="n">People who saw it</th><th scope="col" class="n">Deployments</th><th scope="col">Last event (UTC)</th></tr></thead><tbody>${rows}</tbody></table>`;
  return html`${sitesNav(looking, site)}<section>${pulls.length === 0 ? html`<h2>Previews of ${site}</h2><p>No event names a pull request of this site.</p>` : table}
<div class="pages">${link(filters, { site, pull: "production" }, "Who saw production")}${next !== undefined && html`<a href="${addressOf({ ...filters, site, before: { time: 0, id: next } })}" rel="next">Older pull requests</a>`}</div></section>`;
}

/** One site at a time: numbers of pull requests mean nothing across sites. */
function sitesNav(looking: Looking, chosen: string): Html {
  const { scope, filters } = looking;
  if (scope.rows.length < 2) return html``;
  return html`<form method="get" aria-label="Site"><input type="hidden" name="view" value="${filters.view}"><label>Site<select name="site">${scope.rows.map(
    ({ project }) =>
      html`<option value="${project}"${project === chosen && html` selected`}>${project}</option>`,
  )}</select></label><button>Show</button></form>`;
}

/** Who saw one pull request's preview, or production, and at which commit. */
export function previewView(
  looking: Looking,
  site: string,
  pull: number | "production",
  preview: Preview,
): Html {
  const { filters } = looking;
  const { pull: _, ...all } = filters;
  const title = pull === "production" ? `Production of ${site}` : `Pull request #${pull} of ${site}`;
  const { from, to } = filters.span;
  return html`<p>${link(all, { site }, "All previews of this site")}</p><section><h2>${title}</h2>
<p>From ${moment(from)} to ${moment(to)} (UTC). ${(["7d", "30d", "90d"] as const).map((days) => html`${link(filters, { days, site, pull }, `Last ${days.slice(0, -1)} days`)} `)}</p>
${sightingsTable(looking, preview)}</section>${deploymentsTable(preview.deployments)}`;
}

function sightingsTable({ filters }: Looking, { sightings, cut }: Preview): Html {
  if (sightings.length === 0) return html`<p>Nobody was let in there in this time.</p>`;
  const row = ({ oid, name, guest, commit, origin, first, last, times }: Sighting): Html => {
    const who = link(
      filters,
      { view: "activity", search: oid, show: "all" },
      html`<bdi>${name || oid}</bdi>`,
    );
    return html`<tr><th scope="row" data-label="Who"><div>${who}${guest && html`<small>guest</small>`}</div></th><td data-label="Commit">${shortCommit(commit) ?? "not known"}</td><td data-label="Address">${place(origin)}</td><td data-label="First">${moment(first)}</td><td data-label="Last">${moment(last)}</td><td class="n" data-label="Tickets">${times}</td></tr>`;
  };
  return html`<table><caption>Who saw it</caption><thead><tr><th scope="col">Who</th><th scope="col">Commit</th><th scope="col">Address</th><th scope="col">First (UTC)</th><th scope="col">Last (UTC)</th><th scope="col" class="n">Tickets</th></tr></thead><tbody>${sightings.map(row)}</tbody></table>
<p><small>One ticket lasts until the site checks again, so tickets count hours rather than pages.${cut && ` Only the newest ${mostTickets} tickets are looked at: narrow the time for older ones.`}</small></p>`;
}

function deploymentsTable(deployments: readonly DeploymentFact[]): Html {
  if (deployments.length === 0)
    return html`<section><h2>Deployments</h2><p>None that an event tells of.</p></section>`;
  const row = ({ time, url, commit, comment, login, run, success, code, deleted }: DeploymentFact): Html =>
    html`<tr><td data-label="Time (UTC)">${moment(time)}</td><td data-label="Commit">${shortCommit(commit)}</td><td data-label="Address">${place(url)}</td><td data-label="State"><div>${deleted ? "deleted" : comment}${!success && html` <b class="bad">${code}</b>`}</div></td><td data-label="By"><div><bdi>${login}</bdi>${run && html`<small>${runLink(run)}</small>`}</div></td></tr>`;
  return html`<section><table><caption>Deployments</caption><thead><tr><th scope="col">Time (UTC)</th><th scope="col">Commit</th><th scope="col">Address</th><th scope="col">State</th><th scope="col">By</th></tr></thead><tbody>${deployments.map(row)}</tbody></table></section>`;
}
