import type { ProbeRequest } from "../../../../contract/probes/client.ts";
import { disguises, preflight } from "../../../../contract/probes/disguises.ts";
import { spellings } from "../../../../contract/probes/spellings.ts";

/** One request of the check, with what it is for. */
export interface Asked extends ProbeRequest {
  readonly kind: string;
}

/** Addresses that most sites have, whatever else they hold. */
const likely = [
  "/",
  "/index.html",
  "/robots.txt",
  "/sitemap.xml",
  "/favicon.ico",
  "/.well-known/security.txt",
];

/**
 * All that is asked of an address whose site is not known: the page itself, what most sites have beside it, other
 * methods, other spellings of its path, and headers by which somebody might pass for somebody else.
 *
 * @param target path and query as they go over the wire
 * @param nothing a path at which there is surely no file: what answers there answers everywhere
 */
export function requestsFor(target: string, nothing: string): Asked[] {
  const path = target.split("?", 1)[0] ?? "/";
  const get = (kind: string, to: string, headers: Asked["headers"] = {}): Asked => ({
    kind,
    method: "GET",
    target: to,
    headers,
  });
  const list: Asked[] = [
    get("address", target),
    ...likely.map((one) => get("likely file", one)),
    get("nothing there", nothing),
    ...["HEAD", "POST"].map((method) => ({ kind: "method", method, target, headers: {} })),
    { kind: "method", method: "OPTIONS", target, headers: preflight },
    ...spellings(path, "/.well-known").map(({ kind, target: to }) => get(`spelling: ${kind}`, to)),
    ...disguises("/.well-known/security.txt").map(({ kind, headers }) =>
      get(`disguise: ${kind}`, target, headers),
    ),
  ];
  const seen = new Set<string>();
  return list.filter(({ method, target: to, headers }) => {
    const key = JSON.stringify([method, to, headers]);
    return seen.has(key) ? false : seen.add(key);
  });
}
