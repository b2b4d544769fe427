/**
 * The part of GitHub's Markdown that bots' comments are made of, as HTML: headings, paragraphs, lists, tables, fenced
 * code, quotes, rules, bold, italics, code, links, images, and the few HTML tags that GitHub lets through.
 * Everything is escaped first, so nothing gets through that isn't put back here.
 */
export function renderMarkdown(markdown: string): string {
  const lines = markdown
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/\r\n?/g, "\n")
    .split("\n");
  const html: string[] = [];
  let index = 0;
  while (index < lines.length) {
    const block = readBlock(lines, index);
    html.push(block.html);
    index = block.next;
  }
  return html.join("\n");
}

interface Block {
  readonly html: string;
  readonly next: number;
}

function readBlock(lines: readonly string[], start: number): Block {
  const line = lines[start] ?? "";
  if (line.trim() === "") return { html: "", next: start + 1 };
  const fence = /^(`{3,}|~{3,})/.exec(line)?.[1];
  if (fence !== undefined) return fenced(lines, start, fence);
  const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
  if (heading !== null) {
    const level = (heading[1] ?? "").length;
    return { html: `<h${level}>${inline(heading[2] ?? "")}</h${level}>`, next: start + 1 };
  }
  if (/^ {0,3}([-*_])( *\1){2,} *$/.test(line)) return { html: "<hr>", next: start + 1 };
  if (/^ {0,3}>/.test(line)) return quote(lines, start);
  if (/^\s*\|?.*\|/.test(line) && /^\s*\|?(\s*:?-+:?\s*\|)+\s*(:?-+:?\s*)?$/.test(lines[start + 1] ?? ""))
    return table(lines, start);
  if (/^\s*([-*+]|\d+[.)])\s+/.test(line)) return list(lines, start);
  if (isHtmlBlock(line)) return { html: inline(line), next: start + 1 };
  const next = until(lines, start, (text, at) => text.trim() === "" || (at > start && startsBlock(text)));
  return { html: `<p>${inline(lines.slice(start, next).join("\n"))}</p>`, next };
}

function startsBlock(line: string): boolean {
  return /^(#{1,6}\s|`{3,}|~{3,}| {0,3}>|\s*[-*+]\s)/.test(line) || isHtmlBlock(line);
}

function isHtmlBlock(line: string): boolean {
  return /^\s*<\/?(details|summary|table|thead|tbody|tr|td|th|p|div|h[1-6]|ul|ol|li|blockquote)\b/i.test(
    line,
  );
}

function until(
  lines: readonly string[],
  start: number,
  stops: (line: string, at: number) => boolean,
): number {
  let index = start;
  while (index < lines.length && !stops(lines[index] ?? "", index)) index += 1;
  return index;
}

function fenced(lines: readonly string[], start: number, fence: string): Block {
  const end = until(lines, start + 1, (line) => line.startsWith(fence));
  return {
    html: `<pre><code>${escapeHtml(lines.slice(start + 1, end).join("\n"))}</code></pre>`,
    next: end + 1,
  };
}

function quote(lines: readonly string[], start: number): Block {
  const end = until(lines, start, (line) => !/^ {0,3}>/.test(line));
  const inner = lines.slice(start, end).map((line) => line.replace(/^ {0,3}> ?/, ""));
  const alert = /^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*$/.exec(inner[0] ?? "")?.[1];
  const body = renderMarkdown((alert === undefined ? inner : inner.slice(1)).join("\n"));
  const title =
    alert === undefined ? "" : `<p class="alert">${alert.charAt(0) + alert.slice(1).toLowerCase()}</p>`;
  return { html: `<blockquote>${title}${body}</blockquote>`, next: end };
}

function table(lines: readonly string[], start: number): Block {
  const end = until(lines, start, (line) => line.trim() === "" || !line.includes("|"));
  const row = (line: string, tag: string) =>
    `<tr>${cells(line)
      .map((cell) => `<${tag}>${inline(cell)}</${tag}>`)
      .join("")}</tr>`;
  const body = lines.slice(start + 2, end).map((line) => row(line, "td"));
  return {
    html: `<table><thead>${row(lines[start] ?? "", "th")}</thead><tbody>${body.join("")}</tbody></table>`,
    next: end,
  };
}

