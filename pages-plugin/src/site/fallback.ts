import { readPath } from "../../../contract/paths/reading.ts";
import type { Decider } from "../../../contract/policy/decide.ts";
import type { Visitor } from "../../../contract/policy/model.ts";
import type { Assets, Visit } from "./exchange.ts";

/** Folders remembered per isolate; a deployment's files never change. */
const mostRemembered = 256;
/** A path deeper than this in a folder that doesn't exist is nobody's page. */
const deepest = 16;
/** What `/index.html` is known by. */
interface IndexTag {
  readonly tag: string | null;
  /** A rule in `_redirects` hides whether there is one: then no file can be told from it. */
  readonly unknown: boolean;
}

/** Certainly no file: below the gate's own prefix only its card is one. */
const noFile = "/.auth/no-such-file";
const root = readPath("/");

/**
 * Watches over open paths that have no file: Pages' asset server then answers with the nearest `404.html`, or, where
 * the site has none, with `/index.html`, whoever may see those. (cloudflare/workers-sdk, pages-shared, `notFound`.)
 *
 * It costs nothing where the visitor may see those files anyway, and one question to the asset server per isolate and
 * folder where he may not.
 *
 * @returns answersClosed(visit, response, visitor): whether the answer is the content of a file that the visitor may
 *   not see. Files are told by their ETag; an error page carries none, so there it is enough that a closed `404.html`
 *   is the nearest and that the answer looks like the asset server's: HTML, or kept from caches.
 */
export function createFallbackRule(decide: Decider) {
  const errorPages = new Map<string, boolean>();
  let indexTag: IndexTag | undefined;

  const maySee = (path: string, visitor: Visitor | undefined): boolean =>
    decide(readPath(path), visitor).allowed;

  const tagOfIndex = async (assets: Assets, origin: string): Promise<IndexTag> => {
    if (indexTag !== undefined) return indexTag;
    const head = async (path: string) => {
      const answer = await assets.fetch(new Request(origin + path, { method: "HEAD", redirect: "manual" }));
      return {
        status: answer.status,
        tag: answer.status === 200 ? strong(answer.headers.get("etag")) : null,
      };
    };
    const fallback = await head(noFile);
    // A rule in `_redirects` answers for a file that isn't there: the start page then shows what it is.
    const hidden = fallback.status !== 200 && fallback.status !== 404;
    const { tag } = hidden ? await head("/") : fallback;
    indexTag = { tag, unknown: hidden && tag === null };
    return indexTag;
  };

  const hasErrorPage = async (assets: Assets, origin: string, folder: string): Promise<boolean> => {
    const known = errorPages.get(folder);
    if (known !== undefined) return known;
    const answer = await assets.fetch(
      new Request(`${origin}${folder}/404`, { method: "HEAD", redirect: "manual" }),
    );
    // A redirect may hide the page that the fallback would still find.
    const exists = answer.status !== 404;
    if (errorPages.size >= mostRemembered) errorPages.clear();
    errorPages.set(folder, exists);
    return exists;
  };

  const closedErrorPage = async (visit: Visit, visitor: Visitor | undefined): Promise<boolean> => {
    const folders = foldersAbove(visit.pathname);
    if (folders.every((folder) => maySee(`${folder}/404`, visitor))) return false;
    if (visit.assets === undefined || folders.length > deepest) return true;
    for (const folder of folders) {
      if (await hasErrorPage(visit.assets, visit.origin, folder)) return !maySee(`${folder}/404`, visitor);
    }
    return false;
  };

  const answersIndex = async (visit: Visit, response: Response, assets: Assets): Promise<boolean> => {
    const index = await tagOfIndex(assets, visit.origin);
    const tag = strong(response.headers.get("etag"));
    if (tag !== null) return tag === index.tag || index.unknown;
    // "Not modified" carries no tag of its own; it confirms one that was asked about.
    const asked = visit.request.headers.get("if-none-match") ?? "";
    return response.status === 304 && (index.unknown || (index.tag !== null && asked.includes(index.tag)));
  };

  return function answersClosed(
    visit: Visit,
    response: Response,
    visitor: Visitor | undefined,
  ): boolean | Promise<boolean> {
    const { status } = response;
    if (status === 404) return looksLikeErrorPage(response) && closedErrorPage(visit, visitor);
    if ((status !== 200 && status !== 206 && status !== 304) || visit.assets === undefined) return false;
    return !decide(root, visitor).allowed && answersIndex(visit, response, visit.assets);
  };
}

function looksLikeErrorPage({ headers }: Response): boolean {
  const type = headers.get("content-type");
  return (
    type === null || /^\s*text\/html/i.test(type) || /\bno-store\b/i.test(headers.get("cache-control") ?? "")
  );
}

/** `/a/b/c` lies in `/a/b`, `/a` and the root, which is "". */
function foldersAbove(pathname: string): string[] {
  const folders: string[] = [];
  let folder = pathname;
  while (folder !== "") {
    folder = folder.slice(0, folder.lastIndexOf("/"));
    folders.push(folder);
  }
  return folders;
}

/** Cloudflare makes strong tags weak when it compresses. */
function strong(tag: string | null): string | null {
  return tag === null ? null : tag.replace(/^W\//, "");
}
