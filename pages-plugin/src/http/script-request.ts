/**
 * Whether a POST may come from where it says it comes from: a page of this origin, or a program that is no browser. A
 * browser sends an Origin with every POST to another origin, and `Sec-Fetch-Site` wherever it sends Fetch Metadata;
 * Node's `fetch` sends `Sec-Fetch-Mode` alone.
 *
 * @param ownOrigin of whoever is asked
 */
export function isOwnOrScript({ headers }: Request, ownOrigin: string): boolean {
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  return (origin === null || origin === ownOrigin) && (site === null || site === "same-origin");
}
