/** The kinds of thing that a build puts out; each is asked for in every way at least once. */
export type FileKind =
  | "page"
  | "nested-index"
  | "script"
  | "style"
  | "image"
  | "font"
  | "well-known"
  | "not-found-page"
  | "data"
  | "source-map"
  | "no-extension"
  | "other";

const byExtension: Readonly<Record<string, FileKind>> = {
  html: "page",
  htm: "page",
  js: "script",
  mjs: "script",
  wasm: "script",
  css: "style",
  png: "image",
  jpg: "image",
  jpeg: "image",
  gif: "image",
  webp: "image",
  avif: "image",
  svg: "image",
  ico: "image",
  woff: "font",
  woff2: "font",
  ttf: "font",
  otf: "font",
  json: "data",
  xml: "data",
  txt: "data",
  webmanifest: "data",
  csv: "data",
  pdf: "data",
  map: "source-map",
};

/** @param path of a static file, without a leading slash */
export function kindOf(path: string): FileKind {
  const segments = path.split("/");
  const name = segments.at(-1) ?? "";
  if (segments.includes(".well-known")) return "well-known";
  if (name === "404.html") return "not-found-page";
  if (name === "index.html" && segments.length > 1) return "nested-index";
  const extension = /\.([^.]+)$/.exec(name)?.[1];
  if (extension === undefined) return "no-extension";
  return byExtension[extension.toLowerCase()] ?? "other";
}

/**
 * The path that a browser would ask for: Pages serves `/a.html` as `/a` and `/a/index.html` as `/a/`
 * (developers.cloudflare.com/pages/configuration/serving-pages).
 *
 * @param path of a static file, without a leading slash
 * @returns percent-encoded as a URL parser would
 */
export function servingPath(path: string): string {
  const written = `/${path.split("/").map(encodeURIComponent).join("/")}`;
  if (written.endsWith("/index.html")) return written.slice(0, -"index.html".length);
  return written.endsWith(".html") ? written.slice(0, -".html".length) : written;
}
