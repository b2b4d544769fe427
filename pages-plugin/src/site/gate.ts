import type { SiteConfig } from "../../../contract/config/site.ts";
import { siteAnswers } from "../../../contract/errors/site-answers.ts";
import { readPath } from "../../../contract/paths/reading.ts";
import { createDecider, type Decider } from "../../../contract/policy/decide.ts";
import type { Decision } from "../../../contract/policy/model.ts";
import { siteTexts } from "../../../contract/texts/site.ts";
import { createSiteRecorder } from "../audit/site-recorder.ts";
import { createAnswers } from "../http/answers.ts";
import type { Deps } from "../http/deps.ts";
import { GateFault } from "../http/fault.ts";
import { createSiteSessions, type SiteSession } from "../session/site-session.ts";
import { createTicketKeys } from "../session/ticket-keys.ts";
import { answerAuthPath, endpoints, isAuthPath } from "./auth-paths.ts";
import type { CreateBearerTokens } from "./bearer.ts";
import { type CorsVisit, createCorsRules } from "./cors.ts";
import type { Exchange, SiteCode, SiteServices, Visit } from "./exchange.ts";
import { createFallbackRule } from "./fallback.ts";
import { answerFault } from "./faults.ts";
import { guardResponse } from "./guard-response.ts";
import { requestBehind } from "./identity.ts";
import { helpingPage, isForCard, refuseVisit } from "./refusals.ts";
import { sessionOfVisit, type VisitSession } from "./visit-session.ts";

export interface SiteGate {
  /** Answers one request; never rejects. */
  handle(exchange: Exchange): Promise<Response>;
}

/**
 * The gate of one deployment: cookie → session → rule → code behind. Once the isolate is warm it asks nobody.
 *
 * Everything that goes wrong on the way is a 503 with a reference; nothing is ever thrown, because whoever called
 * `passThroughOnException` before would then have the file served without a gate.
 *
 * @param instead what a gate has of its own that signs people in without a sign-in host
 * @param createBearerTokens where the policy may have tokens taken; without it such a policy is an error
 */
export function createSiteGate(
  config: SiteConfig,
  deps: Deps,
  instead?: Pick<SiteServices, "readSession" | "endpoints">,
  createBearerTokens?: CreateBearerTokens,
): SiteGate {
  const bearer = bearerOf(config, deps, createBearerTokens);
  const answers: SiteServices["answers"] = { ...siteAnswers, ...bearer?.answers };
  const keys = createTicketKeys(config.signIn, deps);
  const decider = createDecider(config.policy);
  const decide: Decider = (reading, visitor) => decider(reading, visitor, deps.now() / 1000);
  const { environment } = config.policy;
  const services: SiteServices = {
    config,
    deps,
    decide,
    keys,
    readSession: createSiteSessions({ issuer: config.signIn.origin, environment, now: deps.now }, keys),
    recorder: createSiteRecorder(config, deps),
    bearer,
    answers,
    ...createAnswers(answers, siteTexts, config.policy.name ?? config.project),
    endpoints,
    ...instead,
  };
  const answersClosed = createFallbackRule(decide);
  const corsOf = createCorsRules(config.policy);

  const answer = async (visit: Visit): Promise<Response> => {
    if (isAuthPath(visit.reading, visit.pathname)) return answerAuthPath(services, visit);
    if (config.expires !== undefined && deps.now() >= config.expires * 1000)
      return refuseVisit(services, visit, "preview-expired");
    const cors = corsOf?.(visit);
    if (cors === undefined) return serve(visit);
    return cors.preflight(services) ?? cors.dress(await serve(visit, cors));
  };

  const serve = async (visit: Visit, cors?: CorsVisit): Promise<Response> => {
    const { decision, session, code } = await decideVisit(services, visit, cors);
    const visitor = session?.visitor;
    if (!decision.allowed) {
      const detail = visit.reading.ok ? undefined : visit.reading.reason;
      const status = answers[code]?.status ?? 503;
      const page = helpingPage(services, visit, status, decision, visitor);
      const headers = bearer?.challenge(visit.request, code, status) ?? {};
      const shown = isForCard(services, visit, code) ? { status: 200 } : {};
      return refuseVisit(services, visit, code, { decision, visitor, detail, page, headers, ...shown });
    }

    const response = await callNext(services, visit, visitor);
    const gated = !["anyone", "open", "report"].includes(decision.reason);
    if (decision.reason !== "open" && (await answersClosed(visit, response, visitor))) {
      await response.body?.cancel();
      return refuseVisit(services, visit, "fallback-closed", { decision, visitor });
    }
    services.recorder.request(visit.request, { decision, visitor, status: response.status }, visit.waitUntil);
    return guardResponse(visit.request, response, { gated, personal: visitor !== undefined });
  };

  return {
    async handle(exchange) {
      try {
        services.recorder.bind(exchange.audit);
        return await answer(visitOf(exchange));
      } catch (error) {
        return answerFault(services, exchange, error);
      }
    },
  };
}

