import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { auditSchema } from "../../../contract/audit/database.ts";
import { authenticationEvent, webResourceEvent } from "../../../contract/audit/events.ts";
import type { AuditEvent } from "../../../contract/audit/model.ts";
import { readViewer, whoSaw } from "../../../contract/audit/queries.ts";
import { sinkOf } from "../../../pages-plugin/src/audit/sink.ts";
import { visitor } from "../../contract/policy/fixtures.ts";

const who = visitor();
const origin = "https://a1.demo.example";
const context = {
  role: "site",
  version: "1.0.0",
  project: "demo",
  environment: "production",
  commit: "c0ffee",
  pullRequest: 7,
} as const;
const request = { method: "GET", url: new URL(`${origin}/page?code=SECRET`), ray: "ray-1" };
const allowed = webResourceEvent({
  context,
  time: 1_700_000_000_000,
  uid: "u1",
  reference: "ABCD",
  request,
  decision: { allowed: true, rule: "production.rules[0]", reason: "members" },
  visitor: who,
  policyDigest: "d1",
  status: 200,
});

describe("what GATE_AUDIT is bound to, in workerd", () => {
  let miniflare: Miniflare;
  /** Kind of sink, and what sending one event came to. */
  const send = async (binding: string, environment: string, event: AuditEvent = allowed) => {
    const body = JSON.stringify({ binding, environment, events: [event] });
    const answer = await miniflare.dispatchFetch("http://site.example/", { method: "POST", body });
    return (await answer.json()) as { kind: string; error?: string };
  };
  const received = async () => {
    const consumer = await miniflare.getWorker("consumer");
    return (await (await consumer.fetch("http://consumer.example/")).json()) as AuditEvent[];
  };

  beforeAll(async () => {
    const contents = `import { sinkOf } from "./pages-plugin/src/audit/sink.ts";
      export default { async fetch(request, env) {
        const { binding, environment, events } = await request.json();
        const sink = sinkOf(env[binding], environment);
        try { await sink.send(events); return Response.json({ kind: sink.kind }); }
        catch (error) { return Response.json({ kind: sink.kind, error: error.name }); }
      } };`;
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: process.cwd() },
      bundle: true,
      write: false,
      format: "esm",
      logLevel: "error",
    });
    const consumer = `const received = [];
      export default {
        queue(batch) { for (const { body } of batch.messages) received.push(body); },
        fetch: () => Response.json(received),
      };`;
    miniflare = new Miniflare(
      convertV4MiniflareOptions({
        workers: [
          {
            name: "site",
            modules: true,
            script: outputFiles[0]?.text ?? "",
            compatibilityDate: "2026-11-01",
            queueProducers: { QUEUE: "events" },
            analyticsEngineDatasets: { ANALYTICS: { dataset: "events" } },
            d1Databases: { DATABASE: "events" },
            kvNamespaces: { KV: "events" },
            r2Buckets: { BUCKET: "events" },
          },
          {
            name: "consumer",
            modules: true,
            script: consumer,
            compatibilityDate: "2026-11-01",
            queueConsumers: { events: { maxBatchTimeout: 0 } },
          },
        ],
      }),
    );
    await miniflare.ready;
  });
  afterAll(() => miniflare?.dispose());

  test.each(["preview", "production"])("a queue gets the event as it is, in %s", async (environment) => {
    const { metadata, ...rest } = allowed;
    const event = { ...rest, metadata: { ...metadata, uid: environment } };
    expect(await send("QUEUE", environment, event)).toEqual({ kind: "queue" });
    await vi.waitFor(async () => expect(await received()).toContainEqual(JSON.parse(JSON.stringify(event))));
  });

  test.each(["preview", "production"])("Analytics Engine, in %s", async (environment) => {
    expect(await send("ANALYTICS", environment)).toEqual({ kind: "analytics" });
  });

  test("D1 in production, where the same questions can be asked", async () => {
    const database = await miniflare.getD1Database("DATABASE", "site");
    for (const statement of auditSchema) await database.prepare(statement).run();
    expect(await send("DATABASE", "production")).toEqual({ kind: "d1" });
    const { sql, values } = whoSaw({ from: 0, to: Date.now(), origin });
    const { results } = await database
      .prepare(sql)
      .bind(...values)
      .all();
    expect(results.map(readViewer)).toMatchObject([{ oid: who.oid, times: 1 }]);
  });

  test("D1 in a preview is not written to: its code could read or erase what others did", async () => {
    const database = await miniflare.getD1Database("DATABASE", "site");
    const count = async () =>
      (await database.prepare("SELECT count(*) AS n FROM audit_events").first("n")) as number;
    const before = await count();
    expect(await send("DATABASE", "preview")).toEqual({ kind: "unfit", error: "TypeError" });
    expect(await count()).toBe(before);
  });

  test.each(["KV", "BUCKET"])("%s takes no events, and that is a failure to be seen", async (binding) => {
    expect(await send(binding, "production")).toEqual({ kind: "unfit", error: "TypeError" });
  });

  test("no binding is no failure", async () => {
    expect(await send("NOTHING", "production")).toEqual({ kind: "none" });
  });
});

test.each(["a variable", 7, null, true, {}])("%j is bound by mistake", (binding) => {
  expect(sinkOf(binding, "production").kind).toBe("unfit");
});

describe("the data point for Analytics Engine", () => {
  const pointOf = (event: AuditEvent) => {
    const points: { indexes: string[]; blobs: string[]; doubles: number[] }[] = [];
    sinkOf({ writeDataPoint: (point: never) => points.push(point) }, "preview").send([event]);
    return points[0];
  };

  test("has the columns that docs/audit.md names, in this order", () => {
    expect(pointOf(allowed)).toEqual({
      indexes: ["demo"],
      blobs: [
        ...["u1", "production", "members", "production.rules[0]", who.tid, who.oid, "GET"],
        ...["a1.demo.example", "/page", "c0ffee", "ray-1", "ABCD"],
      ],
      doubles: [600_102, 1, 200, 7],
    });
  });

  test("has an empty text for what an event has not", () => {
    const event = authenticationEvent({
      context: { role: "site", version: "1.0.0", project: "" },
      time: 1,
      uid: "u2",
      activity: "sign-in",
      success: false,
      code: "accept-transaction-missing",
      service: origin,
    });
    expect(pointOf(event)).toEqual({
      indexes: [""],
      blobs: ["u2", "", "accept-transaction-missing", "", "", "", "", "", "", "", "", ""],
      doubles: [300_201, 2, 0, 0],
    });
  });

  test("stays within 16 KB for the longest address", () => {
    const url = new URL(`${origin}/${"a".repeat(16_000)}`);
    const event = webResourceEvent({
      context,
      time: 1,
      uid: "u",
      request: { method: "GET", url },
      decision: { allowed: false, reason: "no-rule" },
      policyDigest: "d",
    });
    expect(pointOf(event)?.blobs.join("").length).toBeLessThan(2048);
  });
});
