import type { Activity, Entry } from "./activity-data.ts";
import { chart, numbers } from "./chart.ts";
import { addressOf, type Filters, forms, inputTime, shows, spans } from "./filters.ts";
import { type Html, html } from "./html.ts";
import { searchOf } from "./listing.ts";
import { type Looking, link, moment, place, runLink, shortCommit } from "./shell.ts";
import { mostNewcomers } from "./trends.ts";
import { explained, happened, kindOf } from "./words.ts";

/** Filter, picture over time, what stands out, and the events themselves. */
export function activityView(looking: Looking, activity: Activity): Html {
  const { filters } = looking;
  return html`${filterForm(looking)}${overview(filters, activity)}${list(looking, activity)}`;
}

function option(value: string, label: string, chosen: boolean): Html {
  return html`<option value="${value}"${chosen && html` selected`}>${label}</option>`;
}

/** A form that is sent with GET: what it asks for stands in the address, and can be kept and sent on. */
export function filterForm({ filters, scope }: Looking): Html {
  const { site, show, search, span, days } = filters;
  const own = days === undefined;
  const choices = scope.projects.map((project) =>
    option(project, project || "The sign-in host itself", project === site),
  );
  return html`<form method="get" role="search" aria-label="Filter">
<label>Site<select name="site">${option("*", "All sites", site === undefined)}${choices}</select></label>
<label>Show<select name="show">${Object.entries(shows).map(([value, label]) => option(value, label, value === show))}</select></label>
<label class="wide">Search<input type="search" name="q" value="${search}" maxlength="100" placeholder="Name, address, code, commit, #7, reference"></label>
<i></i><label class="when">From (UTC)<input type="datetime-local" name="from" value="${own && inputTime(span.from)}"></label>
<label class="when">To (UTC)<input type="datetime-local" name="to" value="${own && inputTime(span.to)}"></label>
<button>Show</button>
<p class="spans">${Object.keys(spans).map((key) => {
    const chosen = key === days;
    const { before: _, ...kept } = filters;
    const address = addressOf({ ...kept, days: key as keyof typeof spans });
    return html`<a href="${address}"${chosen && html` aria-current="true"`}>Last ${key === "24h" ? "24 hours" : `${spans[key as keyof typeof spans]} days`}</a>`;
  })}</p></form>`;
}

const sum = (list: readonly number[]): number => list.reduce((total, one) => total + one, 0);

function overview(filters: Filters, { trend }: Activity): Html {
  const { admitted, refused, nobody, newcomers } = trend;
  const { kind } = searchOf(filters.search);
  const whole = kind === "text" || kind === "reference" || kind === "pull" || filters.show !== "all";
  const facts: [string, number | string][] = [
    ["Let in", sum(admitted)],
    ["Refused or failed", sum(refused)],
    ["of these by nobody known", sum(nobody)],
    [
      "Seen for the first time",
      newcomers === undefined
        ? "–"
        : newcomers.length === mostNewcomers
          ? `${mostNewcomers}+`
          : newcomers.length,
    ],
  ];
  return html`<section aria-labelledby="over-time"><h2 id="over-time">Over time</h2>
<dl class="facts">${facts.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>
${standsOut(filters, trend)}${chart(trend)}${whole && html`<p><small>The picture shows all events of these sites${kind === "person" && " and this person"} in this time, whatever is searched for below.</small></p>`}${numbers(trend, filters)}</section>`;
}

/** What somebody should look at first: bursts of refusals, and people who were never seen before. */
function standsOut(filters: Filters, { bars, bursts, newcomers }: Activity["trend"]): Html {
  const { days: _, ...kept } = filters;
  const shown = newcomers?.slice(0, 5) ?? [];
  return html`${bursts.map(({ bar, refused, usual }) => {
    const from = bars.from + bar * bars.size;
    const change = { span: { from, to: from + bars.size }, show: "refused" } as const;
    return html`<p class="note bad"><b class="bad">Burst of refusals:</b> ${refused} from ${moment(from)} to ${moment(from + bars.size)} (usual: ${usual}). ${link(kept, change, "Show them")}</p>`;
  })}${
    shown.length > 0 &&
    html`<p class="note"><b class="new">Seen for the first time:</b> ${shown.map(
      ({ name, oid, guest, admitted, origin, time }, index) =>
        html`${index > 0 && "; "}${link(filters, { search: oid, show: "all" }, html`<bdi>${name || oid}</bdi>`)}${guest && " (guest)"}${!admitted && ", refused,"} at ${place(origin)}, ${moment(time)}`,
    )}${(newcomers?.length ?? 0) > shown.length && html` and ${(newcomers?.length ?? 0) - shown.length} more`}.</p>`
  }${newcomers === undefined && html`<p><small>Nothing older than this time is kept, so nobody can be told to be new.</small></p>`}`;
}

