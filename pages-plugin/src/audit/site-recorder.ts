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
  let made: AuditEvent[] = [];

  // A sink that fails is no reason to fail a decision, nor is a waitUntil that refuses.
  const later = (waitUntil: WaitUntil, make: () => AuditEvent): void => {
    const write = async (): Promise<void> => {
      await null;
      try {
        const event = make();
        made.push(event);
        deps.log(JSON.stringify(event));
      } catch {
        // There is nowhere left to say so.
      }
      // Whoever comes first hands over what all have made by now.
      await null;
      const events = made;
      made = [];
      if (events.length === 0) return;
      try {
        await sink.send(events);
      } catch (error) {
        failures.add(events.length, error);
      }
    };
    try {
      waitUntil(write().catch(() => undefined));
    } catch {
      // The event was written all the same; only its time was not granted.
    }
  };

  const occurrence = (reference: string | undefined) => ({
    context,
    time: deps.now(),
    uid: crypto.randomUUID(),
    reference,
    policyDigest: digest,
  });

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
      const base = occurrence(record.reference);
      later(waitUntil, () => webResourceEvent({ ...base, ...record, request: requestOf(request) }));
    },
    signIn(request, record, waitUntil) {
      const base = occurrence(record.reference);
      later(waitUntil, () =>
        authenticationEvent({
          ...base,
          ...record,
          service: new URL(request.url).origin,
          request: requestOf(request),
        }),
      );
    },
    status: () => ({ sink: sink.kind, failed: failures.count }),
  };
}

function requestOf(request: Request): AuditRequest {
  return {
    method: request.method,
    url: new URL(request.url),
    ray: request.headers.get("cf-ray") ?? undefined,
  };
}
