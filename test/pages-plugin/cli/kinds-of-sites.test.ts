import { get, request } from "node:http";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildDist, scratchFolder } from "../../src/steps/fixtures.ts";
import { host, reviewer, type Served, serve, wrapInPlace, writeFiles } from "./wrapped-site.ts";

/** What sites do beside answering a page, behind the real gate on workerd: neither broken nor opened. */
const scratch = scratchFolder();
let dist: string;
const running: Served[] = [];
/** A `_worker.js` folder with all that `worker` answers. */
let served: Served;
let headers: Record<string, string>;
beforeAll(async () => {
  dist = await buildDist(scratch.at("dist"));
  served = await site("folder");
  headers = await reviewer();
});
afterAll(async () => {
  await Promise.all(running.map((served) => served.close()));
  scratch.remove();
});

const wasm = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0,
  10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11,
]);

const worker = `
import { WorkerEntrypoint } from "cloudflare:workers";
import module from "./lib/add.wasm";
import { greeting } from "./lib/greeting.mjs";
const { add } = new WebAssembly.Instance(module).exports;
export default class extends WorkerEntrypoint {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/add")) return new Response(greeting + add(4700, 11));
    if (pathname.endsWith("/stream")) {
      const { readable, writable } = new TransformStream();
      const writer = writable.getWriter();
      const line = (text) => writer.write(new TextEncoder().encode(text));
      this.ctx.waitUntil((async () => {
        await line("first ");
        await scheduler.wait(300);
        await line("last");
        await writer.close();
      })());
      return new Response(readable, { headers: { "content-type": "text/event-stream" } });
    }
    if (pathname.endsWith("/pass")) { this.ctx.passThroughOnException(); throw new Error("let the file out"); }
    if (pathname.endsWith("/hints"))
      return new Response("<h1>hints</h1>", { headers: { "content-type": "text/html", link: "</secret.css>; rel=preload; as=style" } });
    const kind = pathname.split("/answer/")[1];
    if (kind) return answers[kind](request);
    return this.env.ASSETS.fetch(request);
  }
}
const used = async () => { const answer = new Response("x"); await answer.text(); return answer; };
const locked = () => { const answer = new Response("x"); answer.body.getReader(); return answer; };
const gzip = () => new Response(
  new Blob(["compressed harbour"]).stream().pipeThrough(new CompressionStream("gzip")),
  { encodeBody: "manual", headers: { "content-encoding": "gzip", "content-type": "text/plain" } },
);
const part = (request) => new Response("0123", { status: 206, headers: {
  "content-range": "bytes 0-3/10", "accept-ranges": "bytes",
  "x-asked": request.headers.get("range") + " " + request.headers.get("if-range"),
} });
const count = async (request) => {
  let bytes = 0;
  for await (const chunk of request.body) bytes += chunk.byteLength;
  return new Response(String(bytes));
};
const empty = (status) => () => new Response(null, { status, headers: { etag: '"a"' } });
const answers = {
  error: () => Response.error(), used, locked, none: () => undefined, gzip, part, count,
  echo: (request) => new Response(request.body), 204: empty(204), 205: empty(205), 304: empty(304),
};`;

const secret = "0123456789".repeat(20);

async function site(name: string, policy?: object): Promise<Served> {
  const folder = scratch.at(name);
  writeFiles(folder, {
    "out/_worker.js/index.js": worker,
    "out/_worker.js/lib/add.wasm": wasm,
    "out/_worker.js/lib/greeting.mjs": "export const greeting = 'sum ';",
    "out/_routes.json": '{"version":1,"include":["/*"],"exclude":["/static/*"]}',
    "out/index.html": "<h1>home of the harbour</h1>",
    "out/pass": secret,
    "out/data.txt": secret,
    "out/static/data.txt": secret,
    "out/open/data.txt": "open data",
    "out/admin/index.html": "<h1>harbour office</h1>",
    "out/sw.js": "self.addEventListener('fetch', () => {});",
    "out/_headers": "/data.txt\n  Link: </secret.css>; rel=preload\n  X-Site: yes\n",
    "package.json": "{}",
  });
  await wrapInPlace(folder, `${folder}/out`, dist, policy);
  const served = await serve(`${folder}/out`, dist);
  running.push(served);
  return served;
}

