/** Whether a host name is loopback by name (RFC 6761 section 6.3). */
export function isLocalhost(hostname: string): boolean {
  return hostname === "localhost" || hostname.endsWith(".localhost");
}

/**
 * Reads an origin that the gate may deal with: https, or http on a `.localhost` name.
 *
 * @param value an origin exactly as browsers serialise it (RFC 6454 section 6.2): no path, no default port, lower case
 * @returns the same string, or undefined for anything else
 */
export function parseOrigin(value: string | null | undefined): string | undefined {
  if (!value) return undefined;
  const url = URL.parse(value);
  if (url === null || url.origin !== value) return undefined;
  return url.protocol === "https:" || (url.protocol === "http:" && isLocalhost(url.hostname))
    ? value
    : undefined;
}
