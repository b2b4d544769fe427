import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listFiles } from "../../../src/steps/folder.ts";
import { type RehearseOptions, rehearse } from "../../../src/steps/rehearse.ts";
import type { Bundle } from "../../../src/steps/types.ts";
import { wrapPack } from "../../../src/steps/wrap.ts";
import {
  buildDist,
  functionsModule,
  packOf,
  rehearsalScript,
  root,
  scratchFolder,
  site,
  siteConfig,
} from "../steps/fixtures.ts";

const scratch = scratchFolder();
let dist: string;
let count = 0;

beforeAll(async () => {
  dist = await buildDist(scratch.at("dist"));
});
afterAll(() => scratch.remove());

type Files = Parameters<typeof packOf>[0];

async function bundleOf(
  files: Files,
  exclude: readonly string[] = [],
  gate = join(dist, "gate", "site.js"),
): Promise<Bundle> {
  count += 1;
  const pack = await packOf(files, scratch.at(`pack-${count}`), exclude);
  const config = await siteConfig();
  const policy = { ...config.policy, card: true };
  return wrapPack(pack, { ...config, policy }, scratch.at(`bundle-${count}`), gate);
}

const none: RehearseOptions["bindings"] = { vars: {}, d1: [], kv: [], r2: [] };

/** A bundle in which a file is another one than the wrapping makes. */
async function tampered(files: Files, path: string, text: string): Promise<Bundle> {
  const bundle = await bundleOf(files);
  writeFileSync(join(bundle.folder, path), text);
  return { ...bundle, files: await listFiles(bundle.folder) };
}

const small: Files = {
  "assets/index.html": site["assets/index.html"] ?? "",
  "assets/docs/mooring.html": site["assets/docs/mooring.html"] ?? "",
  "assets/style.css": site["assets/style.css"] ?? "",
  "assets/public/hello.txt": site["assets/public/hello.txt"] ?? "",
};

const rehearsed = (bundle: Bundle, timeout?: number, bindings = none) =>
  rehearse(bundle, {
    dist,
    script: rehearsalScript,
    tools: root,
    // A project that was made today is of a later date than the pinned workerd knows.
    compatibilityDate: new Date().toISOString().slice(0, 10),
    compatibilityFlags: [],
    bindings,
    card: { project: "harbour", pullRequest: 7 },
    ...(timeout === undefined ? {} : { timeout }),
  });

describe("a static site behind the gate", () => {
  it("is closed to every probe, and gets its card", async () => {
    const made = await bundleOf(site);
    const { bundle, report } = await rehearsed(made);
    expect(report).toMatchObject({ ok: true, open: 0, inconclusive: 0, broken: 0 });
    expect(report.total).toBeGreaterThan(100);
    const kinds = new Set(report.results.map(({ kind }) => kind));
    for (const kind of [
      "status",
      "page",
      "nested-index",
      "script",
      "style",
      "image",
      "font",
      "well-known",
      "not-found-page",
      "redirect",
      "no-extension",
      "worker-file",
    ]) {
      expect(kinds).toContain(kind);
    }
    const open = report.results.filter(
      ({ outcome, method, target }) =>
        outcome === "public" && method === "GET" && target.startsWith("/public/"),
    );
    expect(open.map(({ target }) => target)).toContain("/public/hello.txt");
    const fetchers = report.results.filter(({ kind }) => kind === "disguise:link-preview");
    expect(new Set(fetchers.map(({ outcome, status }) => `${outcome} ${status}`))).toEqual(
      new Set(["closed 200"]),
    );
    expect(bundle.rehearsed).toBeDefined();
    const modules = bundle.files.filter(({ path }) => path.startsWith("_worker.js/"));
    expect(bundle.modules).toEqual(Object.fromEntries(modules.map(({ path, sha256 }) => [path, sha256])));
    const card = readFileSync(join(bundle.folder, ".auth", "card.png"));
    expect([card.readUInt32BE(16), card.readUInt32BE(20)]).toEqual([1200, 630]);
    expect(bundle.files.map(({ path }) => path)).toContain(".auth/card.png");
  });
});

