import { openProbeClient, type ProbeAnswer } from "../../../../contract/probes/client.ts";
import { type Judged, judgeAnswer, signInPlace } from "./judge.ts";
import type { Asked } from "./requests.ts";

const mostRedirects = 5;

/**
 * Sends one request without a session and follows where it is sent on to, as a visitor's browser would: a redirect is
 * no proof of anything, since it may lead to the same content under another name.
 *
 * @param timeout milliseconds for each exchange
 */
export async function ask(origin: string, request: Asked, timeout: number): Promise<Judged> {
  let place = { origin, target: request.target };
  const trail: string[] = [];
  for (let hop = 0; hop <= mostRedirects; hop += 1) {
    const answer = await exchange(place.origin, { ...request, target: place.target }, timeout);
    if (typeof answer === "string") return { finding: "unclear", seen: [...trail, answer].join(", ") };
    const next = redirectOf(answer, place.origin);
    if (next === undefined) return judgedAt(origin, place.origin, answer, trail);
    const gate = signInPlace(next.hostname);
    if (gate !== undefined)
      return { finding: "closed", seen: [...trail, `${answer.status} to ${gate}`].join(", ") };
    trail.push(`${answer.status} to ${next.origin === place.origin ? next.pathname : next.host}`);
    // A redirect within the site is the site's or a gate's own: only where it leads shows which.
    if (request.method !== "GET" && request.method !== "HEAD")
      return { finding: "nothing", seen: trail.join(", ") };
    place = { origin: next.origin, target: next.pathname + next.search };
  }
  return { finding: "unclear", seen: [...trail, "redirects without end"].join(", ") };
}

function judgedAt(asked: string, reached: string, answer: ProbeAnswer, trail: readonly string[]): Judged {
  const { finding, seen } = judgeAnswer(answer);
  const elsewhere = finding === "open" && reached !== asked;
  return { finding: elsewhere ? "unclear" : finding, seen: [...trail, seen].join(", ") };
}

function redirectOf({ status, headers }: ProbeAnswer, origin: string): URL | undefined {
  if (status < 300 || status >= 400 || status === 304 || headers.location === undefined) return undefined;
  try {
    const next = new URL(headers.location, origin);
    return /^https?:$/.test(next.protocol) ? next : undefined;
  } catch {
    return undefined;
  }
}

async function exchange(origin: string, request: Asked, timeout: number): Promise<ProbeAnswer | string> {
  const client = openProbeClient(origin, timeout);
  try {
    return await client.send(request);
  } catch (error) {
    return `no answer: ${(error as Error).message}`;
  } finally {
    client.close();
  }
}
