import type { Language } from "../../../contract/texts/languages.ts";

/** A link or a form of one button; forms are always POSTs. The first action of a page is its main one. */
export type PageAction<Text extends string = string> =
  | { readonly href: string; readonly label: Text }
  | {
      readonly post: string;
      readonly label: Text;
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
  /** The gate's own source text, never anything from a request; it may read the page's links and forms. */
  readonly script?: string;
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
  ":root{color-scheme:light dark;--a:light-dark(#0b57d0,#8ab4f8);--l:light-dark(#d9dee6,#3a414d);--c:light-dark(#fff,#1c2027)}" +
  "*{box-sizing:border-box;margin:0}" +
  "body{min-height:100vh;display:grid;place-items:center;padding:1rem;background:light-dark(#f4f6f9,#13161b);color:light-dark(#1b1f27,#eceff4);font:1rem/1.5 system-ui,sans-serif}" +
  "main{width:min(100%,29rem);padding:clamp(1.5rem,7vw,2.5rem);background:var(--c);border:1px solid var(--l);border-radius:1rem;overflow-wrap:anywhere}" +
  "header,small,dt{opacity:.75;font-size:.875rem}" +
  'header:before{content:"● "/"";color:var(--a)}' +
  "h1{margin:1rem 0 .5rem;font-size:1.5rem;line-height:1.25;text-wrap:balance}" +
  "dl{margin-top:1.25rem}dd{margin-bottom:.6rem}dd bdi{display:inline-block;max-width:100%}" +
  "nav{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.75rem}form{display:contents}" +
  "a,button{padding:.6rem 1.1rem;border:1px solid var(--l);border-radius:.6rem;background:none;color:var(--a);font:inherit;text-align:center;text-decoration:none;cursor:pointer}" +
  "nav>:first-child,:first-child>button{background:var(--a);color:var(--c)}" +
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

function tag(name: string, html: string, attributes = ""): string {
  return `<${name}${attributes}>${html}</${name}>`;
}

function attribute(name: string, value: string): string {
  return ` ${name}="${escapeHtml(value)}"`;
}

/** Link previews (ogp.me): the site's name, one sentence and the card, which are no secret to whoever has the address. */
function preview(title: string, description: string, image: string): string {
  return Object.entries({ title, description, image, "image:width": "1200", "image:height": "630" })
    .map(([name, content]) => `<meta property="og:${name}"${attribute("content", content)}>`)
    .join("");
}

/**
 * The one template of every page of the gate: readable without script, by keyboard, on a telephone, in the dark; it
 * asks for nothing from anywhere, and nothing in it moves.
 *
 * @param nonce what `pagePolicy` puts into the policy that lets this style and script run
 */
export function renderPage(page: Page, nonce: string, { language, say }: Voice): string {
  const { site = "", paragraphs = [], facts, actions, card, reference, script } = page;
  const text = (english: string) => escapeHtml(say(english));
  // A name may be written in the other direction than the page.
  const bdi = (name: string) => tag("bdi", escapeHtml(name));
  const fact = ([label, names, texts = []]: PageFact) =>
    tag("dt", text(label)) + tag("dd", [...names.map(bdi), ...texts.map(text)].join(" · "));
  const hidden = ([name, value]: readonly [string, string]) =>
    `<input type="hidden"${attribute("name", name)}${attribute("value", value)}>`;
  const action = (item: PageAction) =>
    "href" in item
      ? tag("a", text(item.label), attribute("href", item.href))
      : tag(
          "form",
          Object.entries(item.fields ?? {})
            .map(hidden)
            .join("") + tag("button", text(item.label)),
          ` method="post"${attribute("action", item.post)}`,
        );
  const once = ` nonce="${nonce}"`;
  return [
    `<!doctype html><html lang="${language}"><meta charset="utf-8">`,
    tag("title", text(page.title) + (site && ` · ${escapeHtml(site)}`)),
    '<meta name="viewport" content="width=device-width">',
    card ? preview(site || page.title, say(page.title), card) : "",
    tag("style", style, once),
    "<main>",
    site && tag("header", bdi(site)),
    tag("h1", text(page.title)),
    ...paragraphs.filter((one) => one !== page.title).map((one) => tag("p", text(one))),
    facts?.length ? tag("dl", facts.map(fact).join("")) : "",
    actions?.length ? tag("nav", actions.map(action).join("")) : "",
    reference ? tag("small", `${text("Reference")} ${tag("code", escapeHtml(reference))}`) : "",
    "</main>",
    script ? tag("script", script, once) : "",
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
