import { afterEach, describe, expect, it } from "vitest";
import { CallLog } from "../../local/call-log.ts";
import { faultKinds, faultOf } from "../../local/fault-kinds.ts";
import { Faults, type Misbehaviour } from "../../local/faults.ts";
import { type RunningServer, startServer } from "../../local/server.ts";

const running: RunningServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

async function serve(what: Misbehaviour | undefined) {
  const log = new CallLog(undefined, "secret content");
  const faults = new Faults();
  if (what !== undefined) faults.add({ service: "graph", path: /^\/v1/, times: 1, what });
  let handled = 0;
  const server = await startServer({
    service: () => "graph",
    log,
    faults,
    handler: (request, response) => {
      handled += 1;
      const body = JSON.stringify({ text: request.url === "/v1/content" ? "secret content" : "nothing" });
      response.writeHead(200, { "content-type": "application/json", "content-length": String(body.length) });
      response.write(body.slice(0, 12));
      response.end(body.slice(12));
    },
  });
  running.push(server);
  const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`);
  return { log, get, handled: () => handled };
}

describe("a stand-in's server", () => {
  it("marks answers that hold the site's content, also across two writes", async () => {
    const { get, log } = await serve(undefined);
    await (await get("/v1/content")).text();
    await (await get("/v1/other")).text();
    await expect
      .poll(() => log.calls.map(({ path, marked }) => [path, marked]))
      .toEqual([
        ["/v1/content", true],
        ["/v1/other", undefined],
      ]);
    expect(log.count("graph")).toBe(2);
    expect(log.count("entra")).toBe(0);
  });

  it("answers in the handler's place, as often as the fault says", async () => {
    const { get, handled } = await serve({
      kind: "answer",
      status: 429,
      headers: { "retry-after": "1" },
      body: "{}",
    });
    expect((await get("/v1/x")).status).toBe(429);
    expect((await get("/v1/x")).status).toBe(200);
    expect(handled()).toBe(1);
  });

  it("cuts an answer short", async () => {
    const { get } = await serve({ kind: "truncate" });
    const text = await (await get("/v1/x")).text();
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(text.length).toBeGreaterThan(0);
  });

  it("says again what it said before, once it is behind", async () => {
    const log = new CallLog();
    const faults = new Faults();
    let count = 0;
    const server = await startServer({
      service: () => "graph",
      log,
      faults,
      handler: (_, response) => {
        count += 1;
        response.writeHead(200, { "content-type": "application/json" }).end(String(count));
      },
    });
    running.push(server);
    const get = async (path: string) => (await fetch(`http://127.0.0.1:${server.port}${path}`)).text();
    faults.add({ service: "graph", agent: /^node/, after: 1, times: 2, what: { kind: "stale" } });
    // Spared; the first one that is met has nothing to repeat; then it is behind once.
    expect([await get("/a"), await get("/b"), await get("/a"), await get("/a")]).toEqual([
      "1",
      "2",
      "1",
      "3",
    ]);
    expect(faults.met).toBe(2);
  });

  it.each(faultKinds)("%s is what the service itself would say", async (kind) => {
    const faults = new Faults();
    const bodies: unknown[] = [];
    for (const service of ["entra", "graph", "cloudflare", "github", "site"] as const) {
      faults.add(faultOf(kind, { service }));
      const what = faults.take({ service, method: "GET", host: "api.test", path: "/token", agent: "" });
      if (what?.kind === "answer-to")
        bodies.push(what.answer({ service, method: "GET", host: "api.test", path: "/token", agent: "" }));
    }
    for (const answer of bodies as { status: number; body: string }[])
      expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(["throttled", "failing", "forbidden"].includes(kind)).toBe(bodies.length === 5);
  });

  it("takes effect and says nothing, or hears nothing at all", async () => {
    const after = await serve({ kind: "drop-after" });
    await expect(after.get("/v1/x").then((response) => response.text())).rejects.toThrow(TypeError);
    expect(after.handled()).toBe(1);
    const before = await serve({ kind: "drop-before" });
    await expect(before.get("/v1/x")).rejects.toThrow(TypeError);
    expect(before.handled()).toBe(0);
  });
});
