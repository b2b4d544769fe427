import { isLocalhost } from "../contract/probes/loopback.ts";

/**
 * The origin of a host that Cloudflare's API named (`demo.pages.dev`): https, but http for `.localhost`.
 * @param host with its port where it has one
 */
export function originOfHost(host: string): string {
  const scheme = isLocalhost(host.replace(/:\d+$/, "")) ? "http" : "https";
  return new URL(`${scheme}://${host}`).origin;
}

/** Every production origin of a project: its own and its custom domains', each once. */
export function productionOrigins(project: {
  readonly subdomain: string;
  readonly domains: readonly string[];
}): string[] {
  return [...new Set([project.subdomain, ...project.domains].map(originOfHost))];
}
