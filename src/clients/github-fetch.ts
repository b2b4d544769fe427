import type { Http, HttpRequest } from "./http.ts";

type Method = HttpRequest["method"];

interface FetchInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * A `fetch` for octokit over the action's own HTTP client. Redirects are not followed. Making a comment or an
 * issue twice is seen by people, so that is never tried again blindly; statuses and deployments may be: the last one counts.
 */
export function githubFetch(http: Http): (url: string, init: FetchInit) => Promise<Response> {
  return async (url, init) => {
    const method = (init.method ?? "GET") as Method;
    const { pathname } = new URL(url);
    const answer = await http.send({
      service: "GitHub",
      call: `${method} ${pathname}`,
      method,
      url,
      ...(init.headers === undefined ? {} : { headers: init.headers }),
      ...(init.body === undefined ? {} : { body: init.body }),
      idempotent: !(method === "POST" && /\/(comments|issues)$/.test(pathname)),
      expect: "json",
    });
    const body = answer.body.length === 0 ? null : Buffer.from(answer.body);
    return new Response(body, { status: answer.status, headers: answer.headers });
  };
}
