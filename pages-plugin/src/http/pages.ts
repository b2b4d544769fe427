import type { Language } from "../../../contract/texts/languages.ts";

/** A link or a form of one button; forms are always POSTs. The first action of a page is its main one. */
export type PageAction<Text extends string = string> =
  | { readonly href: string; readonly label: Text; readonly id?: string }
  | {
      readonly post: string;
      readonly label: Text;
      readonly id?: string;
      readonly fields?: Readonly<Record<string, string>>;
    };

/** A label with names that are shown as they are, or with texts that are translated. */
export type PageFact<Text extends string = string> = readonly [
  label: Text,
  names: readonly string[],
  texts?: readonly Text[],
];

/**
 * All that a page of the gate can hold. Texts are given in English and said in the visitor's language; every string is
 * text, escaped here and nowhere else.
 */
export interface Page<Text extends string = string> {
  readonly title: Text;
  readonly paragraphs?: readonly Text[];
  readonly facts?: readonly PageFact<Text>[];
  readonly actions?: readonly PageAction<Text>[];
  /** Shown small at the end: what to quote to the operator. */
  readonly reference?: string;
  /** Name of the site that the page is about, instead of the one that all pages of this gate have. */
  readonly site?: string;
  /** The gate's own source text, never anything from a request; it may read `data-*` of the body. */
  readonly script?: string;
  /** Values for the script, as `data-<name>` attributes of the body. */
  readonly data?: Readonly<Record<string, string>>;
  /** Address of a picture for link previews. */
  readonly card?: string;
}

/** How a page is said: in which language, and how an English text goes in it. */
export interface Voice {
  readonly language: Language;
  say(text: string): string;
}

// Without light-dark() (2024) colours are the browser's own, which are readable in both schemes.
const style =
  ":root{color-scheme:light dark;--a:light-dark(#0b57d0,#8ab4f8);--l:light-dark(#d9dee6,#3a414d);--s:light-dark(#566071,#a7b0bf)}" +
  "*{box-sizing:border-box;margin:0}" +
  "body{min-height:100vh;display:grid;place-items:center;padding:1rem;background:light-dark(#f4f6f9,#13161b);color:light-dark(#1b1f27,#eceff4);font:1rem/1.5 system-ui,sans-serif}" +
  "main{width:min(100%,29rem);padding:clamp(1.5rem,7vw,2.5rem);background:light-dark(#fff,#1c2027);border:1px solid var(--l);border-radius:1rem;overflow-wrap:anywhere}" +
  "header,small,dt{color:var(--s);font-size:.875rem}" +
  'header:before{content:"";display:inline-block;width:.6em;height:.6em;margin-inline-end:.6em;border-radius:50%;background:var(--a)}' +
  "h1{margin:1rem 0 .5rem;font-size:1.5rem;line-height:1.25;text-wrap:balance}" +
  "p{margin-top:.5rem}" +
  "dl{margin-top:1.25rem}dd{margin-bottom:.5rem}" +
  "nav{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.75rem}form{display:contents}" +
  "a,button{padding:.6rem 1.1rem;border:1px solid var(--l);border-radius:.6rem;background:none;color:var(--a);font:inherit;font-weight:500;text-align:center;text-decoration:none;cursor:pointer}" +
  "nav>:first-child,:first-child>button{background:var(--a);border-color:var(--a);color:light-dark(#fff,#13161b)}" +
  "a:hover,button:hover{text-decoration:underline}" +
  ":focus-visible{outline:3px solid var(--a);outline-offset:3px}" +
  "small{display:block;margin-top:1.75rem;padding-top:1rem;border-top:1px solid var(--l)}code{user-select:all}" +
  "@media(max-width:30rem){a,button{width:100%}}";

/** Text made safe inside HTML text and attributes in double quotes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function attributes(values: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(values)
    .map(([name, value]) => (value === undefined ? "" : ` ${name}="${escapeHtml(value)}"`))
    .join("");
}

/** Link previews (ogp.me): the site's name, one sentence and the card, which are no secret to whoever has the address. */
function preview(title: string, description: string, card: string): string {
  const tags = { title, description, image: card, "image:width": "1200", "image:height": "630" };
  return (
    Object.entries(tags)
      .map(([name, content]) => `<meta${attributes({ property: `og:${name}`, content })}>`)
      .join("") + '<meta name="twitter:card" content="summary_large_image">'
  );
}

/**
 * The one template of every page of the gate: readable without script, by keyboard, on a telephone, in the dark; it
 * asks for nothing from anywhere, and nothing in it moves.
 *
 * @param nonce what `pagePolicy` puts into the policy that lets this style and script run
 */
export function renderPage(page: Page, nonce: string, { language, say }: Voice): string {
  const text = (english: string) => escapeHtml(say(english));
  const { site, card, reference, script } = page;
  const title = text(page.title);
  const tag = (name: string, html: string, more = "") => `<${name}${more}>${html}</${name}>`;
  // A name may be written in the other direction than the page.
  const names = (list: readonly string[]) => list.map((name) => tag("bdi", escapeHtml(name)));
  const fact = ([label, list, texts = []]: PageFact) =>
    tag("dt", text(label)) + tag("dd", [...names(list), ...texts.map(text)].join(" · "));
  const action = (item: PageAction) => {
    const label = text(item.label);
    if ("href" in item) return tag("a", label, attributes({ href: item.href, id: item.id }));
    const fields = Object.entries(item.fields ?? {})
      .map(([name, value]) => `<input${attributes({ type: "hidden", name, value })}>`)
      .join("");
    const to = attributes({ method: "post", action: item.post, id: item.id });
    return tag("form", fields + tag("button", label), to);
  };
  const data = Object.entries(page.data ?? {}).map(([name, value]) => [`data-${name}`, value]);
  const paragraphs = page.paragraphs ?? [];
  return [
    `<!doctype html><html lang="${language}"><meta charset="utf-8">`,
    tag("title", title + (site ? ` · ${escapeHtml(site)}` : "")),
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">',
    card ? preview(site ?? "", say(paragraphs[0] ?? page.title), card) : "",
    tag("style", style, ` nonce="${nonce}"`),
    `<body${attributes(Object.fromEntries(data))}><main>`,
    site ? tag("header", names([site])[0] ?? "") : "",
    tag("h1", title),
    ...paragraphs.filter((one) => one !== page.title).map((one) => tag("p", text(one))),
    page.facts?.length ? tag("dl", page.facts.map(fact).join("")) : "",
    page.actions?.length ? tag("nav", page.actions.map(action).join("")) : "",
    reference ? tag("small", `${text("Reference")} ${tag("code", escapeHtml(reference))}`) : "",
    "</main>",
    script ? tag("script", script, ` nonce="${nonce}"`) : "",
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
