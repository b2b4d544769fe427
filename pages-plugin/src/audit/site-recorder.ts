import {
  type Authentication,
  authenticationEvent,
  webResourceEvent,
} from "../../../contract/audit/events.ts";
import type { AuditContext, AuditEvent, AuditRequest } from "../../../contract/audit/model.ts";
import type { SiteConfig } from "../../../contract/config/site.ts";
import type { Decision, Visitor } from "../../../contract/policy/model.ts";
import type { Deps, WaitUntil } from "../http/deps.ts";
import { version } from "../http/version.ts";
import { createFailures } from "./failures.ts";
import { type Sink, sinkOf } from "./sink.ts";

export interface RequestRecord {
  readonly decision: Decision | { readonly allowed: false; readonly reason: string; readonly rule?: string };
  readonly visitor?: Visitor | undefined;
  readonly status: number;
  readonly reference?: string | undefined;
}

export interface SignInRecord {
  readonly activity: "sign-in" | "sign-out";
  readonly success: boolean;
  readonly code: string;
  readonly visitor?: Visitor | undefined;
  readonly session?: Authentication["session"] | undefined;
  readonly reference?: string | undefined;
}

/** Milliseconds that events wait for others, and for the answer that they are about to be on its way. */
const delay = 5;
/** Milliseconds after which a batch that should have gone is somebody else's: its request did not live to see to it. */
const patience = 100;
/** One request sees to so many events at most; a queue takes 100 messages at once. */
const largestBatch = 32;

/** Writes one OCSF event per decision, after the answer where the platform lets it. */
export interface SiteRecorder {
  /** Value of the `GATE_AUDIT` binding, as each request brings it: the same for all of an isolate's life. */
  bind(binding: unknown): void;
  request(request: Request, record: RequestRecord, waitUntil: WaitUntil): void;
  signIn(request: Request, record: SignInRecord, waitUntil: WaitUntil): void;
  /** Where events go beside the console, and how many this isolate could not hand over. */
  status(): { readonly sink: Sink["kind"]; readonly failed: number };
}

export function createSiteRecorder(config: SiteConfig, deps: Deps): SiteRecorder {
  const { project, bundle, commit, pullRequest, policy } = config;
  const { environment, digest } = policy;
  const context: AuditContext = { role: "site", version, project, environment, bundle, commit, pullRequest };
  const failures = createFailures(deps);
  let bound: unknown;
  let sink = sinkOf(bound, environment);
  const waiting: (() => AuditEvent)[] = [];
  /** When the next request has to see to what is waiting itself. */
  let until = 0;

  const flush = async (): Promise<void> => {
    const batch = waiting.splice(0, largestBatch);
    until = 0;
    const events: AuditEvent[] = [];
    for (const make of batch) {
      try {
        const event = make();
        events.push(event);
        deps.log(JSON.stringify(event));
      } catch {
        // There is nowhere left to say so.
      }
    }
    if (events.length === 0) return;
    try {
      await sink.send(events);
    } catch (error) {
      // A sink that fails is no reason to fail a decision.
      failures.add(events.length, error);
    }
  };

  // On the way to the answer a request only leaves a note. The first one has all notes written and handed over in time
  // of its own after the answer; whoever finds that this should have happened, or that a batch is full, does it, too.
  const later = (waitUntil: WaitUntil, time: number, make: () => AuditEvent): void => {
    waiting.push(make);
    if (time < until && waiting.length % largestBatch !== 0) return;
    until = time + patience;
    // Not by a microtask: workerd sends nothing while those are left.
    const flushed = new Promise((resolve) => setTimeout(resolve, delay)).then(flush);
    try {
      waitUntil(flushed);
    } catch {
      // The event is written all the same; only its time was not granted.
    }
  };

  const occurrence = (time: number) => ({ context, time, uid: crypto.randomUUID(), policyDigest: digest });

  return {
    bind(binding) {
      if (binding === bound) return;
      bound = binding;
      try {
        sink = sinkOf(binding, environment);
      } catch {
        sink = sinkOf(null, environment);
      }
    },
    request(request, record, waitUntil) {
      const time = deps.now();
      const asked = noteOf(request);
      later(waitUntil, time, () =>
        webResourceEvent({ ...occurrence(time), ...record, request: requestOf(asked) }),
      );
    },
    signIn(request, record, waitUntil) {
      const time = deps.now();
      const asked = noteOf(request);
      later(waitUntil, time, () => {
        const read = requestOf(asked);
        return authenticationEvent({
          ...occurrence(time),
          ...record,
          service: read.url.origin,
          request: read,
        });
      });
    },
    status: () => ({ sink: sink.kind, failed: failures.count }),
  };
}

/** What of a request is recorded: taken at once, since it is another request's time in which the event may be written. */
function noteOf({ method, url, headers }: Request) {
  return { method, url, ray: headers.get("cf-ray") ?? undefined };
}

function requestOf({ url, ...rest }: ReturnType<typeof noteOf>): AuditRequest {
  return { ...rest, url: new URL(url) };
}
