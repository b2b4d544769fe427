import type { SiteConfig } from "../../../contract/config/site.ts";
import type { BearerErrorCode } from "../../../contract/errors/bearer-codes.ts";
import type { AnswerTable } from "../../../contract/errors/definition.ts";
import type { SiteErrorCode } from "../../../contract/errors/site-answers.ts";
import type { PathReading } from "../../../contract/paths/reading.ts";
import type { Decider } from "../../../contract/policy/decide.ts";
import type { Visitor } from "../../../contract/policy/model.ts";
import type { SiteText } from "../../../contract/texts/site.ts";
import type { SiteRecorder } from "../audit/site-recorder.ts";
import type { Answers } from "../http/answers.ts";
import type { Deps, WaitUntil } from "../http/deps.ts";
import type { SessionReading } from "../session/site-session.ts";
import type { TicketKeys } from "../session/ticket-keys.ts";
import type { BearerTokens } from "./bearer.ts";

/** Pages' asset server, as far as the gate uses it. */
export interface Assets {
  fetch(request: Request): Promise<Response>;
}

/** One request with what the platform gives along with it. */
export interface Exchange {
  readonly request: Request;
  /** Calls the code behind with a request that carries no spoofed identity; `visitor` is who is signed in, if anybody. */
  next(request: Request, visitor: Visitor | undefined): Promise<Response>;
  readonly assets?: Assets | undefined;
  readonly waitUntil: WaitUntil;
  /** Value of the `GATE_AUDIT` binding, where there is one. */
  readonly audit?: unknown;
}

/** An exchange with what every part of the gate wants to know of it. */
export interface Visit extends Exchange {
  readonly url: URL;
  /** This deployment's origin, as the browser asked for it. */
  readonly origin: string;
  readonly pathname: string;
  readonly reading: PathReading;
  /** The Cookie header. */
  readonly cookie: string | null;
}

/** Answers one of the gate's own endpoints. */
export type Handler = (services: SiteServices, visit: Visit) => Response | Promise<Response>;

/** HEAD is answered as GET is, without the body (RFC 9110 section 9.3.2). */
export interface Endpoint {
  readonly get?: Handler;
  readonly post?: Handler;
}

/** What a site may be refused for: bearer tokens only where it takes any. */
export type SiteCode = SiteErrorCode | BearerErrorCode;

/** What one gate keeps for as long as its isolate lives. */
export interface SiteServices extends Answers<SiteCode, SiteText> {
  readonly config: SiteConfig;
  readonly deps: Deps;
  readonly decide: Decider;
  readonly keys: TicketKeys;
  /** Answers at once for a session that it has seen before. */
  readonly readSession: (
    value: string,
    origin: string,
    waitUntil: WaitUntil,
  ) => SessionReading | Promise<SessionReading>;
  readonly bearer?: BearerTokens | undefined;
  readonly answers: AnswerTable<SiteText>;
  readonly recorder: SiteRecorder;
  /** By path. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
}
