/** Names that both sides of the bench know: Node, which prepares and measures, and the worker in workerd. */
export const siteOrigin = "https://a1b2c3d4.demo.example";
export const accessDomain = "https://bench.cloudflareaccess.com";

/** How @hono/oidc-auth is configured, by variables as its README says. */
export const oidcAuthEnv = {
  OIDC_AUTH_SECRET: "a-secret-of-at-least-thirty-two-characters",
  OIDC_ISSUER: "https://login.microsoftonline.com/22222222-2222-4222-8222-222222222222/v2.0",
  OIDC_CLIENT_ID: "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
  OIDC_CLIENT_SECRET: "not-used-by-a-session-check",
} as const;

/** What the worker is asked for: `count` requests to one subject, each with the next of `sessions` cookies. */
export interface Task {
  readonly subject: Subject;
  readonly count: number;
  /**
   * Which gate: one of a name is made once and then used by all tasks that name it, as in an isolate. A new one would
   * start with code that V8 has not optimised for it.
   */
  readonly gate: string;
  /** Rules in the gate's policy. */
  readonly rules: number;
  /** How many visitors take turns, and the number of the first. */
  readonly sessions: number;
  readonly first: number;
  /** Number of an isolate of its own that has done nothing yet; the one for all else where it is left out. */
  readonly isolate?: number;
}

/** `empty` is the loop itself, `bare` the site with nothing in front. */
export type Subject = "empty" | "bare" | "gate" | "oidc-auth" | "access";

/** Moments that the worker tells the clock outside, by a request to it. */
export type Moment = "start" | "answered" | "done";
