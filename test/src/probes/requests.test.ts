import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { openProbeClient } from "../../../contract/probes/client.ts";
import { spellings } from "../../../contract/probes/spellings.ts";
import { type Probe, probesFor } from "../../../src/probes/list.ts";
import { pathRules } from "../../../src/probes/public.ts";
import { probeOrigin } from "../../../src/probes/run.ts";
import type { Bundle } from "../../../src/steps/types.ts";
import { siteConfig } from "../steps/fixtures.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const started = createServer(handler);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return `http://a.b.localhost:${(started.address() as AddressInfo).port}`;
}

const config = { ...(await siteConfig()), staticPaths: ["/assets/*"] };
const rules = pathRules(config.policy);
const paths = [
  "index.html",
  "docs/index.html",
  "docs/a.html",
  "404.html",
  "a.js",
  "a.css",
  "a.png",
  "a.woff2",
  "RELEASE",
  ".well-known/x",
  "assets/b.js",
  "_redirects",
  "_headers",
  "_routes.json",
  "_worker.js/index.js",
  "_worker.js/gate.js",
  "public/x.txt",
];
const bundle: Bundle = {
  kind: "gated",
  folder: "/nowhere",
  id: "b".repeat(32),
  environment: "preview",
  files: paths.map((path) => ({ path, size: 10, sha256: "0".repeat(64) })),
  config,
};
const nothing = { files: 0, find: () => undefined };

describe("a probe", () => {
  it("arrives exactly as it is written", async () => {
    const seen: string[] = [];
    const origin = await serve(({ url = "" }, response) => {
      seen.push(url);
      response.end();
    });
    const client = openProbeClient(origin, 5_000);
    const targets = spellings("/docs/a", "/public")
      .map(({ target }) => target)
      .filter((target) => target.startsWith("/"));
    for (const target of targets) await client.send({ method: "GET", target, headers: {} });
    client.close();
    expect(seen).toEqual(targets);
    for (const target of [
      "//docs/a",
      "/docs//a",
      "/docs%2fa",
      "/entra-gate-probe/../docs/a",
      "/entra-gate-probe/%2e%2e/docs/a",
      "/docs/%61",
      "/docs/%2561",
      "/docs/A",
      "/docs/a.html",
      "/docs/a/",
      "/docs/a%00",
      "/docs/a%23/.well-known/x",
      "/public/..%2fdocs/a",
    ]) {
      expect(seen).toContain(target);
    }
  });

  it("reads compressed answers, and gives up on one that never ends", async () => {
    const origin = await serve(({ url }, response) => {
      if (url === "/gzip")
        response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("hello harbour"));
    });
    const client = openProbeClient(origin, 200);
    expect((await client.send({ method: "GET", target: "/gzip", headers: {} })).body.toString()).toBe(
      "hello harbour",
    );
    await expect(client.send({ method: "GET", target: "/never", headers: {} })).rejects.toThrow("200 ms");
    client.close();
  });
});

describe("the list of probes", () => {
  const list = probesFor(bundle, { functions: ["/api/hello"], redirects: ["/old"] }, rules);
  const has = (kind: string, method: string) =>
    list.some((one) => one.kind === kind && one.method === method);

  it("asks for every kind of file by every method", () => {
    for (const kind of [
      "page",
      "nested-index",
      "script",
      "style",
      "image",
      "font",
      "well-known",
      "not-found-page",
      "no-extension",
      "redirect",
      "function",
      "former-exclude",
      "nothing-there",
    ]) {
      for (const method of ["GET", "HEAD", "POST", "OPTIONS"])
        expect([kind, method, has(kind, method)]).toEqual([kind, method, true]);
    }
    expect(list.length).toBeGreaterThan(100);
    expect(list.length).toBeLessThan(400);
  });

  it("has each attack seen in the wild", () => {
    const kinds = new Set(list.map(({ kind }) => kind));
    for (const kind of [
      "disguise:forwarded-uri", // CVE-2026-40575
      "spelling:query-as-path", // GHSA-7rh7-c77v-6434
      "spelling:encoded-hash", // CVE-2026-41059
      "disguise:health-check", // CVE-2026-34457
      "spelling:double-encoded-letter", // CVE-2025-66202
      "spelling:encoded-slash", // CVE-2026-29087
      "disguise:framework-header", // GHSA-f82v-jwr5-mffw
      "disguise:malformed-bearer", // GHSA-xmf8-cvqr-rfgj
      "disguise:identity-headers", // CVE-2026-30851, CVE-2025-64484
      "disguise:forged-cookie", // CVE-2026-22817
      "disguise:forged-session", // whoever does not look at signatures
    ]) {
      expect(kinds).toContain(kind);
    }
  });

  it("expects the policy's own answer for each", () => {
    const expected = (target: string) =>
      list.find((one) => one.target === target && one.method === "GET")?.public;
    expect(expected("/.well-known/x")).toBe(true);
    expect(expected("/docs/a")).toBe(false);
    expect(list.filter(({ kind }) => kind.startsWith("spelling:")).every((one: Probe) => one.odd)).toBe(true);
  });

  it("expects a page with 200 of a link-preview fetcher alone, and only where the policy has card", () => {
    expect(list.filter(({ card }) => card)).toEqual([]);
    const policy = { ...config.policy, card: true };
    const others = probesFor(
      { ...bundle, config: { ...config, policy } },
      { functions: [], redirects: [] },
      rules,
    );
    const kinds = others.filter(({ card }) => card).map(({ kind, method }) => `${method} ${kind}`);
    expect([...new Set(kinds)]).toEqual(["GET disguise:link-preview"]);
  });

  it("stays within bounds for a large site", () => {
    const files = Array.from({ length: 20_000 }, (_, index) => ({
      path: `p/${index}.html`,
      size: 1,
      sha256: "0".repeat(64),
    }));
    expect(
      probesFor({ ...bundle, files: [...bundle.files, ...files] }, { functions: [], redirects: [] }, rules)
        .length,
    ).toBeLessThan(700);
  });
});

