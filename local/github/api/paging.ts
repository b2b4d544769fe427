import type { Answer } from "./router.ts";

/**
 * One page of a list with GitHub's Link header.
 * per_page is 30 unless given and never more than 100, where a list has no numbers of its own; what isn't a number counts
 * as not given.
 * @see https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
 */
export function page<Item>(
  url: URL,
  items: readonly Item[],
  { standard, most } = { standard: 30, most: 100 },
): { readonly items: readonly Item[]; readonly headers: Record<string, string> } {
  const perPage = Math.min(positive(url.searchParams.get("per_page"), standard), most);
  const current = positive(url.searchParams.get("page"), 1);
  const last = Math.max(1, Math.ceil(items.length / perPage));
  const links: string[] = [];
  const link = (number: number, rel: string) => {
    const target = new URL(url);
    target.searchParams.set("page", String(number));
    links.push(`<${target.href}>; rel="${rel}"`);
  };
  if (current > 1) link(current - 1, "prev");
  if (current < last) link(current + 1, "next");
  if (current < last) link(last, "last");
  if (current > 1) link(1, "first");
  const headers: Record<string, string> = links.length > 0 ? { link: links.join(", ") } : {};
  return { items: items.slice((current - 1) * perPage, current * perPage), headers };
}

/** A list answer: the page's items, each in its published shape. */
export function listed<Item, Shape>(
  url: URL,
  items: readonly Item[],
  shape: (item: Item) => Shape,
): Answer<Shape[]> {
  const { items: some, headers } = page(url, items);
  return { headers, body: some.map(shape) };
}

function positive(text: string | null, otherwise: number): number {
  const number = Number(text);
  return Number.isInteger(number) && number > 0 ? number : otherwise;
}
