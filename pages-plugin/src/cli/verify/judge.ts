import { answerHeaders } from "../../../../contract/names/headers.ts";
import { isCardPage } from "../../../../contract/probes/card-page.ts";
import type { ProbeAnswer } from "../../../../contract/probes/client.ts";

/**
 * What one answer shows somebody who knows nothing of the site behind it.
 *
 * - `open`: the site itself answered
 * - `closed`: a gate answered, whichever it is
 * - `nothing`: there is nothing at this address, which says nothing about the others
 * - `unclear`: neither the site nor a gate
 */
export type Finding = "open" | "closed" | "nothing" | "unclear";

export interface Judged {
  readonly finding: Finding;
  readonly seen: string;
}

/** Where other gates send people to sign in. */
const signInPlaces: readonly (readonly [RegExp, string])[] = [
  [/\.cloudflareaccess\.com$/, "Cloudflare Access"],
  [/^login\.(microsoftonline\.(com|us)|partner\.microsoftonline\.cn)$/, "Microsoft Entra"],
  [/^vercel\.com$/, "Vercel"],
];

/** The name of the gate that signs people in at this host, where it is a known one. */
export function signInPlace(hostname: string): string | undefined {
  return signInPlaces.find(([host]) => host.test(hostname))?.[1];
}

/**
 * Judges an answer that is no redirect by its status and headers alone. Whatever could be the site's own is `open`: this is asked so
 * that nothing open is overlooked, and a page that says "please sign in" with 200 can't be told from any other page.
 */
export function judgeAnswer(answer: ProbeAnswer): Judged {
  const { status, headers, body } = answer;
  const code = headers[answerHeaders.code];
  if (typeof code === "string" && (status >= 400 || isCardPage(answer)))
    return { finding: "closed", seen: `${status} Entra Gate: ${code}` };
  if (headers["cf-mitigated"] !== undefined)
    return { finding: "unclear", seen: `${status} a challenge of Cloudflare's` };
  if (status === 401 || status === 403) return { finding: "closed", seen: `${status} refused` };
  if ([404, 405, 410].includes(status)) return { finding: "nothing", seen: String(status) };
  if ([400, 414, 431, 501].includes(status)) return { finding: "nothing", seen: `${status} not understood` };
  if (status === 304) return { finding: "open", seen: "304 confirms a cached copy" };
  if (status === 204 && body.length === 0) return { finding: "nothing", seen: "204" };
  if (status >= 200 && status < 300) {
    const type = headers["content-type"]?.split(";", 1)[0] ?? "no content type";
    return { finding: "open", seen: `${status} ${type}` };
  }
  return { finding: "unclear", seen: String(status) };
}
