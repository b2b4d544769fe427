import type { HostErrorCode } from "../../../contract/errors/host.ts";

/** Faults that another attempt may not meet. */
export const passing: ReadonlySet<HostErrorCode> = new Set([
  "sites-unavailable",
  "entra-unavailable",
  "entra-keys-unavailable",
  "graph-unavailable",
]);
