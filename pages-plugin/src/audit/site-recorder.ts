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

/** Writes one OCSF event per decision to the console, after the answer where the platform lets it. */
export interface SiteRecorder {
  request(request: Request, record: RequestRecord, waitUntil: WaitUntil): void;
  signIn(request: Request, record: SignInRecord, waitUntil: WaitUntil): void;
}

export function createSiteRecorder(config: SiteConfig, deps: Deps): SiteRecorder {
  const context: AuditContext = {
    role: "site",
    version,
    project: config.project,
    environment: config.policy.environment,
    bundle: config.bundle,
    ...(config.commit === undefined ? {} : { commit: config.commit }),
    ...(config.pullRequest === undefined ? {} : { pullRequest: config.pullRequest }),
  };

  // A sink that fails is no reason to fail a decision, nor is a waitUntil that refuses.
  const later = (waitUntil: WaitUntil, make: () => AuditEvent): void => {
    const write = async (): Promise<void> => {
      await null;
      try {
        deps.log(JSON.stringify(make()));
      } catch {
        // There is nowhere left to say so.
      }
    };
    try {
      waitUntil(write());
    } catch {
      // The event was written all the same; only its time was not granted.
    }
  };

  const occurrence = (time: number, reference: string | undefined) => ({
    context,
    time,
    uid: crypto.randomUUID(),
    ...(reference === undefined ? {} : { reference }),
  });

  return {
    request(request, record, waitUntil) {
      const { decision, visitor, status, reference } = record;
      const time = deps.now();
      later(waitUntil, () =>
        webResourceEvent({
          ...occurrence(time, reference),
          request: requestOf(request),
          decision,
          ...(visitor === undefined ? {} : { visitor }),
          policyDigest: config.policy.digest,
          status,
        }),
      );
    },
    signIn(request, record, waitUntil) {
      const { activity, success, code, visitor, session, reference } = record;
      const time = deps.now();
      later(waitUntil, () =>
        authenticationEvent({
          ...occurrence(time, reference),
          activity,
          success,
          code,
          service: new URL(request.url).origin,
          request: requestOf(request),
          policyDigest: config.policy.digest,
          ...(visitor === undefined ? {} : { visitor }),
          ...(session === undefined ? {} : { session }),
        }),
      );
    },
  };
}

function requestOf(request: Request): AuditRequest {
  const ray = request.headers.get("cf-ray");
  return { method: request.method, url: new URL(request.url), ...(ray === null ? {} : { ray }) };
}
