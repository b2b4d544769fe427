/** One way of writing a path that some server, router or rule might read as the path meant. */
export interface Spelling {
  readonly kind: string;
  readonly target: string;
}

const hex = (character: string) => `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`;

/**
 * Spellings of one path, to be sent as they are. Each stands for a bypass seen in the wild or for a
 * step that Pages' own router or asset server takes.
 *
 * @param path starts with a slash, percent-encoded
 * @param openBase a prefix that the policy lets anyone see (`/.well-known`), to be climbed out of
 */
export function spellings(path: string, openBase: string | undefined): Spelling[] {
  const cut = path.lastIndexOf("/", path.length - 2);
  const folder = path.slice(0, cut + 1);
  const last = path.slice(cut + 1);
  const list: Spelling[] = [
    { kind: "double-slash", target: `/${path}` },
    { kind: "inner-double-slash", target: `${folder}/${last}` },
    { kind: "encoded-slash", target: `${folder.slice(0, -1)}%2f${last}`.replace(/^%2f/, "/%2f") },
    { kind: "encoded-slash-end", target: `${path}%2f` },
    { kind: "dot-segment", target: `/.${path}` },
    { kind: "parent-segment", target: `/entra-gate-probe/..${path}` },
    { kind: "encoded-parent-segment", target: `/entra-gate-probe/%2e%2e${path}` },
    { kind: "encoded-parent-slash", target: `/entra-gate-probe/..%2f${path.slice(1)}` },
    { kind: "path-parameter", target: `/;x${path}` },
    { kind: "path-parameter-end", target: `${path};x` },
    { kind: "null-byte", target: `${path}%00` },
    { kind: "encoded-hash", target: `${path}%23/.well-known/x` },
    { kind: "encoded-question-mark", target: `${path}%3f.png` },
    { kind: "query-as-path", target: `${path}?/.well-known/x=.png` },
    { kind: "backslash", target: `\\${path.slice(1)}` },
    { kind: "encoded-backslash", target: `/%5c${path.slice(1)}` },
    { kind: "index-html", target: path.endsWith("/") ? `${path}index.html` : `${path}/index.html` },
    { kind: "index", target: path.endsWith("/") ? `${path}index` : `${path}/index` },
    { kind: "trailing-slash", target: path.endsWith("/") ? path.slice(0, -1) || "/" : `${path}/` },
  ];
  const letter = last.search(/[a-z]/i);
  if (letter !== -1) {
    const character = last.charAt(letter);
    const around = [folder + last.slice(0, letter), last.slice(letter + 1)] as const;
    list.push(
      { kind: "encoded-letter", target: `${around[0]}${hex(character)}${around[1]}` },
      { kind: "double-encoded-letter", target: `${around[0]}%25${hex(character).slice(1)}${around[1]}` },
      { kind: "upper-case", target: folder + last.toUpperCase() },
      {
        kind: "html",
        target: last.endsWith(".html") ? path.slice(0, -5) : `${path.replace(/\/$/, "")}.html`,
      },
    );
  }
  if (openBase !== undefined) {
    list.push(
      { kind: "out-of-open-path", target: `${openBase}/..${path}` },
      { kind: "out-of-open-path-encoded", target: `${openBase}/%2e%2e${path}` },
      { kind: "out-of-open-path-slash", target: `${openBase}/..%2f${path.slice(1)}` },
      { kind: "out-of-open-path-backslash", target: `${openBase}/..%5c${path.slice(1)}` },
    );
  }
  return list.filter(({ target }) => target !== path);
}
