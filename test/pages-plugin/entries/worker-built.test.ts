import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare, Response as MiniflareResponse } from "miniflare";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { workerd } from "../../../local/build/workers.ts";
import { gatePolicy } from "../cli/wrapped-site.ts";
import { hostOrigin, key, navigation, startTime, ticketFor, verifier } from "../site/support.ts";
import { ask } from "./http-client.ts";

/** Plain Workers with all that Workers may have beside answering, on real workerd, and a Hono app. */
const plain = `
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import { withEntraGate } from "./pages-plugin/src/entries/worker.ts";
export class Log extends DurableObject {
  lines = [];
  add(line) { this.lines.push(line); }
  all() { return this.lines; }
}
export class Internal extends WorkerEntrypoint { hello(name) { return "hello " + name; } }
class Site extends WorkerEntrypoint {
  get log() { return this.env.LOG.get(this.env.LOG.idFromName("one")); }
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/send") await this.env.QUEUE.send("from " + request.headers.get("x-ms-client-principal-name"));
    if (pathname === "/internal") return new Response(await this.env.INTERNAL.hello("there"));
    return Response.json(await this.log.all());
  }
  async queue(batch) { for (const { body } of batch.messages) await this.log.add("queue " + body); }
  async scheduled({ cron }) { await this.log.add("cron " + cron); }
}
export default withEntraGate(Site, ${JSON.stringify(gatePolicy)});`;

const hono = `
import { Hono } from "hono";
import { entraGate } from "./pages-plugin/src/entries/hono.ts";
const app = new Hono();
app.use(entraGate(${JSON.stringify(gatePolicy)}));
app.get("/open/me", (c) => c.json(c.get("entraGate")));
app.get("*", (c) => c.json({ ...c.get("entraGate"), header: c.req.header("x-ms-client-principal-name") }));
export default app;`;

const settings = { GATE_ENVIRONMENT: "preview", GATE_SIGN_IN_ORIGIN: hostOrigin };
const hosts = { plain: "plain.demo.localhost", hono: "hono.demo.localhost" };
let runtime: Miniflare;
let port: number;

async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    ...workerd,
    stdin: { contents, resolveDir: process.cwd(), loader: "ts" },
    external: ["cloudflare:workers"],
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

beforeAll(async () => {
  const worker = async (name: keyof typeof hosts, code: string, more: object = {}) => ({
    name,
    modules: [{ type: "ESModule" as const, path: "index.js", contents: await bundle(code) }],
    compatibilityDate: "2026-11-01",
    bindings: settings,
    routes: [`${hosts[name]}/*`],
    outboundService: () => MiniflareResponse.json({ keys: [key.jwk] }),
    ...more,
  });
  runtime = new Miniflare(
    convertV4MiniflareOptions({
      handleStructuredLogs: () => undefined,
      workers: [
        await worker("plain", plain, {
          durableObjects: { LOG: "Log" },
          queueProducers: { QUEUE: { queueName: "lines" } },
          queueConsumers: { lines: { maxBatchTimeout: 0 } },
          serviceBindings: { INTERNAL: { name: "plain", entrypoint: "Internal" } },
        }),
        await worker("hono", hono),
      ],
    }),
  );
  port = Number((await runtime.ready).port);
});

afterAll(() => runtime?.dispose());

async function reviewer(host: string): Promise<Record<string, string>> {
  const late = Math.floor((Date.now() - startTime) / 1000);
  const ticket = await ticketFor({ exp: startTime / 1000 + late + 3600, aud: `http://${host}` });
  return { ...navigation, cookie: `__Host-entra-gate-session=${ticket}.${verifier}` };
}

describe("a Worker that is a class, with a queue, a timer, a durable object and an entrypoint for others", () => {
  const get = (path: string, headers: Record<string, string> = {}) =>
    ask(port, hosts.plain, path, { headers });

  it("is gated for visitors, and everything else goes on as without a gate", async () => {
    for (const path of ["/", "/send", "/internal"]) expect((await get(path)).status).toBe(401);
    const headers = await reviewer(hosts.plain);
    expect((await get("/internal", headers)).text).toBe("hello there");
    await get("/send", headers);
    const fetcher = await runtime.getWorker("plain");
    await fetcher.scheduled({ cron: "0 * * * *" });
    await vi.waitFor(async () =>
      expect(JSON.parse((await get("/", headers)).text).sort()).toEqual([
        "cron 0 * * * *",
        "queue from Rita Reviewer",
      ]),
    );
  });
});

describe("a Hono app with the one line", () => {
  const get = (path: string, headers: Record<string, string> = {}) =>
    ask(port, hosts.hono, path, { headers });

  it("is gated in workerd, too, and finds who is there in c and in the headers", async () => {
    expect((await get("/docs")).status).toBe(401);
    expect((await get("/open/../docs")).status).toBe(401);
    expect((await get("/open/me")).text).toBe("null");
    const headers = { ...(await reviewer(hosts.hono)), "x-ms-client-principal-name": "spoofed" };
    const seen = JSON.parse((await get("/docs", headers)).text);
    expect(seen).toMatchObject({ name: "Rita Reviewer", header: "Rita Reviewer", kind: "user" });
    expect((await get("/.auth/status")).status).toBe(200);
  });
});
