/**
 * A request path as the code behind the gate will read it.
 *
 * `path` names what is served, not how it was asked for: Pages' asset server maps `/a`, `/a/`, `/a.html`,
 * `/a/index` and `/a/index.html` onto the same files, so all of them read `/a`. Rules are compared with it.
 *
 * `alternatives` are further paths that something behind the gate might take the same request for. The list is
 * empty for nearly every request.
 */
export type PathReading =
  | { readonly ok: true; readonly path: string; readonly alternatives: readonly string[] }
  | { readonly ok: false; readonly reason: UnreadableReason };

/** Why a path can't be read in one way only. Such a request is answered with 400. */
export type UnreadableReason =
  | "not-absolute"
  | "bad-encoding"
  | "encoded-separator"
  | "backslash"
  | "control-character"
  | "dot-segment"
  | "repeated-slash"
  | "encoded-too-deeply";

const none: readonly string[] = [];

/** ASCII without escapes, path parameters, empty or dot segments: nothing to decode, one reading but for case. */
const plain = /^(?:\/\.?[\w~@!$&'()*+,:=-][\w.~@!$&'()*+,:=-]*)*\/?$/;
const upperCase = /[A-Z]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const controls = /[\u0000-\u001f\u007f-\u009f]/;
const dotSegment = /\/\.\.?(?:\/|$)/;
const encodedSeparator = /%(?:2f|5c)/i;

/**
 * Escapes of visible ASCII that no URL parser writes by itself (WHATWG URL, "path percent-encode set"), `%25`
 * excepted: a name with a literal `%` can't be asked for in any other way.
 */
const needlessEscape = /%(?:2[146-9a-e]|3[0-9abd]|[46][0-9a-f]|5[0-9abdf]|7[0-9ace])/gi;

/** How often an escape may have been escaped again before nobody can say what was meant. */
const deepest = 3;

/**
 * Reads the path of a request as Pages' asset server does: one `decodeURIComponent`, case kept, no query, no fragment.
 *
 * @param pathname `new URL(request.url).pathname`: the URL parser has already resolved dot segments and backslashes.
 * @returns the canonical path and its alternatives, or why it is refused.
 * @see cloudflare/workers-sdk, packages/pages-shared/asset-server/handler.ts (`generateResponse`)
 */
export function readPath(pathname: string): PathReading {
  if (plain.test(pathname) && pathname !== "") {
    const path = canonical(pathname);
    if (!upperCase.test(pathname) && !losesSegment(pathname, path))
      return { ok: true, path, alternatives: none };
    return { ok: true, path, alternatives: pathsOf([pathname, pathname.toLowerCase()], path) };
  }
  return readUnusual(pathname);
}

function readUnusual(pathname: string): PathReading {
  if (!pathname.startsWith("/")) return refused("not-absolute");
  if (encodedSeparator.test(pathname)) return refused("encoded-separator");
  let text: string;
  try {
    text = decodeURIComponent(pathname);
  } catch {
    // The asset server would go on with the undecoded text, the code behind might not.
    return refused("bad-encoding");
  }
  if (text.includes("\\")) return refused("backslash");
  if (controls.test(text)) return refused("control-character");
  if (dotSegment.test(text)) return refused("dot-segment");
  // Cloudflare's asset server merges slashes, its functions router does so for middleware only.
  if (text.includes("//")) return refused("repeated-slash");

  const texts = furtherTexts(pathname, text);
  if (typeof texts === "string") return refused(texts);
  const path = canonical(text);
  return { ok: true, path, alternatives: pathsOf(texts, path) };
}

function refused(reason: UnreadableReason): PathReading {
  return { ok: false, reason };
}

/**
 * What else the request might be taken for: undecoded (the functions router matches so, in any case), decoded again
 * (CVE-2025-66202), with path parameters dropped, cut at what was an escaped `?` or `#`, or composed (NFC).
 */
function furtherTexts(pathname: string, text: string): Set<string> | UnreadableReason {
  const texts = new Set<string>([text, routerText(pathname)]);

  let deeper = text;
  for (let depth = 0; ; depth++) {
    const decoded = decodedWhereValid(deeper);
    if (decoded === deeper) break;
    if (controls.test(decoded)) return "control-character";
    if (depth === deepest) return "encoded-too-deeply";
    texts.add(resolved(decoded));
    deeper = decoded;
  }

  // A set visits what is added while it is walked, so each reading is looked at under the others, too.
  for (const one of texts) {
    if (one.includes(";")) texts.add(resolved(one.replace(/;[^/]*/g, "")));
    const cut = one.search(/[?#]/);
    if (cut > 0) texts.add(one.slice(0, cut));
    texts.add(one.normalize("NFC"));
    texts.add(one.toLowerCase());
  }

  return texts;
}

/**
 * The paths that texts stand for, but the one that is known. Where `/index` or the like was a segment of its own,
 * the functions router takes it for one: `/admin/index` runs `functions/admin/[page].ts`, `/admin` doesn't.
 */
function pathsOf(texts: Iterable<string>, known: string): string[] {
  const paths = new Set<string>();
  for (const text of texts) {
    const path = canonical(text);
    paths.add(path);
    if (losesSegment(text, path)) paths.add(withoutSlash(text));
  }
  paths.delete(known);
  return [...paths];
}

function losesSegment(text: string, path: string): boolean {
  return text.length - path.length > 4 && withoutSlash(text).includes("/", path === "/" ? 0 : path.length);
}

function withoutSlash(text: string): string {
  return text.endsWith("/") ? text.slice(0, -1) : text;
}

/** The undecoded path as the functions router compares it; escapes that every URL parser writes are decoded. */
function routerText(pathname: string): string {
  return decodeURIComponent(pathname.replace(needlessEscape, (needless) => `%25${needless.slice(1)}`));
}

/** Decoded as a forgiving decoder does: what is no valid UTF-8 escape stays as it is. */
function decodedWhereValid(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

/** A text whose separators and dot segments only appeared by decoding once more, as a server would resolve them. */
function resolved(text: string): string {
  const segments: string[] = [];
  for (const segment of text.split(/[/\\]+/)) {
    if (segment === "..") segments.pop();
    else if (segment !== "." && segment !== "") segments.push(segment);
  }
  return `/${segments.join("/")}`;
}

/**
 * One name for all spellings of what can be the same file: no `/` at the end, no `.html`, no `/index`. Repeated,
 * because `/a.html` answers with `/a.html.html` where there is no other file of that name.
 */
export function canonical(text: string): string {
  let path = text;
  for (;;) {
    if (path.endsWith("/")) path = path.slice(0, -1);
    else if (path.endsWith(".html")) path = path.slice(0, -5);
    else if (path.endsWith("/index")) path = path.slice(0, -6);
    else return path === "" ? "/" : path;
  }
}
