import type { SiteText } from "../../../contract/texts/site.ts";
import { authorizeParameters } from "../../../contract/tickets/claims.ts";
import type { RefusalOptions } from "./answers.ts";
import { isDocumentNavigation } from "./fetch-metadata.ts";

/** Seconds before each attempt that a page makes by itself; after these it is the visitor's turn. */
const delays: readonly number[] = [5, 20, 60];

const byItself: SiteText = "This page tries again by itself.";
const { attempts: parameter } = authorizeParameters;

/** How many attempts an address counts; one that counts in another way has had its share. */
export function attemptsIn(query: URLSearchParams): number {
  const counted = query.getAll(parameter);
  if (counted.length === 0) return 0;
  return counted.length === 1 && /^[1-9]$/.test(counted[0] ?? "") ? Number(counted[0]) : delays.length;
}

/**
 * For a fault that passes: the page begins anew by itself, a few times, each later than the one before. A Refresh
 * header does it (HTML Standard, "shared declarative refresh steps"), so that it works without script; the attempts
 * are counted in the address, so that it ends where no cookie is kept, too. Scripts are told when to ask again.
 *
 * @param text what the page says of the fault
 * @param path of this origin, with a query: a GET that begins anew
 * @param made attempts that were made before this one
 */
export function tryingAgain<Text extends string>(
  request: Request,
  text: Text,
  path: string,
  made: number,
): Required<Pick<RefusalOptions<Text | SiteText>, "headers" | "page">> {
  const delay = isDocumentNavigation(request) ? delays[made] : undefined;
  const next = `${path}&${parameter}=${made + 1}`;
  return {
    headers: { "retry-after": "60", ...(delay && { refresh: `${delay};url=${next}` }) },
    page: {
      paragraphs: delay ? [text, byItself] : [text],
      actions: [{ href: path, label: "Try again" }],
    },
  };
}
