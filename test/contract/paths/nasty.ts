import fc from "fast-check";

/** Names of files and folders that have caused trouble somewhere. */
const names = fc.constantFrom(
  "a",
  "admin",
  "Admin",
  "index",
  "b.html",
  "a.html",
  "index.html",
  "index.html.html",
  ".html",
  "c.html.html",
  "%61dmin",
  "%2561",
  "100%",
  "x%2fy",
  "caf\u00e9",
  "cafe\u0301",
  "p;q",
  "..;",
  "@me",
  "a b",
  "h#i",
  "q?r",
  ".well-known",
  "404.html",
  "admin.HTML",
);

/** The path of a file in a site, decoded: `/admin/index.html`. */
export const filePath = fc.array(names, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join("/")}`);

export const fileTree = fc.uniqueArray(filePath, { minLength: 1, maxLength: 8 });

/** How one character may be written in a request. */
function spelling(character: string): fc.Arbitrary<string> {
  const once = encodeURIComponent(character);
  const bytes = [...new TextEncoder().encode(character)].map((byte) => byte.toString(16).padStart(2, "0"));
  const forced = bytes.map((byte) => `%${byte}`).join("");
  return fc.oneof(
    { weight: 150, arbitrary: fc.constant(character === "%" ? "%25" : once === "%2F" ? "/" : once) },
    { weight: 2, arbitrary: fc.constant(character) },
    { weight: 1, arbitrary: fc.constant(forced) },
    { weight: 1, arbitrary: fc.constant(forced.toUpperCase()) },
    { weight: 1, arbitrary: fc.constant(forced.replaceAll("%", "%25")) },
    { weight: 1, arbitrary: fc.constant(/^[a-z]$/i.test(character) ? character.toUpperCase() : once) },
  );
}

const ending = fc.constantFrom(
  "",
  "",
  "",
  "/",
  "/",
  ".html",
  "/index",
  "/index.html",
  "/index/",
  ".html/",
  "//",
);
const insertion = fc.constantFrom(
  "",
  "",
  "",
  "",
  "",
  "",
  "",
  "",
  "",
  "/",
  "/.",
  "/..",
  "/%2e%2e",
  "\\",
  "%5c",
  "%2f",
  ";x=1",
  "%00",
  "/x",
  "%",
  "%ff",
  "%09",
);

/** A request path that aims at one of the given files (or beside it) in some spelling. */
export function requestPath(files: readonly string[]): fc.Arbitrary<string> {
  const aimed = fc.constantFrom(...files).chain((file) => {
    const base = fc.constantFrom(
      file,
      file.replace(/\.html$/, ""),
      file.replace(/index\.html$/, ""),
      file.replace(/\/index\.html$/, ""),
    );
    return fc.tuple(base, ending, insertion, fc.nat(12)).chain(([start, end, inserted, at]) => {
      const text = [...`${start}${end}`];
      const spelt = fc.tuple(...text.map(spelling));
      return spelt.map((parts) => {
        const position = Math.min(at + 1, parts.length);
        const path = [...parts.slice(0, position), inserted, ...parts.slice(position)].join("");
        return path.startsWith("/") ? path : `/${path}`;
      });
    });
  });
  const wild = fc
    .array(
      fc.constantFrom(
        "/",
        "a",
        "admin",
        "%61",
        "%2561",
        "%",
        ".",
        "%2e",
        "%2f",
        "\\",
        ";",
        "index",
        ".html",
        "%C3%A9",
        "A",
      ),
      {
        maxLength: 8,
      },
    )
    .map((parts) => `/${parts.join("")}`);
  // The URL parser takes "//" and "/\" at the start of a path for a path here, since a host stands before it.
  return fc.oneof({ weight: 5, arbitrary: aimed }, { weight: 1, arbitrary: wild });
}