/** @throws TypeError where a policy wants tokens taken and nothing says whose, or how: the gate then stays closed */
function bearerOf(
  { policy, bearer }: SiteConfig,
  deps: Deps,
  create: CreateBearerTokens | undefined,
): SiteServices["bearer"] {
  if (!policy.bearer) return undefined;
  if (bearer === undefined || create === undefined) throw new TypeError("bearer");
  return create(bearer, deps);
}

function visitOf(exchange: Exchange): Visit {
  const { request } = exchange;
  const url = new URL(request.url);
  const { pathname } = url;
  return {
    ...exchange,
    url,
    origin: url.origin,
    pathname,
    reading: readPath(pathname),
    cookie: request.headers.get("cookie"),
  };
}

interface Judgement {
  readonly decision: Decision;
  readonly session?: SiteSession;
  /** What to answer where the decision is no. */
  readonly code: SiteCode;
}

/** An open page needs nobody's session, even where keys can't be had. */
async function decideVisit(services: SiteServices, visit: Visit, cors?: CorsVisit): Promise<Judgement> {
  let reading: VisitSession | undefined;
  try {
    if (visit.reading.ok) reading = await sessionOfVisit(services, visit, cors);
  } catch (error) {
    if (!services.decide(visit.reading).allowed) throw error;
  }
  if (reading?.ok) {
    const decision = services.decide(visit.reading, reading.session.visitor);
    return { decision, session: reading.session, code: codeOf(decision) };
  }
  const open = services.decide(visit.reading);
  const asked = !open.allowed && open.reason === "sign-in";
  return { decision: open, code: asked && reading !== undefined ? reading.code : codeOf(open) };
}

function codeOf(decision: Decision): SiteCode {
  if (decision.allowed) return "site-fault";
  switch (decision.reason) {
    case "sign-in":
      return "sign-in-required";
    case "not-admitted":
      return "not-admitted";
    case "step-up":
      return "step-up-required";
    case "no-rule":
      return "no-rule";
    case "ambiguous-path":
      return "path-ambiguous";
  }
}

/** Calls the code behind; what it throws is its own error and not the gate's, but it ends here all the same. */
async function callNext(
  { bearer }: SiteServices,
  visit: Visit,
  visitor: Parameters<Exchange["next"]>[1],
): Promise<Response> {
  const behind = requestBehind(visit.request, visitor, visit);
  // A token for the gate opens other sites, too: the code behind gets the identity in it and not the token.
  if (bearer?.isOurs(visit.request.headers.get("authorization"))) behind.headers.delete("authorization");
  let response: unknown;
  try {
    response = await visit.next(behind, visitor);
  } catch (error) {
    throw new GateFault("site-threw", describe(error), { cause: error });
  }
  // What can't be sent would throw only after the gate, where nobody is left to answer.
  if (
    !(response instanceof Response) ||
    response.type === "error" ||
    response.body?.locked ||
    response.bodyUsed
  )
    throw new GateFault("site-threw", "returned no Response that can be sent");
  return response;
}

function describe(error: unknown): string {
  return (error instanceof Error ? (error.stack ?? error.message) : String(error)).slice(0, 2000);
}
