import { lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";

/** True for `localhost` and every name below it (RFC 6761 section 6.3). */
export function isLocalhost(hostname: string): boolean {
  return /(^|\.)localhost$/i.test(hostname);
}

/** Resolves `.localhost` to loopback without asking anybody, since Node's resolver does not know it (RFC 6761 6.3). */
export const loopbackLookup: LookupFunction = (hostname, options, callback) => {
  if (!isLocalhost(hostname)) {
    systemLookup(hostname, options, callback);
    return;
  }
  if (options.all === true) callback(null, [{ address: "127.0.0.1", family: 4 }]);
  else callback(null, "127.0.0.1", 4);
};
