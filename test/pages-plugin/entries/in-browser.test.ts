import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare, Response as MiniflareResponse } from "miniflare";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser } from "../../../local/browser/launch.ts";
import { workerd } from "../../../local/build/workers.ts";
import { config, key, ticketFor } from "../site/support.ts";

/** What only a browser shows: service workers and web sockets, in front of the built gate on real workerd. */
const workers = {
  pass: "event.respondWith(fetch(event.request));",
  preload: "event.respondWith(event.preloadResponse.then((ready) => ready ?? fetch(event.request)));",
  cache: `event.respondWith(caches.open("pages").then(async (cache) => {
    const kept = await cache.match(event.request.url);
    if (kept) return kept;
    const answer = await fetch(event.request);
    if (answer.status === 200 && !event.request.url.includes("/.auth/")) await cache.put(event.request.url, answer.clone());
    return answer;
  }));`,
};

const site = `
const workers = ${JSON.stringify(workers)};
const html = (body) => new Response("<!doctype html><title>Harbour</title>" + body, { headers: { "content-type": "text/html" } });
const install = (kind) => 'self.addEventListener("install", () => self.skipWaiting());' +
  'self.addEventListener("activate", (event) => event.waitUntil((async () => {' +
  (kind === "preload" ? "await self.registration.navigationPreload.enable();" : "") + 'await self.clients.claim(); })()));';
export default {
  fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/sw.js") {
      const kind = searchParams.get("kind");
      const code = install(kind) + 'self.addEventListener("fetch", (event) => {' + workers[kind] + "});";
      return new Response(code, { headers: { "content-type": "text/javascript" } });
    }
    if (pathname === "/socket" || pathname === "/open/socket") {
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      server.send("hello");
      return new Response(null, { status: 101, webSocket: client });
    }
    return html("<h1>content of " + pathname + "</h1>");
  },
};`;

let host: Server;
let gate: Miniflare;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let origin: string;
let sibling: string;
let hostOrigin: string;
/** Whether the sign-in host still knows the visitor. */
let known = true;
let authorizations = 0;

/** A sign-in host that lets everybody in at once whom it knows. */
async function startHost(): Promise<void> {
  host = createServer(async (incoming, outgoing) => {
    const url = new URL(incoming.url ?? "/", "http://gate.localhost");
    outgoing.setHeader("content-type", "text/html; charset=utf-8");
    if (url.pathname !== "/.auth/authorize" || !known) {
      outgoing.end(
        `<!doctype html><title>Host</title><h1>Choose an account</h1><a href="${origin}/linked">link</a>`,
      );
      return;
    }
    authorizations++;
    const now = Math.floor(Date.now() / 1000);
    const aud = url.searchParams.get("origin") ?? "";
    const ticket = await ticketFor({
      iss: hostOrigin,
      aud,
      iat: now,
      exp: now + 600,
      accept_by: now + 60,
      cnf: { challenge: url.searchParams.get("challenge") ?? "" },
    });
    outgoing.end(
      `<!doctype html><title>Host</title><form method="post" action="${aud}/.auth/accept"><input name="ticket" value="${ticket}"><input name="tx" value="${url.searchParams.get("tx")}"></form><script>document.forms[0].submit()</script>`,
    );
  });
  host.listen(0, "127.0.0.1");
  await once(host, "listening");
  hostOrigin = `http://gate.localhost:${(host.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  await startHost();
  const built = await build({
    ...workerd,
    entryPoints: ["pages-plugin/src/entries/wrapped.ts"],
    write: false,
  });
  const baked = JSON.stringify({ ...config, signIn: { origin: hostOrigin, keys: [] } });
  const modules = {
    "index.js": `import { createGate } from "./gate.js"; import config from "./config.js"; import site from "./site.js"; export default createGate(config, site);`,
    "gate.js": built.outputFiles[0]?.text ?? "",
    "config.js": `export default ${baked};`,
    "site.js": site,
  };
  gate = new Miniflare(
    convertV4MiniflareOptions({
      modules: Object.entries(modules).map(([path, contents]) => ({
        type: "ESModule" as const,
        path,
        contents,
      })),
      compatibilityDate: "2026-08-04",
      handleStructuredLogs: () => undefined,
      outboundService: () => MiniflareResponse.json({ keys: [key.jwk] }),
    }),
  );
  const { port } = await gate.ready;
  origin = `http://a1b2c3d4.demo.localhost:${port}`;
  sibling = `http://b2b2b2b2.demo.localhost:${port}`;
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await gate?.dispose();
  host?.closeAllConnections();
  host?.close();
});

