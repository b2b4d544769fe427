import { answerHeaders } from "../names/headers.ts";
import type { ProbeAnswer } from "./client.ts";

/** More than the gate's page with its card ever is. */
const largest = 32 * 1024;

/**
 * Whether an answer with status 200 is the gate's own sign-in page, as link-preview fetchers get it where the policy
 * has `card`: signed with the code, HTML, and under a policy that lets nothing load, which no site's own page bears.
 */
export function isCardPage({ status, headers, body }: ProbeAnswer): boolean {
  return (
    status === 200 &&
    headers[answerHeaders.code] === "sign-in-required" &&
    headers["content-type"]?.startsWith("text/html") === true &&
    /^default-src 'none'; style-src 'nonce-[^']+';/.test(String(headers["content-security-policy"])) &&
    body.length <= largest
  );
}
