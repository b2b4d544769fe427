import { siteEndpoints } from "../../../../contract/names/endpoints.ts";
import { readPath } from "../../../../contract/paths/reading.ts";
import type { Decider } from "../../../../contract/policy/decide.ts";
import { openProbeClient } from "../../../../contract/probes/client.ts";
import { CommandFault } from "../fault.ts";
import { ask } from "./ask.ts";
import type { Finding, Judged } from "./judge.ts";
import { type Asked, requestsFor } from "./requests.ts";

/** `public`: answered, as the policy given with `--policy` lets anyone see it. */
export interface Tried extends Omit<Judged, "finding"> {
  readonly kind: string;
  readonly method: string;
  readonly target: string;
  readonly finding: Finding | "public";
}

export interface Verdict {
  readonly url: string;
  /** `open`: something that is the site's own answered. `closed`: a gate refused, and nothing else answered. */
  readonly verdict: "closed" | "open" | "unclear";
  /** What `/.auth/status` said of itself, where Entra Gate stands there. */
  readonly gate?: { readonly version: string; readonly environment: string; readonly policy: string };
  readonly tried: readonly Tried[];
}

export interface VerifyOptions {
  /** Milliseconds for each exchange. */
  readonly timeout: number;
  /** Decides what anyone may see, where the policy is at hand; without it nothing may answer. */
  readonly decide?: Decider;
  /** 32 hex digits of an address at which there is nothing. */
  readonly nothing: string;
}

const atOnce = 6;

/**
 * Is this address open? Asks from outside and without a session, whatever gate stands there or none.
 *
 * @param text absolute http or https address
 * @throws CommandFault url-invalid
 */
export async function verifyUrl(text: string, options: VerifyOptions): Promise<Verdict> {
  const url = parsed(text);
  const requests = requestsFor(url.pathname + url.search, `/entra-gate-verify-${options.nothing}`);
  const [gate, tried] = await Promise.all([
    readStatus(url.origin, options.timeout),
    inTurn(requests, async (request) =>
      triedOf(request, await ask(url.origin, request, options.timeout), options),
    ),
  ]);
  return { url: url.href, verdict: verdictOf(tried), ...(gate === undefined ? {} : { gate }), tried };
}

function parsed(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    throw new CommandFault("url-invalid", `${JSON.stringify(text)} is no address: write https://… in full.`);
  return url;
}

function triedOf(request: Asked, judged: Judged, { decide }: VerifyOptions): Tried {
  const { kind, method, target } = request;
  const isPublic =
    judged.finding === "open" &&
    decide?.(
      readPath(new URL(`https://site.invalid${target.startsWith("/") ? target : `/${target}`}`).pathname),
    ).allowed === true;
  return { kind, method, target, seen: judged.seen, finding: isPublic ? "public" : judged.finding };
}

function verdictOf(tried: readonly Tried[]): Verdict["verdict"] {
  const has = (finding: Tried["finding"]) => tried.some((one) => one.finding === finding);
  if (has("open")) return "open";
  return has("unclear") || !has("closed") ? "unclear" : "closed";
}

async function readStatus(origin: string, timeout: number): Promise<Verdict["gate"]> {
  const client = openProbeClient(origin, timeout);
  try {
    const { status, body } = await client.send({ method: "GET", target: siteEndpoints.status, headers: {} });
    if (status !== 200) return undefined;
    const { version, environment, policy } = JSON.parse(body.toString("utf8")) as Record<string, unknown>;
    if (typeof version !== "string" || typeof environment !== "string" || typeof policy !== "string")
      return undefined;
    return { version, environment, policy };
  } catch {
    return undefined;
  } finally {
    client.close();
  }
}

async function inTurn<In, Out>(list: readonly In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < list.length; index = next++)
      results[index] = await work(list[index] as In);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