function list(looking: Looking, { entries, next, floor }: Activity): Html {
  const { filters } = looking;
  const none =
    floor === undefined
      ? "Nothing of that kind in this time."
      : `Nothing found since ${new Date(floor).toISOString().slice(0, 10)}.`;
  const table = html`<table><caption>${shows[filters.show]}</caption><thead><tr><th scope="col">Time (UTC)</th><th scope="col">What</th><th scope="col">Who</th><th scope="col">Where</th><th scope="col">Why</th></tr></thead><tbody>${entries.map((entry) => row(filters, entry))}</tbody></table>`;
  return html`<section aria-label="Events">${entries.length === 0 ? html`<h2>${shows[filters.show]}</h2><p>${none}</p>` : table}
<div class="pages">${filters.before && link(filters, {}, "Newest")}${next && html`<a href="${addressOf({ ...filters, before: next })}" rel="next">${floor === undefined ? "Older" : "Look further back"}</a>`}
<p>Export at most 10,000: ${Object.entries(forms).map(
    ([as, label], index) =>
      html`${index > 0 && " · "}<a href="${addressOf({ ...filters, as: as as keyof typeof forms })}">${label}</a>`,
  )}</p></div></section>`;
}

function row(filters: Filters, entry: Entry): Html {
  const { words, tone } = happened(entry);
  const { code = "", reference, name, oid, kind } = entry;
  const known = String(code);
  const why = entry.success ? "" : explained(known);
  const about = kindOf(kind);
  const what = tone === "" ? words : html`<b class="${tone}">${words}</b>`;
  const label = html`<bdi>${name ?? oid ?? ""}</bdi>`;
  const who =
    oid === undefined
      ? name === "unknown"
        ? "nobody known"
        : label
      : link(filters, { search: String(oid), show: "all" }, label);
  return html`<tr><td data-label="Time (UTC)">${moment(entry.time)}</td><td data-label="What">${what}</td><td data-label="Who"><div>${who}${about && html`<small>${about}</small>`}</div></td>
<td data-label="Where"><div>${where(filters, entry)}</div></td><td data-label="Why"><div>${reason(entry, known)}${reference && html`<small>Reference <code>${reference}</code></small>`}${why && html`<small>${why}</small>`}</div></td></tr>`;
}

function where(
  filters: Filters,
  { origin, entity, entity_name, project, environment, pull, commit, view }: Entry,
): Html {
  if (entity !== undefined)
    return html`${entity} <bdi>${entity_name}</bdi>${pull !== undefined && html`<small>${pullLink(filters, String(project), Number(pull))}</small>`}${commit && html`<small>${shortCommit(String(commit))}</small>`}`;
  if (view !== undefined) return html`${view}${project && html`<small>${project}</small>`}`;
  const about = [project, environment].filter(Boolean).join(", ");
  return html`${place(String(origin ?? ""))}<small>${about}${pull !== undefined && html` · ${pullLink(filters, String(project), Number(pull))}`}</small>`;
}

function pullLink(filters: Filters, site: string, pull: number): Html {
  return link(filters, { view: "previews", site, pull }, `#${pull}`);
}

function reason({ success, comment, run }: Entry, code: string): Html {
  if (comment !== undefined || run !== undefined)
    return html`${comment}${!success && html` <code>${code}</code>`}${run && html`<small>${runLink(String(run))}</small>`}`;
  return success ? html`` : html`<code>${code}</code>`;
}
