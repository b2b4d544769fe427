import { afterEach, describe, expect, it } from "vitest";
import { CallLog } from "../../local/call-log.ts";
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

  it("takes effect and says nothing, or hears nothing at all", async () => {
    const after = await serve({ kind: "drop-after" });
    await expect(after.get("/v1/x").then((response) => response.text())).rejects.toThrow(TypeError);
    expect(after.handled()).toBe(1);
    const before = await serve({ kind: "drop-before" });
    await expect(before.get("/v1/x")).rejects.toThrow(TypeError);
    expect(before.handled()).toBe(0);
  });
});
