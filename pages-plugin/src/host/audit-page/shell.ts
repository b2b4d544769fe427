import { hostEndpoints } from "../../../../contract/names/endpoints.ts";
import type { HostSession } from "../../session/host-session.ts";
import { addressOf, type Filters, views } from "./filters.ts";
import { Html, html } from "./html.ts";
import type { Scope } from "./scope.ts";
import { style } from "./style.ts";

/** What all of the page's parts are made with. */
export interface Looking {
  readonly origin: string;
  readonly session: HostSession;
  readonly scope: Scope;
  readonly filters: Filters;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The frame around each part: who looks, what there is to look at. Nothing is loaded, no script runs. */
export function shell({ origin, session, filters }: Looking, nonce: string, body: Html): string {
  const tabs = Object.entries(views) as [Filters["view"], string][];
  const { before: _, pull: __, as: ___, ...kept } = filters;
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${views[filters.view]} · Audit · ${new URL(origin).host}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
<style nonce="${nonce}">${new Html(style)}</style></head><body>
<header><h1>Audit</h1><p>${new URL(origin).host}</p><p>Signed in as <bdi>${session.name || session.oid}</bdi> · <a href="${hostEndpoints.logout}">Sign out</a></p></header>
<nav aria-label="Parts">${tabs.map(
    ([view, title]) =>
      html`<a href="${addressOf({ ...kept, view })}"${view === filters.view && html` aria-current="page"`}>${title}</a>`,
  )}</nav>
<main>${body}</main></body></html>`.text;
}

/** A moment in UTC. */
export function moment(milliseconds: number): Html {
  const iso = new Date(milliseconds).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace("T", " ")}</time>`;
}

/** A link to the same page with something changed; paging begins anew. */
export function link(filters: Filters, change: Partial<Filters>, label: Html | string): Html {
  const { before: _, as: __, ...kept } = filters;
  return html`<a href="${addressOf({ ...kept, ...change })}">${label}</a>`;
}

/** An address as text: where somebody was is no place to be sent to from here. */
export function place(origin: string): string {
  return origin.replace(/^https:\/\//, "");
}

/** First ten digits, which git takes for the whole. */
export function shortCommit(commit: string): Html | undefined {
  return commit === "" ? undefined : html`<code>${commit.slice(0, 10)}</code>`;
}

/** A workflow run's address becomes a link only if it is one. */
export function runLink(address: string): Html | undefined {
  const url = URL.parse(address);
  return url?.protocol === "https:"
    ? html`<a href="${url.href}" rel="noreferrer">workflow run</a>`
    : undefined;
}