beforeEach(async () => {
  known = true;
  authorizations = 0;
  context = await browser.newContext();
  page = await context.newPage();
});

afterEach(() => context.close());

const heading = (text: string) => page.getByRole("heading", { name: text });
const sessionName = "__Host-entra-gate-session";

async function open(path: string, at = origin): Promise<void> {
  await page.goto(at + path, { waitUntil: "commit" });
  await heading(`content of ${path.replace(/[?#].*/, "")}`).waitFor();
}

/** From now on the page's own service worker stands between it and the gate. */
async function register(kind: keyof typeof workers): Promise<void> {
  await page.evaluate(async (kind) => {
    const { serviceWorker } = navigator;
    const controlled = new Promise((resolve) => serviceWorker.addEventListener("controllerchange", resolve));
    await serviceWorker.register(`/sw.js?kind=${kind}`);
    if (serviceWorker.controller === null) await controlled;
  }, kind);
}

/** What a web socket to an address says first, or that it doesn't open. */
const firstMessage = (to: string) =>
  page.evaluate(
    (address) =>
      new Promise((resolve) => {
        const socket = new WebSocket(address);
        socket.addEventListener("message", ({ data }) => resolve(data));
        socket.addEventListener("error", () => resolve("refused"));
      }),
    `${to.replace("http", "ws")}`,
  );

describe("a visitor whose browser has a service worker of the site", () => {
  it.each(["pass", "preload", "cache"] as const)(
    "that answers by %s sees no more of a session's end than others: the page, fragment and all",
    async (kind) => {
      await open("/home");
      await register(kind);
      await context.clearCookies({ name: sessionName });
      await open("/docs?x=1#part");
      expect(page.url()).toBe(`${origin}/docs?x=1#part`);
      expect(authorizations).toBe(2);
    },
  );

  it("that passes requests on hides no expiry: the sign-in is shown", async () => {
    await open("/home");
    await register("pass");
    await context.clearCookies({ name: sessionName });
    known = false;
    await page.goto(`${origin}/home`, { waitUntil: "commit" });
    await heading("Choose an account").waitFor();
  });

  it("follows a link from another site with the session that he has", async () => {
    await open("/home");
    await register("pass");
    known = false;
    await page.goto(hostOrigin);
    await page.getByRole("link", { name: "link" }).click();
    await heading("content of /linked").waitFor();
  });

  it("is signed out of its caches, too", async () => {
    await open("/home");
    await register("cache");
    await open("/docs");
    known = false;
    await page.goto(`${origin}/.auth/logout`);
    await page.getByRole("button", { name: "Sign out" }).click();
    await heading("You are signed out").waitFor();
    await page.goto(`${origin}/docs`, { waitUntil: "commit" });
    await heading("Choose an account").waitFor();
    expect(await page.evaluate(async () => (await caches?.keys?.()) ?? []).catch(() => [])).toEqual([]);
  });

  it("is not shown in a sibling's frame", async () => {
    await open("/home");
    await register("pass");
    await open("/open/page", sibling);
    await page.setContent(`<iframe src="${origin}/docs"></iframe>`);
    await page.waitForLoadState("networkidle");
    for (const frame of page.frames())
      expect(await frame.content().catch(() => "")).not.toContain("content of");
  });
});

describe("a web socket", () => {
  it("opens for the site's own page with a session", async () => {
    await open("/home");
    expect(await firstMessage(`${origin}/socket`)).toBe("hello");
    await context.clearCookies({ name: sessionName });
    expect(await firstMessage(`${origin}/socket`)).toBe("refused");
    expect(await firstMessage(`${origin}/open/socket`)).toBe("hello");
  });

  it("cross-site hijacking: opens for no page of another origin, be it a sibling's", async () => {
    await open("/home");
    expect((await context.cookies(origin)).map(({ name }) => name)).toContain(sessionName);
    await open("/open/page", sibling);
    expect(await firstMessage(`${origin}/socket`)).toBe("refused");
    await page.goto(hostOrigin);
    expect(await firstMessage(`${origin}/socket`)).toBe("refused");
  });
});
