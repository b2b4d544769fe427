import type { Http, HttpAnswer } from "./http.ts";

/**
 * Asks for what was read before only whether it is still so: GitHub does not count such an answer against its limit.
 * Source: RFC 9110 section 13.1.2; GitHub REST, "Best practices for using the REST API", conditional requests.
 */
export function conditional(http: Http): Http {
  const known = new Map<string, HttpAnswer>();
  return {
    async send(request) {
      if (request.method !== "GET") return http.send(request);
      const address = String(request.url);
      const before = known.get(address);
      const etag = before?.headers["etag"];
      const answer = await http.send(
        etag === undefined ? request : { ...request, headers: { ...request.headers, "if-none-match": etag } },
      );
      if (answer.status === 304 && before !== undefined) return before;
      if (answer.status === 200 && answer.headers["etag"] !== undefined) known.set(address, answer);
      return answer;
    },
  };
}
