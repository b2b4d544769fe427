import type { Call } from "./call-log.ts";

const replaced: readonly (readonly [RegExp, string])[] = [
  [/\/accounts\/[0-9a-f]{32}(?=\/|$)/, "/accounts/{account}"],
  [/(?<=\/projects\/)[^/]+/, "{project}"],
  [/^\/repos\/[^/]+\/[^/]+/, "/repos/{owner}/{repo}"],
  [/(?<=\/git\/ref\/(?:heads|tags)(?:\/|%2F)).+/, "{name}"],
  [/(?<=\/contents\/).+/, "{path}"],
  [/(?<=\/(?:collaborators|labels|environments)\/)[^/]+/, "{name}"],
  [/\(appId='[^']*'\)/, "(appId='{appId}')"],
  [/(?<=\/)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?=\/|$)/g, "{id}"],
  [/(?<=\/)[0-9a-f]{40}(?=\/|$)/g, "{sha}"],
  [/(?<=\/)\d+(?=\/|\.zip$|$)/g, "{number}"],
];

/**
 * Which call of a service's documentation this was, its own ids left out: `graph PATCH /v1.0/applications/{id}`. Hosts
 * of GitHub other than its API are named: `github run-actions GET /idtoken/{number}`.
 */
export function callName({
  service,
  method,
  host,
  path,
}: Pick<Call, "service" | "method" | "host" | "path">): string {
  const page = service === "site" && !path.startsWith("/.auth/");
  const name = page ? "{page}" : replaced.reduce((text, [pattern, by]) => text.replace(pattern, by), path);
  const which = service === "github" && !host.startsWith("api.") ? ` ${host.split(".")[0]}` : "";
  return `${service}${which} ${method} ${name}`;
}

/** The action's own calls: not wrangler's, not the probes', not the runner's. */
export function isActionsOwn({ agent }: Pick<Call, "agent">): boolean {
  return agent.startsWith("entra-gate");
}