function cells(line: string): string[] {
  const text = line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "");
  return text.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function list(lines: readonly string[], start: number): Block {
  const ordered = /^\s*\d/.test(lines[start] ?? "");
  const end = until(lines, start, (line) => !/^\s*([-*+]|\d+[.)])\s+|^\s{2,}\S/.test(line));
  const items: string[] = [];
  for (const line of lines.slice(start, end)) {
    const item = /^\s*(?:[-*+]|\d+[.)])\s+(.*)$/.exec(line)?.[1];
    if (item !== undefined) items.push(item);
    else items.push(`${items.pop() ?? ""}\n${line.trim()}`);
  }
  const tag = ordered ? "ol" : "ul";
  return { html: `<${tag}>${items.map((item) => `<li>${inline(item)}</li>`).join("")}</${tag}>`, next: end };
}

/** Tags that GitHub's sanitiser lets through and the action's comment uses; attributes are checked one by one. */
const allowedTags =
  "details|summary|table|thead|tbody|tr|td|th|p|div|h[1-6]|ul|ol|li|blockquote|strong|em|b|i|code|pre|kbd|sub|sup|br|hr|picture|source|img|a|span";

function inline(text: string): string {
  const kept: string[] = [];
  const keep = (html: string) => `\uE000${kept.push(html) - 1}\uE000`;
  const link = (url: string, label: string) => `<a href="${safeUrl(url)}" rel="nofollow">${label}</a>`;
  const html = escapeHtml(text.replaceAll("\uE000", ""))
    .replace(/(`+)([\s\S]*?[^`])\1(?!`)/g, (_, _ticks, code: string) => keep(`<code>${code.trim()}</code>`))
    .replace(/\\([\\`*_{}[\]()#+\-.!|~])/g, (_, mark: string) => keep(mark))
    .replace(
      new RegExp(`&lt;(/?)(${allowedTags})((?:\\s[^<>]*?)?)\\s*/?&gt;`, "gi"),
      (_, slash: string, tag: string, attributes: string) =>
        keep(`<${slash}${tag.toLowerCase()}${slash === "" ? safeAttributes(attributes) : ""}>`),
    )
    .replace(/!\[([^\]]*)\]\(([^)\s]+)(?:\s+&quot;.*?&quot;)?\)/g, (_, alt: string, url: string) =>
      keep(`<img alt="${alt}" src="${safeUrl(url)}">`),
    )
    .replace(
      /\[([^\]]+)\]\(([^)\s]+)(?:\s+&quot;.*?&quot;)?\)/g,
      (_, label: string, url: string) =>
        keep(`<a href="${safeUrl(url)}" rel="nofollow">`) + label + keep("</a>"),
    )
    .replace(
      /(^|[\s(])(https?:\/\/[^\s<>()]+[^\s<>().,;:!?])/g,
      (_, before: string, url: string) => before + keep(link(url, url)),
    )
    .replace(/\*\*([^*\n]+?)\*\*/g, "<strong>$1</strong>")
    .replace(/(^|[^\w*])\*([^*\s][^*\n]*?)\*(?!\w)/g, "$1<em>$2</em>")
    .replace(/(^|[^\w])_([^_\s][^_\n]*?)_(?!\w)/g, "$1<em>$2</em>")
    .replace(/(?: {2,}|\\)\n/g, "<br>\n");
  return restore(withEntities(html), kept);
}

/** Kept pieces may hold kept pieces (an image in a link): put back until none is left. */
function restore(html: string, kept: readonly string[]): string {
  let text = html;
  for (let depth = 0; depth < 5 && text.includes("\uE000"); depth += 1)
    text = text.replace(/\uE000(\d+)\uE000/g, (_, index: string) => kept[Number(index)] ?? "");
  return text;
}

function safeAttributes(escaped: string): string {
  let attributes = "";
  for (const [, name = "", value = ""] of escaped.matchAll(/([a-z-]+)=&quot;(.*?)&quot;/gi)) {
    const lower = name.toLowerCase();
    if (["src", "href", "srcset"].includes(lower)) attributes += ` ${lower}="${safeUrl(value)}"`;
    else if (["alt", "title", "width", "height", "align", "media"].includes(lower))
      attributes += ` ${lower}="${withEntities(value)}"`;
  }
  return /(^|\s)open(\s|$)/.test(escaped) ? `${attributes} open` : attributes;
}

/** Only addresses of web pages, mail and this page; anything else could be a script. */
function safeUrl(escaped: string): string {
  const plain = escaped.replaceAll("&amp;amp;", "&amp;");
  return /^(https?:\/\/|mailto:|#|\/(?!\/|&))/i.test(plain) ? plain : "#";
}

/** Character references of the text mean their characters, as in HTML; in code they don't. */
function withEntities(escaped: string): string {
  return escaped.replace(/&amp;(#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,8});/gi, "&$1;");
}

export function escapeHtml(text: string): string {
  return text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/'/g, "&#39;");
}
