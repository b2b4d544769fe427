import { build } from "esbuild";
import {
  convertV4MiniflareOptions,
  Miniflare,
  type Request as MiniflareRequest,
  Response as MiniflareResponse,
} from "miniflare";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SiteConfig } from "../../../contract/config/site.ts";
import {
  config,
  hostOrigin,
  key,
  makeAssets,
  navigation,
  policy,
  reviewers,
  startTime,
  ticketFor,
  verifier,
} from "../site/support.ts";
import { type Answer, type Asking, ask as askPort } from "./http-client.ts";

/** The wrapping worker as one bundled file on real workerd, with a site behind that tells what reached it. */
const site = `export default {
  async fetch(request, env, context) {
    const url = new URL(request.url);
    if (url.pathname === "/throws") { context.passThroughOnException(); throw new Error("site bug"); }
    if (url.pathname === "/open/null") return new Response(null, { status: 204 });
    if (url.pathname.endsWith("/socket")) {
      const [client, server] = Object.values(new WebSocketPair());
      server.accept(); server.send("hello");
      return new Response(null, { status: 101, webSocket: client });
    }
    if (url.pathname.startsWith("/static")) return env.ASSETS.fetch(request);
    const decision = env[Symbol.for("entra-gate.decision")];
    return Response.json({
      path: url.pathname, method: request.method, body: await request.text(),
      headers: Object.fromEntries(request.headers), visitor: decision?.visitor?.name ?? null,
      cf: request.cf !== undefined, env: Object.keys(env),
    });
  },
};`;

interface Seen {
  readonly path: string;
  readonly method: string;
  readonly body: string;
  readonly headers: Record<string, string>;
  readonly visitor: string | null;
  readonly env: string[];
}

const host = "a1b2c3d4.demo.localhost";
const origin = `http://${host}`;
let worker: Miniflare;
let port = 0;
const lines: string[] = [];
const asked: string[] = [];
let bundle = "";

beforeAll(async () => {
  const result = await build({
    entryPoints: ["pages-plugin/src/entries/wrapped.ts"],
    bundle: true,
    format: "esm",
    platform: "neutral",
    conditions: ["workerd", "worker"],
    minify: true,
    write: false,
  });
  bundle = result.outputFiles[0]?.text ?? "";
  ({ worker, port } = await start({ ...config, staticPaths: ["/static/*"] }));
});

/** One worker that is made of the bundle and this configuration. */
async function start(baked: SiteConfig) {
  const { assets } = makeAssets({ "/static/x.html": "static x", "/.auth/card.png": "PNG" });
  const options = convertV4MiniflareOptions({
    modules: [
      {
        type: "ESModule",
        path: "index.js",
        contents: `import { createGate } from "./gate.js"; import config from "./config.js"; import site from "./site.js"; export default createGate(config, site);`,
      },
      { type: "ESModule", path: "gate.js", contents: bundle },
      { type: "ESModule", path: "config.js", contents: `export default ${JSON.stringify(baked)};` },
      { type: "ESModule", path: "site.js", contents: site },
    ],
    compatibilityDate: "2026-08-04",
    handleStructuredLogs: ({ message }: { message: string }) => {
      lines.push(message);
    },
    serviceBindings: {
      async ASSETS(request: MiniflareRequest) {
        const answer = await assets.fetch(new Request(request.url, { method: request.method }));
        return new MiniflareResponse(await answer.arrayBuffer(), {
          status: answer.status,
          headers: [...answer.headers],
        });
      },
    },
    outboundService(request: MiniflareRequest) {
      asked.push(request.url);
      return MiniflareResponse.json({ keys: [key.jwk] });
    },
  });
  const worker = new Miniflare(options);
  return { worker, port: Number((await worker.ready).port) };
}

afterAll(() => worker.dispose());

/** A session of now: workerd's clock is the real one. */
async function realSession(): Promise<string> {
  const offset = Math.floor((Date.now() - startTime) / 1000);
  const exp = startTime / 1000 + offset + 3600;
  return `__Host-entra-gate-session=${await ticketFor({ exp, aud: origin })}.${verifier}`;
}

function ask(path: string, asking: Asking = {}): Promise<Answer> {
  return askPort(port, host, path, asking);
}