describe("a _worker.js folder with wasm that exports a WorkerEntrypoint", () => {
  it("runs for a reviewer and for nobody else", async () => {
    expect((await served.ask("/add")).status).toBe(401);
    expect((await served.ask("/add", { headers })).text).toBe("sum 4711");
    expect((await served.ask("/open/add")).text).toBe("sum 4711");
  });

  it("its static paths are closed, too, and whole for a reviewer", async () => {
    expect((await served.ask("/static/data.txt")).status).toBe(401);
    expect((await served.ask("/static/data.txt", { headers })).text).toBe(secret);
  });

  it("passThroughOnException gives no file away, closed or open", async () => {
    expect((await served.ask("/pass")).status).toBe(401);
    for (const path of ["/pass", "/open/pass"]) {
      const answer = await served.ask(path, { headers });
      expect([answer.status, answer.headers.get("x-entra-gate-code")]).toEqual([500, "site-threw"]);
      expect(answer.text).not.toContain(secret);
    }
  });

  it("a range is the asset server's to answer, and closed ones tell nothing of the file", async () => {
    const range = { range: "bytes=0-9" };
    const refused = await served.ask("/data.txt", { headers: range });
    expect([refused.status, refused.headers.get("content-range"), refused.headers.get("etag")]).toEqual([
      401,
      null,
      null,
    ]);
    const whole = await served.ask("/data.txt", { headers });
    const part = await served.ask("/data.txt", { headers: { ...headers, ...range } });
    expect([200, 206]).toContain(part.status);
    expect(part.text).toBe(part.status === 206 ? whole.text.slice(0, 10) : whole.text);
    expect(part.headers.get("cache-control")).toMatch(/private/);
  });

  it("a 304 is for who may see the file; with the right ETag and no session it is 401", async () => {
    const asset = {
      ...headers,
      "sec-fetch-site": "same-origin",
      "sec-fetch-mode": "cors",
      "sec-fetch-dest": "empty",
    };
    const etag = (await served.ask("/data.txt", { headers: asset })).headers.get("etag") ?? "";
    expect(etag).not.toBe("");
    const fresh = await served.ask("/data.txt", { headers: { ...asset, "if-none-match": etag } });
    expect([fresh.status, fresh.text]).toEqual([304, ""]);
    expect(fresh.headers.get("cache-control")).toMatch(/private/);
    const stranger = await served.ask("/data.txt", { headers: { "if-none-match": etag } });
    expect([stranger.status, stranger.headers.get("etag")]).toEqual([401, null]);
  });

  it("no Link header of which the edge would make Early Hints leaves a closed page; an open one keeps it", async () => {
    for (const path of ["/hints", "/data.txt"]) {
      const refused = await served.ask(path);
      expect([refused.status, refused.headers.get("link"), refused.headers.get("x-site")]).toEqual([
        401,
        null,
        null,
      ]);
      const shown = await served.ask(path, { headers });
      expect([shown.status, shown.headers.get("link")]).toEqual([200, null]);
    }
    expect((await served.ask("/open/hints")).headers.get("link")).toContain("</secret.css>");
    expect((await served.ask("/data.txt", { headers })).headers.get("x-site")).toBe("yes");
  });

  it("a service worker's script is closed as every file, and is served to the page that registers it", async () => {
    expect((await served.ask("/sw.js", { headers: { "service-worker": "script" } })).status).toBe(401);
    const asked = {
      cookie: headers["cookie"] ?? "",
      "service-worker": "script",
      "sec-fetch-site": "same-origin",
      "sec-fetch-mode": "same-origin",
      "sec-fetch-dest": "serviceworker",
    };
    const script = await served.ask("/sw.js", { headers: asked });
    expect([script.status, script.headers.get("content-type")]).toEqual([
      200,
      expect.stringContaining("javascript"),
    ]);
  });

  it("a stream begins before it ends", async () => {
    expect((await served.ask("/stream")).status).toBe(401);
    const chunks = await new Promise<string[]>((resolve, reject) => {
      const seen: string[] = [];
      const sent = get(
        {
          host: "127.0.0.1",
          port: served.port,
          path: "/stream",
          headers: { host, ...headers },
          agent: false,
        },
        (answer) => {
          answer.setEncoding("utf8");
          answer.on("data", (chunk: string) => seen.push(chunk));
          answer.once("end", () => resolve(seen));
        },
      );
      sent.once("error", reject);
    });
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.join("")).toBe("first last");
  });
});

