import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../clock.ts";

const lifetime = 10 * 60 * 1000;

/**
 * Where artifacts are really kept: another host, opened by a signed address and by nothing else.
 * A request that brings an Authorization header is refused, as the blob storage behind GitHub refuses it:
 * a client that takes its token along across the redirect would give it away.
 */
export class Blobs {
  readonly #clock: Clock;
  readonly #key = randomBytes(32);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  url(origin: string, artifactId: number): string {
    const expires = String(this.#clock.now() + lifetime);
    return `${origin}/artifacts/${artifactId}.zip?se=${expires}&sig=${this.#sign(artifactId, expires)}`;
  }

  serve(
    request: IncomingMessage,
    response: ServerResponse,
    bytesOf: (artifactId: number) => Uint8Array | undefined,
  ): void {
    const url = new URL(request.url ?? "/", "http://blob.localhost");
    const artifactId = Number(/^\/artifacts\/(\d+)\.zip$/.exec(url.pathname)?.[1]);
    const expires = url.searchParams.get("se") ?? "";
    const given = Buffer.from(url.searchParams.get("sig") ?? "");
    const wanted = Buffer.from(this.#sign(artifactId, expires));
    const bytes = bytesOf(artifactId);
    const signed = given.length === wanted.length && timingSafeEqual(given, wanted);
    if (request.headers.authorization !== undefined) refuse(response, 400, "InvalidAuthenticationInfo");
    else if (request.method !== "GET") refuse(response, 405, "UnsupportedHttpVerb");
    else if (!signed || Number(expires) <= this.#clock.now()) refuse(response, 403, "AuthenticationFailed");
    else if (bytes === undefined) refuse(response, 404, "BlobNotFound");
    else {
      response.writeHead(200, { "content-type": "zip", "content-length": String(bytes.byteLength) });
      response.end(bytes);
    }
  }

  #sign(artifactId: number, expires: string): string {
    return createHmac("sha256", this.#key).update(`${artifactId}\n${expires}`).digest("base64url");
  }
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code></Error>`);
}