describe("the wrapped gate on workerd", () => {
  it("is one small file without imports", () => {
    expect(bundle).not.toMatch(/\bimport\s*[{"*]/);
    expect(Buffer.byteLength(bundle)).toBeLessThan(80_000);
  });

  it("closes every path but what is open", async () => {
    const page = await ask("/docs", { headers: navigation });
    expect([page.status, page.headers.get("x-entra-gate-code")]).toEqual([401, "sign-in-required"]);
    expect((await ask("/static/x")).status).toBe(401);
    expect((await ask("/open/x")).status).toBe(200);
    expect((await ask("/.auth/status")).status).toBe(200);
    expect((await ask("/.auth/card.png")).text).toBe("PNG");
    const login = await ask("/.auth/login?return_to=/docs", { headers: navigation });
    expect(login.headers.get("location")).toMatch(/^https:\/\/gate\.example\/\.auth\/authorize\?.*#$/);
  });

  it("lets a session in, hands the identity on and asks the host for its keys once", async () => {
    const headers = {
      ...navigation,
      cookie: `a=b; ${await realSession()}`,
      "x-ms-client-principal": "spoofed",
      X_Entra_Gate_Roles: "Site.Admin",
    };
    const seen = JSON.parse((await ask("/docs", { headers })).text) as Seen;
    expect(seen.visitor).toBe("Rita Reviewer");
    expect(seen.headers["cookie"]).toBe("a=b");
    expect(JSON.stringify(seen.headers)).not.toContain("spoofed");
    expect(Object.keys(seen.headers)).not.toContain("x_entra_gate_roles");
    expect(seen.headers["x-entra-gate-roles"]).toBe("");
    expect(seen.env).toContain("ASSETS");
    await Promise.all(Array.from({ length: 20 }, (_, index) => ask(`/docs/${index}`, { headers })));
    expect(asked).toEqual([`${hostOrigin}/.auth/jwks`]);
    expect(
      lines.some((line) => line.includes('"class_uid":6001') && line.includes('"preview.rules[3]"')),
    ).toBe(true);
    const asset = await ask("/static/x", { headers });
    expect([asset.text, asset.headers.get("cache-control")]).toEqual(["static x", "private, no-store"]);
  });

  it("hands bodies, methods, empty answers and sockets through", async () => {
    const headers = { "sec-fetch-site": "same-origin", cookie: await realSession() };
    const post = JSON.parse((await ask("/docs", { method: "POST", body: "content", headers })).text) as Seen;
    expect([post.method, post.body]).toEqual(["POST", "content"]);
    expect((await ask("/open/null")).status).toBe(204);
    expect((await ask("/open/null", { headers })).status).toBe(204);
    const upgraded = await worker.dispatchFetch(`${origin}/open/socket`, {
      headers: { upgrade: "websocket", ...headers },
    });
    expect(upgraded.status).toBe(101);
    const socket = upgraded.webSocket;
    const message = new Promise((resolve) =>
      socket?.addEventListener("message", ({ data }) => resolve(data)),
    );
    socket?.accept();
    expect(await message).toBe("hello");
    socket?.close();
  });

  it("a web socket behind a rule opens for this origin's own pages with a session only", async () => {
    const cookie = await realSession();
    const upgrade = (headers: Record<string, string>) =>
      worker.dispatchFetch(`${origin}/docs/socket`, { headers: { upgrade: "websocket", ...headers } });
    const own = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "websocket" };
    const sibling = { "sec-fetch-site": "same-site", "sec-fetch-mode": "websocket" };
    for (const headers of [own, { ...sibling, cookie }, { cookie, origin: "https://elsewhere.example" }]) {
      const refused = await upgrade(headers);
      expect([refused.status, refused.webSocket]).toEqual([401, null]);
      await refused.text();
    }
    const opened = await upgrade({ ...own, cookie });
    expect(opened.status).toBe(101);
    const message = new Promise((resolve) =>
      opened.webSocket?.addEventListener("message", ({ data }) => resolve(data)),
    );
    opened.webSocket?.accept();
    expect(await message).toBe("hello");
    opened.webSocket?.close();
  });

  it("takes a ticket and makes a session of it", async () => {
    const login = await ask("/.auth/login?return_to=/docs", { headers: navigation });
    const location = new URL(login.headers.get("location") ?? "");
    const [tx = ""] = (login.headers.get("set-cookie") ?? "").split(";");
    const now = Math.floor(Date.now() / 1000);
    const challenge = location.searchParams.get("challenge") ?? "";
    const ticket = await ticketFor({ aud: origin, exp: now + 600, accept_by: now + 60, cnf: { challenge } });
    const accepted = await ask("/.auth/accept", {
      method: "POST",
      headers: { origin: hostOrigin, "content-type": "application/x-www-form-urlencoded", cookie: tx },
      body: new URLSearchParams({ ticket, tx: location.searchParams.get("tx") ?? "" }).toString(),
    });
    expect(accepted.status).toBe(303);
    const [session = ""] = accepted.headers
      .getSetCookie()
      .filter((line) => line.startsWith("__Host-entra-gate-session="));
    const cookie = session.split(";")[0] ?? "";
    expect((await ask("/docs", { headers: { ...navigation, cookie } })).status).toBe(200);
  });

  it("ends what the site throws, although it asked to be passed through", async () => {
    const answer = await ask("/throws", { headers: { ...navigation, cookie: await realSession() } });
    expect([answer.status, answer.headers.get("x-entra-gate-code")]).toEqual([500, "site-threw"]);
  });
});

describe("a site that is open to all at / and closed at /admin/*", () => {
  const nobody = { anyone: false, members: false, guests: false, groups: [], roles: [], apps: [] };
  const app = "https://app.demo.example";
  const cors = { origins: [app], credentials: true, methods: ["GET"], headers: [] };
  const rules = [
    { id: "preview.rules[0]", path: "/admin/*", allow: { ...nobody, roles: ["Site.Admin"] } },
    { id: "preview.rules[1]", path: "/api/*", allow: { ...nobody, groups: [reviewers] }, cors },
    { id: "preview.rules[2]", path: "/*", allow: { ...nobody, anyone: true } },
  ];
  let opened: Awaited<ReturnType<typeof start>>;
  const see = (path: string, asking: Asking = {}) => askPort(opened.port, host, path, asking);
  const readSeen = async (path: string, headers: Record<string, string>) =>
    JSON.parse((await see(path, { headers })).text) as Seen;

  beforeAll(async () => {
    opened = await start({ ...config, policy: { ...policy, rules } });
  });
  afterAll(() => opened.worker.dispose());

  it("tells the site who asks on open paths, where there is a session that counts", async () => {
    const cookie = await realSession();
    const spoofed = { "x-ms-client-principal-name": "Mallory", "x-entra-gate-groups": "all" };
    const known = await readSeen("/prices", { ...navigation, cookie, ...spoofed });
    expect([known.visitor, known.headers["x-ms-client-principal-name"]]).toEqual([
      "Rita Reviewer",
      "Rita Reviewer",
    ]);
    expect(known.headers["x-entra-gate-groups"]).toBe(reviewers);
    const sibling = { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" };
    for (const headers of [navigation, { ...navigation, cookie: `${cookie}x` }, { ...sibling, cookie }]) {
      const unknown = await readSeen("/prices", { ...headers, ...spoofed });
      expect([unknown.visitor, Object.keys(unknown.headers).filter((name) => /^x-/.test(name))]).toEqual([
        null,
        [],
      ]);
    }
  });

  it("keeps what was made for somebody from shared caches, and leaves the rest as it is", async () => {
    const headers = { ...navigation, cookie: await realSession() };
    expect((await see("/prices", { headers })).headers.get("cache-control")).toBe("private, no-store");
    expect((await see("/prices", { headers: navigation })).headers.has("cache-control")).toBe(false);
  });

  it("closes /admin, to him too, and in every spelling", async () => {
    const headers = { ...navigation, cookie: await realSession() };
    for (const path of ["/admin", "/admin/", "/admin/x", "/ADMIN/x", "/%61dmin/x", "/x/..%2fadmin/"]) {
      expect([path, (await see(path, { headers: navigation })).status >= 400]).toEqual([path, true]);
      expect([path, (await see(path, { headers })).status >= 400]).toEqual([path, true]);
    }
  });

  it("answers preflights and lets a listed origin read, sockets aside", async () => {
    const script = { origin: app, "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" };
    const asked = { ...script, "access-control-request-method": "GET" };
    const preflight = await see("/api/x", { method: "OPTIONS", headers: asked });
    expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([204, app]);
    const cookie = await realSession();
    const read = await see("/api/x", { headers: { ...script, cookie } });
    expect([read.status, read.headers.get("access-control-allow-origin")]).toEqual([200, app]);
    const socket = { upgrade: "websocket", "sec-fetch-mode": "websocket", cookie };
    const own = { ...socket, "sec-fetch-site": "same-origin" };
    const upgraded = await opened.worker.dispatchFetch(`${origin}/api/socket`, { headers: own });
    expect(upgraded.status).toBe(101);
    upgraded.webSocket?.accept();
    upgraded.webSocket?.close();
    const foreign = { ...socket, origin: app, "sec-fetch-site": "same-site" };
    expect((await opened.worker.dispatchFetch(`${origin}/api/socket`, { headers: foreign })).status).toBe(
      401,
    );
  });
});