describe("report mode", () => {
  it("everything has to answer as it does without a gate", async () => {
    const pack = await packOf(site, scratch.at("pack-report"));
    const config = await siteConfig();
    const policy = { ...config.policy, report: true };
    const gate = join(dist, "gate", "site.js");
    const made = await wrapPack(pack, { ...config, policy }, scratch.at("bundle-report"), gate);
    const { report } = await rehearsed(made);
    expect(report).toMatchObject({ ok: true, open: 0, broken: 0 });
    const root = report.results.find(({ target, method }) => target === "/" && method === "GET");
    expect(root?.outcome).toBe("public");
  });
});

describe("a site with functions", () => {
  it("is closed, its functions and its former route excludes too", async () => {
    const { report } = await rehearsed(
      await bundleOf({ ...site, "worker/index.js": functionsModule() }, ["/docs/*"]),
    );
    expect(report.ok).toBe(true);
    const targets = report.results
      .filter(({ outcome }) => outcome === "closed")
      .map(({ method, target }) => `${method} ${target}`);
    expect(targets).toEqual(
      expect.arrayContaining(["GET /api/hello", "POST /api/hello", "GET /docs/mooring"]),
    );
    expect(report.results.some(({ kind }) => kind === "former-exclude")).toBe(true);
  });
});

describe("what must not be uploaded", () => {
  it("a bundle whose gate is missing is open", async () => {
    const gate = scratch.at("no-gate.js");
    writeFileSync(gate, "export const createGate = (config, site) => site;\n");
    await expect(rehearsed(await bundleOf(site, [], gate))).rejects.toMatchObject({ code: "rehearsal-open" });
  });

  it("a gate that lets one file past is open, even under a status of refusal and in the middle of a page", async () => {
    const gate = scratch.at("leaking-gate.js");
    writeFileSync(
      gate,
      `import { createGate as real } from "./site/real-gate.js";
       export const createGate = (config, site) => {
         const gate = real(config, site);
         return { async fetch(request, env, context) {
           if (new URL(request.url).pathname !== "/data.json") return gate.fetch(request, env, context);
           const content = await (await env.ASSETS.fetch(request)).text();
           return new Response("<p>" + content.slice(2), { status: 403, headers: { "x-entra-gate-code": "not-admitted" } });
         } };
       };`,
    );
    const real = readFileSync(join(dist, "gate", "site.js"));
    const bundle = bundleOf(
      { ...site, "worker/index.js": functionsModule(), "worker/real-gate.js": real },
      [],
      gate,
    );
    await expect(rehearsed(await bundle)).rejects.toMatchObject({
      code: "rehearsal-open",
      detail: expect.stringContaining("data.json"),
    });
  });

  it("code that answers before the gate is open", async () => {
    const files = { ...small, "worker/index.js": functionsModule() };
    const first = `
      import site from "./site/index.js";
      import { createGate } from "./gate.js";
      import config from "./config.js";
      const gate = createGate(config, site);
      export default { fetch: (request, env, context) =>
        (new URL(request.url).pathname === "/api/hello" ? site : gate).fetch(request, env, context) };`;
    await expect(rehearsed(await tampered(files, "_worker.js/index.js", first))).rejects.toMatchObject({
      code: "rehearsal-open",
      detail: expect.stringMatching(/open: GET \S+\/api\/hello \(function\)/),
    });
  });

  it("what a list of included paths leaves out, or excludes, is served past the worker and open", async () => {
    const routes = '{"version":1,"include":["/","/style.css"],"exclude":["/style.css"]}';
    const { detail } = await rehearsed(await tampered(small, "_routes.json", routes)).catch((error) => error);
    expect(detail).toMatch(/open: GET \S+\/docs\/mooring /);
    expect(detail).toMatch(/open: GET \S+\/style\.css /);
  });

  it("a rewrite from an open path to a closed page is open", async () => {
    const rewrite = "/public/page /docs/mooring 200\n";
    await expect(rehearsed(await tampered(small, "_redirects", rewrite))).rejects.toMatchObject({
      code: "rehearsal-open",
      detail: expect.stringMatching(/open: GET \S+\/public\/page \(redirect\).*mooring/),
    });
  });

  it("a site that throws while it is loaded is the site's error, told in its own words", async () => {
    const bundle = await bundleOf({
      ...small,
      "worker/index.js":
        'console.log("casting off");\nthrow new Error("no harbour today");\nexport default {};',
    });
    const failure = await rehearsed(bundle).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "site-does-not-start" });
    expect((failure as Error).message).toContain("no harbour today");
    expect((failure as Error).message).toContain("casting off");
  });

  it("a gate that throws while it is loaded is not the site's error", async () => {
    const gate = 'throw new Error("no gate today");\nexport const createGate = undefined;';
    const bundle = await tampered(small, "_worker.js/gate.js", gate);
    await expect(rehearsed(bundle)).rejects.toMatchObject({
      code: "rehearsal-failed",
      detail: expect.stringContaining("no gate today"),
    });
  });

  it("a site that never ends loading is the site's error, too", async () => {
    const bundle = await bundleOf({ ...small, "worker/index.js": "for (;;);\nexport default {};" });
    await expect(rehearsed(bundle, 10_000)).rejects.toMatchObject({ code: "site-does-not-start" });
  });

  it("a folder that is not what was made fails", async () => {
    const bundle = await bundleOf(site);
    writeFileSync(join(bundle.folder, "index.html"), "swapped");
    await expect(rehearsed(bundle)).rejects.toMatchObject({ code: "rehearsal-failed" });
    expect(existsSync(join(bundle.folder, ".auth"))).toBe(false);
  });
});

