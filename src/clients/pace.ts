import type { Http } from "./http.ts";

export interface Pace {
  /** Requests in `window` milliseconds, whichever those are. */
  readonly limit: number;
  readonly window: number;
  /** When requests were sent, in milliseconds; one list for clients that the service counts together. */
  readonly sent?: number[];
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/**
 * Keeps a client below a service's limit instead of running into it. Cloudflare blocks a user for five minutes once
 * 1,200 requests were made in five minutes (developers.cloudflare.com/fundamentals/api/reference/limits).
 */
export function paced(http: Http, { limit, window, now, sleep, sent = [] }: Pace): Http {
  return {
    async send(request) {
      for (;;) {
        const oldest = sent[0];
        if (sent.length < limit || oldest === undefined) break;
        const wait = oldest + window - now();
        if (wait > 0) await sleep(wait);
        else sent.shift();
      }
      sent.push(now());
      return http.send(request);
    },
  };
}
