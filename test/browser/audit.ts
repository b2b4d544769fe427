import type { BrowserWorld } from "./world.ts";

/** One decision, as a deployment's worker wrote it to its console. */
export interface Decided {
  readonly method: string;
  readonly path: string;
  /** `allowed` or a stable code. */
  readonly code: string;
}

interface Event {
  readonly class_uid?: number;
  readonly status_code?: string;
  readonly http_request?: {
    readonly http_method: string;
    readonly url: { readonly hostname: string; readonly path: string };
  };
}

/** From now on: the decisions that an origin's gate recorded. They arrive after the answers that they are about. */
export function watchAudit({ world }: BrowserWorld, origin: string): () => readonly Decided[] {
  const { consoleLines } = world.cloudflare;
  const before = consoleLines.length;
  const { hostname } = new URL(origin);
  return () =>
    consoleLines.slice(before).flatMap(({ line }) => {
      const event: Event = line.startsWith("{") ? JSON.parse(line) : {};
      const request = event.http_request;
      if (event.class_uid === undefined || request?.url.hostname !== hostname) return [];
      return [{ method: request.http_method, path: request.url.path, code: event.status_code ?? "" }];
    });
}
