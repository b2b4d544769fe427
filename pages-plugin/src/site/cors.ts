import { createDecider } from "../../../contract/policy/decide.ts";
import type { CompiledAllow, CompiledPolicy } from "../../../contract/policy/model.ts";
import type { SiteServices, Visit } from "./exchange.ts";

/** What a rule's `cors` means for one request. */
export interface CorsVisit {
  /** A listed origin's script asks, and the rule says that the visitor's session counts for it. */
  readonly countsSession: boolean;
  /** The answer to a preflight of a listed origin. */
  preflight(services: SiteServices): Response | undefined;
  /** An answer as other origins may see it: a listed one may read it, refusals too; another gets nothing. */
  dress(response: Response): Response;
}

const nobody: CompiledAllow = {
  anyone: false,
  members: false,
  guests: false,
  groups: [],
  roles: [],
  apps: [],
};
const anyone = { ...nobody, anyone: true };

/**
 * Which requests fall under a rule that has `cors`: those that it decides in every reading of their path. Origins are
 * compared whole, as browsers write them.
 *
 * @returns undefined where no rule has it, so that such a policy costs nothing
 * @see fetch.spec.whatwg.org, "HTTP extensions" of the CORS protocol
 */
export function createCorsRules(policy: CompiledPolicy) {
  const rules = policy.rules.flatMap(({ id, cors }) => {
    if (cors === undefined) return [];
    const only = policy.rules.map((rule) => ({
      id: rule.id,
      path: rule.path,
      allow: rule.id === id ? anyone : nobody,
    }));
    return [{ id, cors, covers: createDecider({ ...policy, report: false, rules: only }) }];
  });
  if (rules.length === 0) return undefined;

  return function corsOf({ request, reading, waitUntil }: Visit): CorsVisit | undefined {
    const found = rules.find(({ covers }) => covers(reading).allowed);
    if (found === undefined) return undefined;
    const { id, cors } = found;
    const { method, headers } = request;
    const origin = headers.get("origin");
    const listed = origin !== null && cors.origins.includes(origin);
    const allowing = {
      ...(listed && { "access-control-allow-origin": origin }),
      ...(listed && cors.credentials && { "access-control-allow-credentials": "true" }),
    };
    return {
      // A form that a listed origin posts is no script: its answer is not read, it is only sent.
      countsSession:
        listed &&
        cors.credentials &&
        cors.methods.includes(method) &&
        (headers.get("sec-fetch-mode") ?? "cors") === "cors",
      preflight({ recorder }) {
        if (!listed || method !== "OPTIONS" || !headers.has("access-control-request-method"))
          return undefined;
        const status = 204;
        recorder.request(
          request,
          { decision: { allowed: true, rule: id, reason: "preflight" }, status },
          waitUntil,
        );
        return new Response(null, {
          status,
          headers: {
            ...allowing,
            "access-control-allow-methods": cors.methods.join(", "),
            "access-control-allow-headers": cors.headers.join(", "),
            ...(cors.maxAge && { "access-control-max-age": String(cors.maxAge) }),
            vary: "Origin",
          },
        });
      },
      dress(response) {
        const dressed = new Response(response.body, response);
        dressed.headers.append("vary", "Origin");
        for (const name of ["access-control-allow-origin", "access-control-allow-credentials"])
          dressed.headers.delete(name);
        for (const [name, value] of Object.entries(allowing)) dressed.headers.set(name, value);
        return dressed;
      },
    };
  };
}
