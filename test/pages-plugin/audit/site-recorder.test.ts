import { describe, expect, test } from "vitest";
import type { AuditEvent } from "../../../contract/audit/model.ts";
import { createD1 } from "../../../local/audit-page/d1.ts";
import { createSiteGate } from "../../../pages-plugin/src/site/gate.ts";
import { config, makeWorld, sessionCookie, siteOrigin } from "../site/support.ts";

function gateWith(audit: unknown, environment: "preview" | "production" = "preview") {
  const world = makeWorld();
  const gate = createSiteGate({ ...config, policy: { ...config.policy, environment } }, world.deps);
  const ask = (path: string, headers: Record<string, string> = {}) =>
    gate.handle({
      request: new Request(siteOrigin + path, { headers }),
      waitUntil: world.waitUntil,
      audit,
      next: async () => new Response("content"),
    });
  const statusOf = async () =>
    ((await (await ask("/.auth/status")).json()) as { audit: { sink: string; failed: number } }).audit;
  return { world, ask, statusOf };
}

type Batch = readonly { readonly body: AuditEvent; readonly contentType: string }[];

function queue() {
  const batches: Batch[] = [];
  return { batches, sendBatch: async (batch: Batch) => void batches.push(batch) };
}

describe("a site's events", () => {
  test("go to the sink word for word as to the console", async () => {
    const sink = queue();
    const { world, ask, statusOf } = gateWith(sink);
    await ask("/open/a");
    await ask("/closed", { cookie: await sessionCookie() });
    const events = await world.events();
    expect(sink.batches.flat().map(({ body }) => JSON.parse(JSON.stringify(body)))).toEqual(events);
    expect(sink.batches.flat().map(({ contentType }) => contentType)).toEqual(["json", "json"]);
    expect(events.length).toBe(2);
    expect(await statusOf()).toEqual({ sink: "queue", failed: 0 });
  });

  test("of one moment are one batch", async () => {
    const sink = queue();
    const { world, ask } = gateWith(sink);
    await Promise.all([ask("/open/a"), ask("/open/b"), ask("/open/c")]);
    await world.events();
    expect(sink.batches.map((batch) => batch.length)).toEqual([3]);
  });

  test("are not lost with the request that was to see to them", async () => {
    const sink = queue();
    const { world, ask } = gateWith(sink);
    // Its own time is never granted: what runs after its answer is not run at all.
    const { setTimeout } = globalThis;
    globalThis.setTimeout = (() => 0) as unknown as typeof setTimeout;
    try {
      await ask("/open/a");
      await ask("/open/b");
    } finally {
      globalThis.setTimeout = setTimeout;
    }
    world.waiting.length = 0;
    world.now += 1_000;
    await ask("/open/c");
    const paths = (await world.events()).map(
      ({ http_request }) => (http_request as { url: { path: string } }).url.path,
    );
    expect(paths).toEqual(["/open/a", "/open/b", "/open/c"]);
    expect(sink.batches.flat()).toHaveLength(3);
  });

  test("are in no one request's hands alone when they are many, and in no batch that a queue would refuse", async () => {
    const sink = queue();
    const { world, ask } = gateWith(sink);
    const began = world.waiting.length;
    await Promise.all(Array.from({ length: 100 }, (_, index) => ask(`/open/${index}`)));
    expect(world.waiting.length - began).toBe(4);
    expect(await world.events()).toHaveLength(100);
    expect(sink.batches.map((batch) => batch.length)).toEqual([32, 32, 32, 4]);
  });

  test("wait for nothing: the answer is there while the sink still thinks", async () => {
    const { ask } = gateWith({ sendBatch: () => new Promise(() => undefined) });
    expect(await (await ask("/open/a")).text()).toBe("content");
  });

  test("go to a production's D1, and never to a preview's", async () => {
    const rows = async (environment: "preview" | "production") => {
      const database = createD1();
      const { world, ask, statusOf } = gateWith(database, environment);
      await ask("/open/a");
      await world.events();
      return [database.sqlite.prepare("SELECT * FROM audit_events").all().length, await statusOf()];
    };
    expect(await rows("production")).toEqual([1, { sink: "d1", failed: 0 }]);
    expect(await rows("preview")).toEqual([0, { sink: "unfit", failed: 1 }]);
  });
});

describe("a sink that fails", () => {
  const broken: readonly (readonly [string, unknown])[] = [
    ["rejects", { sendBatch: () => Promise.reject(new RangeError("secret of somebody")) }],
    [
      "throws",
      {
        sendBatch() {
          throw new RangeError("secret of somebody");
        },
      },
    ],
  ];

  test.each(broken)(
    "%s: the page is served, the event is on the console and the loss is counted",
    async (_, sink) => {
      const { world, ask, statusOf } = gateWith(sink);
      for (let index = 0; index < 3; index += 1) expect((await ask("/open/a")).status).toBe(200);
      expect((await world.events()).length).toBe(3);
      expect(await statusOf()).toEqual({ sink: "queue", failed: 3 });
    },
  );

  test("is told once a minute, with nothing of what it said", async () => {
    const { world, ask } = gateWith(broken[0]?.[1]);
    const told = async () => (await world.log()).filter(({ code }) => code === "audit-sink-failed");
    for (let index = 0; index < 3; index += 1) {
      await ask("/open/a");
      await world.log();
    }
    expect(await told()).toEqual([
      { level: "error", code: "audit-sink-failed", failed: 1, detail: "RangeError" },
    ]);
    world.now += 60_000;
    await ask("/open/a");
    expect(await told()).toMatchObject([{ failed: 1 }, { failed: 4 }]);
    expect(world.lines.join()).not.toContain("secret of somebody");
  });

  test("whose very look throws closes nothing but itself", async () => {
    const sink = new Proxy(
      {},
      {
        get() {
          throw new Error("no binding");
        },
      },
    );
    const { ask, statusOf } = gateWith(sink);
    expect(await (await ask("/open/a")).text()).toBe("content");
    expect(await statusOf()).toMatchObject({ sink: "unfit" });
  });
});