describe("an answer that is not just a page", () => {
  const answer = (kind: string, more: Record<string, string> = {}, method = "GET") =>
    served.ask(`/answer/${kind}`, { method, headers: { ...headers, ...more } });

  it.each(["204", "205", "304"])("%s has no body and stays what it is", async (status) => {
    for (const path of [`/answer/${status}`, `/open/answer/${status}`]) {
      const { status: got, text, headers: sent } = await served.ask(path, { headers });
      expect([String(got), text, sent.get("etag")]).toEqual([status, "", '"a"']);
      expect(sent.get("cache-control")).toMatch(/private/);
    }
    expect((await served.ask(`/answer/${status}`)).status).toBe(401);
  });

  it.each(["error", "used", "locked", "none"])(
    "one that can't be sent (%s) is the site's own 500, never a file and nobody else's fault",
    async (kind) => {
      for (const path of [`/answer/${kind}`, `/open/answer/${kind}`]) {
        const { status, headers: sent } = await served.ask(path, { headers });
        expect([path, status, sent.get("x-entra-gate-code")]).toEqual([path, 500, "site-threw"]);
      }
    },
  );

  it("a compressed one is sent as it was compressed", async () => {
    for (const path of ["/answer/gzip", "/open/answer/gzip"]) {
      const bytes = await new Promise<Buffer>((resolve, reject) => {
        const asked = {
          host: "127.0.0.1",
          port: served.port,
          path,
          headers: { host, ...headers },
          agent: false,
        };
        const sent = get({ ...asked, headers: { ...asked.headers, "accept-encoding": "gzip" } }, (got) => {
          const chunks: Buffer[] = [];
          got.on("data", (chunk: Buffer) => chunks.push(chunk));
          got.once("end", () => resolve(Buffer.concat(chunks)));
        });
        sent.once("error", reject);
      });
      expect(gunzipSync(bytes).toString()).toBe("compressed harbour");
    }
  });

  it("a range that the site serves itself passes whole, with what was asked", async () => {
    const got = await answer("part", { range: "bytes=0-3", "if-range": '"v1"' });
    expect([got.status, got.text, got.headers.get("content-range"), got.headers.get("x-asked")]).toEqual([
      206,
      "0123",
      "bytes 0-3/10",
      'bytes=0-3 "v1"',
    ]);
    expect(got.headers.get("cache-control")).toMatch(/private/);
  });

  it("HEAD is the page's headers without the page", async () => {
    const got = await served.ask("/data.txt", { method: "HEAD", headers });
    expect([got.status, got.text, got.headers.get("x-site")]).toEqual([200, "", "yes"]);
    expect([got.headers.get("etag"), got.headers.get("cache-control")]).toEqual([
      expect.any(String),
      "private, no-store",
    ]);
    const refused = await served.ask("/data.txt", { method: "HEAD" });
    expect([refused.status, refused.text, refused.headers.get("etag")]).toEqual([401, "", null]);
  });

  it("an upload reaches the site while it is still being sent, however large", async () => {
    const own = {
      cookie: headers["cookie"] ?? "",
      "sec-fetch-site": "same-origin",
      "sec-fetch-mode": "cors",
    };
    const body = "x".repeat(3_000_000);
    const asked = { method: "POST", headers: own, body };
    expect((await served.ask("/answer/count", asked)).text).toBe(String(body.length));
    expect((await served.ask("/answer/count", { method: "POST", body: "x" })).status).toBe(401);
    const echoed = await new Promise<string>((resolve, reject) => {
      let seen = "";
      const sent = request(
        {
          host: "127.0.0.1",
          port: served.port,
          path: "/answer/echo",
          method: "POST",
          headers: { host, ...own },
        },
        (got) => {
          got.setEncoding("utf8");
          got.on("data", (chunk: string) => {
            // The end is sent only once the beginning has come back.
            if (seen === "") sent.end(" last");
            seen += chunk;
          });
          got.once("end", () => resolve(seen));
        },
      );
      sent.once("error", reject);
      sent.write("first");
    });
    expect(echoed).toBe("first last");
  });
});

