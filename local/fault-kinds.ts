import { errors as cloudflareErrors, errorBody } from "./cloudflare/api/envelope.ts";
import { denied, GraphError } from "./entra/graph/errors.ts";
import { AadstsError } from "./entra/login/aadsts.ts";
import type { Arrival, Fault, FaultAnswer, Misbehaviour, Where } from "./faults.ts";
import { notAccessible, secondaryRateLimit } from "./github/api/errors.ts";

/** The ways in which any call to any service can go wrong. */
export const faultKinds = [
  "down",
  "slow",
  "throttled",
  "failing",
  "forbidden",
  "truncated",
  "html",
  "stale",
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** Seconds that `throttled` asks for. */
export const retryAfter = 1;
/** Milliseconds that `slow` adds, below every time-out. */
const slowness = 1_500;

/** A fault of this kind for these calls, in the very form in which their service has it. */
export function faultOf(kind: FaultKind, where: Where): Fault {
  return { ...where, what: what(kind) };
}

function what(kind: FaultKind): Misbehaviour {
  switch (kind) {
    case "down":
      return { kind: "drop-before" };
    case "slow":
      return { kind: "delay", ms: slowness };
    case "throttled":
      return { kind: "answer-to", answer: throttled };
    case "failing":
      return { kind: "answer-to", answer: failing };
    case "forbidden":
      return { kind: "answer-to", answer: forbidden };
    case "truncated":
      return { kind: "truncate" };
    case "html":
      return { kind: "answer", status: 200, headers: { "content-type": "text/html" }, body: portal };
    case "stale":
      return { kind: "stale" };
  }
}

/** What a proxy that wants somebody to sign in shows instead of any answer. */
const portal = "<!doctype html><html><title>Sign in to the network</title><p>Please sign in.</html>";

function throttled({ service }: Arrival): FaultAnswer {
  const headers = { "retry-after": String(retryAfter) };
  switch (service) {
    case "graph": {
      const error = new GraphError(429, "TooManyRequests", "Too many requests.");
      return { status: 429, headers, body: JSON.stringify(error.body(undefined)) };
    }
    case "cloudflare": {
      const text =
        "More than 1200 requests per 300 seconds reached. Please wait and consider throttling your request speed";
      return { status: 429, headers, body: JSON.stringify(errorBody(971, text)) };
    }
    case "github":
      return secondaryRateLimit(retryAfter);
    case "entra": {
      const error = {
        error: "temporarily_unavailable",
        error_description: "AADSTS90055: Too many requests.",
      };
      return { status: 429, headers, body: JSON.stringify(error) };
    }
    default:
      return { status: 429, headers, body: "error code: 1015" };
  }
}

function failing({ service }: Arrival): FaultAnswer {
  switch (service) {
    case "graph": {
      const error = new GraphError(500, "InternalServerError", "Internal server error.");
      return { status: 500, body: JSON.stringify(error.body(undefined)) };
    }
    case "cloudflare":
      return { status: 500, body: JSON.stringify(errorBody(8000000, "An unknown error occurred.")) };
    case "github":
      return { status: 500, body: JSON.stringify({ message: "Server Error" }) };
    case "entra": {
      const error = {
        error: "server_error",
        error_description: "AADSTS90033: A transient error has occurred.",
      };
      return { status: 500, body: JSON.stringify(error) };
    }
    default:
      return { status: 500, headers: { "content-type": "text/plain" }, body: "error code: 1101" };
  }
}

/** What each service says to somebody who lacks a permission, or whom it does not know. */
function forbidden({ service, host, path }: Arrival): FaultAnswer {
  switch (service) {
    case "graph":
      return { status: 403, body: JSON.stringify(denied().body(undefined)) };
    case "cloudflare": {
      const error = cloudflareErrors.authentication();
      return { status: error.status, body: JSON.stringify(errorBody(error.code, error.message)) };
    }
    case "github":
      return forbiddenByGitHub(host);
    case "entra": {
      if (!path.endsWith("/token"))
        return { status: 403, headers: { "content-type": "text/html" }, body: portal };
      const error = new AadstsError(
        700213,
        "No matching federated identity record found for presented assertion.",
      );
      return { status: error.status, body: JSON.stringify(error.body(`http://${host}`)) };
    }
    default: {
      const headers = { "content-type": "text/html", "cf-mitigated": "challenge" };
      return { status: 403, headers, body: "<!doctype html><title>Just a moment...</title>" };
    }
  }
}

function forbiddenByGitHub(host: string): FaultAnswer {
  if (host.startsWith("artifacts."))
    return {
      status: 403,
      headers: { "content-type": "application/xml" },
      body: '<?xml version="1.0"?><Error><Code>AuthenticationFailed</Code></Error>',
    };
  const error = notAccessible("contents=read");
  return { status: error.status, headers: error.headers, body: JSON.stringify(error.body()) };
}
