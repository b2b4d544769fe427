/** A link or a form of one button; forms are always POSTs. */
export type PageAction =
  | { readonly href: string; readonly label: string; readonly id?: string }
  | {
      readonly post: string;
      readonly label: string;
      readonly id?: string;
      readonly fields?: Readonly<Record<string, string>>;
    };

/** All that a page of the gate can hold. Every string is text: it is escaped here and nowhere else. */
export interface Page {
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly list?: readonly string[];
  readonly actions?: readonly PageAction[];
  /** Shown small at the end: what to quote to the operator. */
  readonly reference?: string;
  /** The gate's own source text, never anything from a request; it may read `data-*` of the body. */
  readonly script?: string;
  /** Values for the script, as `data-<name>` attributes of the body. */
  readonly data?: Readonly<Record<string, string>>;
  /** Path of a picture for link previews, and the origin to make it absolute with. */
  readonly card?: string;
}

const style = `
:root{color-scheme:light dark;--back:#f5f6f8;--card:#fff;--text:#1b1f27;--soft:#525a69;--line:#d8dce4;--link:#0b57d0}
@media(prefers-color-scheme:dark){:root{--back:#14171d;--card:#1e222a;--text:#eceff4;--soft:#aab2c0;--line:#363c48;--link:#8ab4f8}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:var(--back);color:var(--text);font:1rem/1.55 system-ui,sans-serif}
main{width:100%;max-width:34rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:clamp(1.25rem,5vw,2.25rem);overflow-wrap:anywhere}
h1{margin:0 0 .75rem;font-size:1.35rem;line-height:1.3}
p,ul{margin:.75rem 0}ul{padding-left:1.25rem}
form{display:inline}
.do{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.5rem}
.do a,.do button{display:inline-block;padding:.6rem 1rem;border:1px solid var(--link);border-radius:.5rem;background:none;color:var(--link);font:inherit;text-decoration:none;cursor:pointer}
.do>:first-child,.do>form:first-child button{background:var(--link);color:var(--card)}
.do>form:first-child{background:none}
a:focus-visible,button:focus-visible{outline:3px solid var(--link);outline-offset:3px}
small{display:block;margin-top:1.5rem;color:var(--soft)}
`.trim();

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text made safe inside HTML text and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

function attribute(name: string, value: string | undefined): string {
  return value === undefined ? "" : ` ${name}="${escapeHtml(value)}"`;
}

function action(item: PageAction): string {
  if ("href" in item)
    return `<a href="${escapeHtml(item.href)}"${attribute("id", item.id)}>${escapeHtml(item.label)}</a>`;
  const fields = Object.entries(item.fields ?? {})
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join("");
  return `<form method="post" action="${escapeHtml(item.post)}"${attribute("id", item.id)}>${fields}<button>${escapeHtml(item.label)}</button></form>`;
}

/**
 * The one template of every page of the gate: readable without script, by keyboard, on a telephone, in the dark; it
 * asks for nothing from anywhere.
 *
 * @param nonce what `pageHeaders` puts into the policy that lets this style and script run
 */
export function renderPage(page: Page, nonce: string): string {
  const data = Object.entries(page.data ?? {})
    .map(([name, value]) => attribute(`data-${name}`, value))
    .join("");
  const card = page.card
    ? `<meta property="og:title" content="${escapeHtml(page.title)}"><meta property="og:image" content="${escapeHtml(page.card)}">`
    : "";
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(page.title)}</title>`,
    `<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">${card}`,
    `<style nonce="${nonce}">${style}</style></head><body${data}><main><h1>${escapeHtml(page.title)}</h1>`,
    ...page.paragraphs.map((text) => `<p>${escapeHtml(text)}</p>`),
    page.list?.length ? `<ul>${page.list.map((text) => `<li>${escapeHtml(text)}</li>`).join("")}</ul>` : "",
    page.actions?.length ? `<div class="do">${page.actions.map(action).join("")}</div>` : "",
    page.reference ? `<small>Reference ${escapeHtml(page.reference)}</small>` : "",
    `</main>${page.script ? `<script nonce="${nonce}">${page.script}</script>` : ""}</body></html>`,
  ].join("");
}

/** The policy a page is shown under (CSP Level 3): nothing but its own style, its own script and its own forms. */
export function pagePolicy(page: Page, nonce: string): string {
  const targets = new Set<string>();
  for (const item of page.actions ?? []) {
    if ("post" in item) targets.add(item.post.startsWith("/") ? "'self'" : new URL(item.post).origin);
  }
  const script = page.script ? ` script-src 'nonce-${nonce}';` : "";
  const forms = targets.size === 0 ? "'none'" : [...targets].join(" ");
  return `default-src 'none'; style-src 'nonce-${nonce}';${script} form-action ${forms}; base-uri 'none'; frame-ancestors 'none'`;
}