describe("a plain static site, one with functions/, and one with a _worker.js file", () => {
  const open = `export const onRequest = (context) => {
    context.passThroughOnException();
    if (new URL(context.request.url).pathname === "/boom") throw new Error("let the file out");
    return context.next();
  };`;
  const hello =
    "onRequest = ({ request }) => new Response('by ' + request.headers.get('x-ms-client-principal-name'));";
  it.each([
    ["static files", {}, "home of the harbour"],
    [
      "functions/",
      { "functions/api.js": `export const ${hello}`, "functions/_middleware.js": open },
      "by Rita Reviewer",
    ],
    [
      "_worker.js",
      {
        "out/_worker.js": `const ${hello} export default { fetch: (request, env) => new URL(request.url).pathname === "/api" ? onRequest({ request }) : env.ASSETS.fetch(request) };`,
      },
      "by Rita Reviewer",
    ],
  ] as const)("%s: closed to all, whole for a reviewer", async (name, code, api) => {
    const folder = scratch.at(`plain ${name.replace("/", "")}`);
    writeFiles(folder, {
      "out/index.html": "<h1>home of the harbour</h1>",
      "out/style.css": "h1{color:navy}",
      "out/boom": "the file of a boom",
      "package.json": "{}",
      ...code,
    });
    await wrapInPlace(folder, `${folder}/out`, dist);
    const served = await serve(`${folder}/out`, dist);
    running.push(served);
    for (const path of [
      "/",
      "/index.html",
      "/style.css",
      "/api",
      "/boom",
      "/nowhere",
      "/_worker.js/index.js",
    ])
      expect([path, (await served.ask(path)).status]).toEqual([path, 401]);
    const headers = { ...(await reviewer()), "x-ms-client-principal-name": "spoofed" };
    expect((await served.ask("/", { headers })).text).toContain("home of the harbour");
    expect((await served.ask("/style.css", { headers })).text).toBe("h1{color:navy}");
    expect((await served.ask("/api", { headers })).text).toContain(api);
    // Pages' router then answers with the file: to whom the gate let pass, and to nobody else.
    expect((await served.ask("/boom", { headers })).text).toBe("the file of a boom");
  });
});

describe("a site open at / and closed at /admin/*", () => {
  it("is so in every spelling, and knows on open paths who is there", async () => {
    const served = await site("half", {
      groups: { reviewers: "11111111-1111-4111-8111-111111111111" },
      preview: {
        rules: [
          { path: "/admin/*", allow: { groups: ["reviewers"] } },
          { path: "/*", allow: "anyone" },
        ],
      },
      production: "open",
    });
    expect((await served.ask("/")).text).toContain("home of the harbour");
    expect((await served.ask("/data.txt")).text).toBe(secret);
    for (const path of [
      "/admin/",
      "/admin",
      "/admin/index.html",
      "/%61dmin/",
      "/x/../admin/",
      "/ADMIN/../admin/x",
    ]) {
      const answer = await served.ask(path);
      expect([path, answer.status]).toEqual([path, 401]);
    }
    expect((await served.ask("/admin/", { headers: await reviewer() })).text).toContain("harbour office");
    expect((await served.ask("/", { headers: await reviewer() })).headers.get("cache-control")).toContain(
      "private",
    );
    expect((await served.ask("/")).headers.get("cache-control")).not.toContain("private");
  });
});
