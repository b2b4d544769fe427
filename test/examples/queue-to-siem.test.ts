import { readFileSync } from "node:fs";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare, Response as MiniflareResponse } from "miniflare";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

const folder = join(import.meta.dirname, "..", "..", "examples", "queue-to-siem");
const url = "https://siem.example.com/services/collector";
const event = (uid: string) => ({ class_uid: 6001, metadata: { uid }, status_code: "members" });

let miniflare: Miniflare;
let answers: (() => MiniflareResponse | Promise<MiniflareResponse>)[] = [];
const posted: { readonly url: string; readonly headers: Headers; readonly body: string }[] = [];

/** Hands a batch to the consumer as the platform does. */
async function deliver(...bodies: unknown[]) {
  const messages = bodies.map((body, index) => ({
    id: String(index),
    timestamp: new Date(),
    attempts: 1,
    body,
  }));
  const worker = (await miniflare.getWorker()) as unknown as {
    queue(
      name: string,
      messages: unknown[],
    ): Promise<{ retryBatch: { retry: boolean; delaySeconds?: number } }>;
  };
  return (await worker.queue("entra-gate-audit", messages)).retryBatch;
}

beforeAll(async () => {
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: readFileSync(join(folder, "index.js"), "utf8"),
      compatibilityDate: "2026-11-01",
      bindings: { SIEM_URL: url, SIEM_TOKEN: "siem-token" },
      async outboundService(request) {
        posted.push({
          url: request.url,
          headers: new Headers([...request.headers]),
          body: await request.text(),
        });
        return (answers.shift() ?? (() => new MiniflareResponse(null)))();
      },
    }),
  );
  await miniflare.ready;
});
afterAll(() => miniflare?.dispose());
beforeEach(() => {
  answers = [];
  posted.length = 0;
});

test("one post a batch, one event a line", async () => {
  expect((await deliver(event("a"), event("b"))).retry).toBe(false);
  expect(posted.map((one) => one.url)).toEqual([url]);
  expect(posted[0]?.body.split("\n").map((line) => JSON.parse(line))).toEqual([event("a"), event("b")]);
  expect(posted[0]?.headers.get("authorization")).toBe("Bearer siem-token");
  expect(posted[0]?.headers.get("content-type")).toBe("application/x-ndjson");
});

test.each([500, 429, 403, 302])("%i: the whole batch comes again", async (status) => {
  answers = [
    () => new MiniflareResponse(null, { status, headers: { location: "https://elsewhere.example/" } }),
  ];
  expect(await deliver(event("a"), event("b"))).toEqual({ retry: true, delaySeconds: 30 });
  expect(posted.length).toBe(1);
});

test("comes again when Retry-After says", async () => {
  answers = [() => new MiniflareResponse(null, { status: 429, headers: { "retry-after": "120" } })];
  expect((await deliver(event("a"))).delaySeconds).toBe(120);
});

test("what a hostile preview wrote to the queue is not passed on", async () => {
  const others = ["text", null, 7, {}, { class_uid: "6001" }, [], { class_uid: 1001 }];
  expect((await deliver(...others)).retry).toBe(false);
  expect(posted).toEqual([]);
  await deliver(...others, event("a"));
  expect(posted[0]?.body).toBe(JSON.stringify(event("a")));
});

test("its wrangler.jsonc has a dead-letter queue and no secret", () => {
  const { queues, vars } = JSON.parse(readFileSync(join(folder, "wrangler.jsonc"), "utf8"));
  expect(queues.consumers[0].dead_letter_queue).toBe("entra-gate-audit-dead");
  expect(Object.keys(vars)).toEqual(["SIEM_URL"]);
});
