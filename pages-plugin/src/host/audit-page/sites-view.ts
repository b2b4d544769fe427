import { type Html, html } from "./html.ts";
import { type Looking, link, moment, shortCommit } from "./shell.ts";
import type { EnvironmentState, KeyState, SiteState } from "./sites-data.ts";

/** What is gated and what is not, and which key ends when. */
export function sitesView(
  looking: Looking,
  sites: readonly SiteState[],
  keys: readonly KeyState[] | undefined,
): Html {
  return html`<section><table><caption>Sites</caption><thead><tr><th scope="col">Site</th><th scope="col">Environment</th><th scope="col">Gate</th><th scope="col">Who may come in</th><th scope="col">Last deployed (UTC)</th><th scope="col">Last let in (UTC)</th></tr></thead><tbody>${sites.map(
    (site) => siteRows(looking, site),
  )}</tbody></table><p><small>As the default branch’s policy says and the action last told this host. Deployments that were made in another way are found by the action’s own check.</small></p></section>${keys && keysTable(looking, keys)}`;
}

function siteRows({ filters }: Looking, { row, seen, checked, environments }: SiteState): Html {
  return html`${environments.map(
    (environment, index) =>
      html`<tr><th scope="row" data-label="Site"><div>${link(filters, { view: "previews", site: row.project }, row.project)}${index === 0 && html`<small>${row.origins.map((origin) => new URL(origin).host).join(", ")}</small>`}</div></th><td data-label="Environment">${environment.name}</td><td data-label="Gate">${gate(environment)}</td><td data-label="Who"><div>${environment.state === "open" ? "anybody" : environment.who || "nobody"}${environment.digest && html`<small>policy <code>${environment.digest.slice(0, 12)}</code></small>`}</div></td><td data-label="Deployed"><div>${deployed(environment)}</div></td><td data-label="Last let in">${index === 0 && html`<div>${seen === 0 ? "never" : moment(seen)}${checked && html`<small>checked ${moment(checked.time)}: ${checked.success ? checked.comment : html`<b class="bad">${checked.comment}</b>`}</small>`}</div>`}</td></tr>`,
  )}`;
}

function gate({ state }: EnvironmentState): Html {
  if (state === "gated") return html`<b class="good">gated</b>`;
  return state === "report"
    ? html`<b class="bad">report mode: logged, not closed</b>`
    : html`<b class="bad">not gated</b>`;
}

function deployed({ deployed: made }: EnvironmentState): Html {
  if (made === undefined) return html`not known`;
  return html`${moment(made.time)}<small>${shortCommit(made.commit)} ${made.success ? made.comment : html`<b class="bad">failed its check</b>`}</small>`;
}

const soon = 30 * 86_400_000;

function keysTable({ now }: Looking, keys: readonly KeyState[]): Html {
  const ends = ({ ends: end }: KeyState): Html => {
    if (end === undefined) return html`not known`;
    const left = Math.floor((end - now) / 86_400_000);
    const words = left < 0 ? "over" : `${left} days left`;
    return html`${moment(end)}<small>${end - now < soon ? html`<b class="bad">${words}</b>` : words}</small>`;
  };
  return html`<section><table><caption>Keys and credentials of this host</caption><thead><tr><th scope="col">What</th><th scope="col">Id</th><th scope="col">Used</th><th scope="col">Ends (UTC)</th></tr></thead><tbody>${keys.map(
    (key) =>
      html`<tr><th scope="row" data-label="What">${key.what}</th><td data-label="Id"><code>${key.id}</code></td><td data-label="Used">${key.active ? "in use" : "still accepted"}</td><td data-label="Ends"><div>${ends(key)}</div></td></tr>`,
  )}</tbody></table></section>`;
}