describe("the site's code", () => {
  it("finds what its deployment's environment has", async () => {
    const module = `
      import { env } from "cloudflare:workers";
      if (env.PLACE !== "pier 9" || env.KEY === undefined) throw new Error("no variables");
      export default { async fetch(request, { ASSETS, SHIPS, ROPES, CRATES }) {
        await SHIPS.prepare("SELECT 1").all();
        await ROPES.put("a", "b");
        await CRATES.put("a", "b");
        return ASSETS.fetch(request);
      } };`;
    const bundle = await bundleOf({ ...small, "worker/index.js": module });
    const vars = { PLACE: "pier 9", KEY: "not known" };
    const { report } = await rehearsed(bundle, undefined, {
      vars,
      d1: ["SHIPS"],
      kv: ["ROPES"],
      r2: ["CRATES"],
    });
    expect(report.ok).toBe(true);
  });
});

describe("the stranger's code", () => {
  it("fetches 127.0.0.1 and gets nothing, by name, by number and by socket", async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(request.url ?? "");
      response.end("secret of the runner");
    });
    server.on("connection", () => seen.push("connection"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    // Answers with the public file only if it ran and reached nothing; anything else fails the rehearsal.
    const module = `
      import { connect } from "cloudflare:sockets";
      const attempt = async (work) => { try { return String(await work()); } catch (error) { return "failed"; } };
      const socket = async () => {
        const opened = connect({ hostname: "127.0.0.1", port: ${port} });
        const writer = opened.writable.getWriter();
        await writer.write(new TextEncoder().encode("GET /socket HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n"));
        return new Response(opened.readable).text();
      };
      export default { async fetch(request, env) {
        if (new URL(request.url).pathname !== "/public/hello.txt") return env.ASSETS.fetch(request);
        const tried = await Promise.all([
          attempt(async () => (await fetch("http://127.0.0.1:${port}/number")).text()),
          attempt(async () => (await fetch("http://localhost:${port}/name")).text()),
          attempt(async () => (await fetch("http://169.254.169.254/latest/meta-data/")).text()),
          attempt(socket),
        ]);
        const nothing = tried.every((text) => text === "failed" || text === "error code: 1016");
        return nothing ? env.ASSETS.fetch(request) : new Response(tried.join(), { status: 500 });
      } };`;
    try {
      const { report } = await rehearsed(await bundleOf({ ...site, "worker/index.js": module }));
      const answer = report.results.find(
        ({ target, method }) => target === "/public/hello.txt" && method === "GET",
      );
      expect(answer?.reason).toContain("answered with the file");
      expect(seen).toEqual([]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it("finds nothing of the runner's environment", async () => {
    process.env["CLOUDFLARE_API_TOKEN"] = "token-of-the-runner";
    try {
      const module =
        'import process from "node:process";\nthrow new Error("ENV " + JSON.stringify(process.env) + " END");\nexport default {};';
      const outcome = rehearsed(await bundleOf({ ...site, "worker/index.js": module }));
      await expect(outcome).rejects.toMatchObject({ detail: expect.stringContaining("ENV {} END") });
    } finally {
      delete process.env["CLOUDFLARE_API_TOKEN"];
    }
  });
});
