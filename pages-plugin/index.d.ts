/** Who is signed in, as the gate verified it. Compare `tid` and `oid`, roles and group ids; never the name. */
export interface EntraGateIdentity {
  /** A claim that was missing makes `unknown`. */
  readonly kind: "user" | "guest" | "app" | "unknown";
  /** Tenant id. */
  readonly tid: string;
  /** Object id of the person in that tenant. */
  readonly oid: string;
  /** For showing only. */
  readonly name: string;
  /** Object ids of those groups that the site's policy names and the visitor is in. */
  readonly groups: readonly string[];
  /** Those app roles that the site's policy names and the visitor has. */
  readonly roles: readonly string[];
  /** Client id, where an application is signed in. */
  readonly app?: string;
  /** When the visitor last proved who he is, in seconds since 1970. */
  readonly authTime?: number;
  /** Authentication contexts that were met. */
  readonly acrs?: readonly string[];
}

/** What the gate leaves in `context.data`; null where nobody is signed in, which only an open path can see. */
export interface EntraGateData extends Record<string, unknown> {
  entraGate: EntraGateIdentity | null;
}

/** Pages' EventContext, as far as the gate needs it. */
export interface MiddlewareContext {
  readonly request: Request;
  readonly env: unknown;
  readonly data: Record<string, unknown>;
  next(input?: Request | string, init?: RequestInit): Promise<Response>;
  waitUntil(promise: Promise<unknown>): void;
}

/**
 * The gate as root middleware of a Cloudflare Pages project.
 *
 * ```ts
 * // functions/_middleware.ts
 * import entraGate from "pages-plugin-entra-gate";
 * import policy from "../gate.json";
 * export const onRequest = entraGate(policy);
 * ```
 *
 * @param policy the content of gate.json. One that is invalid closes every path with 503; the log says what is wrong.
 */
export default function entraGate(policy: unknown): (context: MiddlewareContext) => Promise<Response>;