describe("probing an origin", () => {
  const options = { timeout: 2_000, attempts: 3, statusAttempts: 3, pause: 1, wait: async () => undefined };
  const status = { role: "site", bundle: bundle.id, policy: config.policy.digest, environment: "preview" };
  const probe: Probe = { method: "GET", target: "/x", headers: {}, kind: "page", public: false, odd: false };
  const plan = { bundle, probes: [probe], closed: nothing };

  async function outcomes(
    answers: (
      path: string,
      nth: number,
    ) => { status: number; body?: unknown; headers?: Record<string, string> },
  ) {
    const counts = new Map<string, number>();
    const origin = await serve(({ url = "" }, response) => {
      const nth = (counts.get(url) ?? 0) + 1;
      counts.set(url, nth);
      const { status: code, body, headers = {} } = answers(url, nth);
      response.writeHead(code, headers).end(body === undefined ? undefined : JSON.stringify(body));
    });
    const report = await probeOrigin(origin, plan, options);
    return { report, seen: report.results.map(({ outcome }) => outcome), counts };
  }
  const refusal = { status: 401, headers: { "x-entra-gate-code": "sign-in-required" } };

  it("asks again until the deployment is there, and where an answer was unclear", async () => {
    const { seen, report } = await outcomes((path, nth) =>
      path === "/x"
        ? nth < 3
          ? { status: 522 }
          : refusal
        : nth < 3
          ? { status: 404 }
          : { status: 200, body: status },
    );
    expect(seen).toEqual(["public", "closed"]);
    expect(report).toMatchObject({ ok: true, total: 2, open: 0, inconclusive: 0 });
  });

  it.each(["bundle", "policy", "environment", "role"])(
    "is inconclusive where status names another %s",
    async (key) => {
      const { seen, report } = await outcomes((path) =>
        path === "/x" ? refusal : { status: 200, body: { ...status, [key]: "other" } },
      );
      expect(seen).toEqual(["inconclusive", "closed"]);
      expect(report.ok).toBe(false);
    },
  );

  it("is inconclusive behind a challenge page, and fails", async () => {
    const { report, counts } = await outcomes(() => ({
      status: 403,
      headers: { "cf-mitigated": "challenge" },
    }));
    expect(report).toMatchObject({ ok: false, open: 0, inconclusive: 2 });
    expect(counts.get("/x")).toBe(1);
  });

  it("takes content for proof at once only where nothing else was ever served", async () => {
    const leaking = { ...plan, closed: { files: 1, find: () => "404.html" } };
    let asked = 0;
    const origin = await serve((_, response) => {
      asked += 1;
      response.writeHead(404).end("the site's own page");
    });
    const fresh = await probeOrigin(origin, { ...leaking, probes: [] }, { ...options, fresh: true });
    expect([fresh.open, asked]).toEqual([1, 1]);
    // An alias may still show what was there before, ungated: that is waited out.
    const alias = await probeOrigin(origin, { ...leaking, probes: [] }, options);
    expect([alias.open, asked]).toEqual([1, 1 + options.statusAttempts]);
  });

  it("stops asking at the first open answer", async () => {
    const { report, counts } = await outcomes((path) =>
      path === "/x" ? { status: 200 } : { status: 200, body: status },
    );
    expect(report).toMatchObject({ ok: false, open: 1 });
    expect(counts.get("/x")).toBe(1);
  });
});
