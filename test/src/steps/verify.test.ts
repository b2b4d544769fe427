import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { productionOrigins } from "../../../src/origins.ts";
import type { Bundle, Deployment } from "../../../src/steps/types.ts";
import { originsOf, requireClosed, verify } from "../../../src/steps/verify.ts";
import { wrapPack } from "../../../src/steps/wrap.ts";
import { packOf, rehearsalScript, scratchFolder, siteConfig } from "./fixtures.ts";

const scratch = scratchFolder();
const page = "<!doctype html><title>Tides</title><p>The tide tables of pier nine, berth 4711.</p>";
const quick = { timeout: 2_000, attempts: 1, statusAttempts: 2, pause: 0, wait: async () => undefined };

let bundle: Bundle;
/** Labels of the hosts that serve the file itself, and of those that were asked anything. */
const leftOpen = new Set<string>();
const asked = new Set<string>();

const server = createServer((request, response) => {
  const [label = ""] = (request.headers.host ?? "").split(".");
  asked.add(label);
  if (leftOpen.has(label)) response.end(page);
  else if (request.url === "/.auth/status") {
    const { id, config, environment } = bundle;
    response.end(JSON.stringify({ role: "site", bundle: id, policy: config?.policy.digest, environment }));
  } else response.writeHead(401, { "x-entra-gate-code": "sign-in-required" }).end();
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const pack = await packOf({ "assets/index.html": page }, scratch.at("pack"));
  // What the gate does is not looked at here; any file stands for its code.
  bundle = await wrapPack(pack, await siteConfig("production"), scratch.at("site"), rehearsalScript);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  scratch.remove();
});

describe("microfeed#70: an origin of the project that stays open beside those that are closed", () => {
  const labels = ["hash", "main", "apex", "www", "shop"] as const;

  async function verified() {
    const host = (label: string) => `${label}.localhost:${(server.address() as AddressInfo).port}`;
    const deployment: Deployment = {
      id: "d1",
      project: "harbour",
      branch: "main",
      url: `http://${host("hash")}`,
      aliases: [`http://${host("main")}`],
      environment: "production",
      bundle: bundle.id,
    };
    const project = { subdomain: host("apex"), domains: [host("apex"), host("www"), host("shop")] };
    return verify(bundle, originsOf(deployment, productionOrigins(project)), quick);
  }

  it("passes where all of them are closed, each asked the same", async () => {
    leftOpen.clear();
    asked.clear();
    const report = await verified();
    expect(report).toMatchObject({ ok: true, open: 0 });
    expect([...asked]).toEqual(labels);
    expect(report.total % labels.length).toBe(0);
    expect(() => requireClosed(report)).not.toThrow();
  });

  it.each(labels)("finds it at %s and names it", async (label) => {
    leftOpen.clear();
    leftOpen.add(label);
    const report = await verified();
    const open = report.results.filter(({ outcome }) => outcome === "open");
    expect(report.ok).toBe(false);
    expect(open.length).toBeGreaterThan(20);
    expect(new Set(open.map(({ origin }) => new URL(origin).hostname))).toEqual(
      new Set([`${label}.localhost`]),
    );
    expect(() => requireClosed(report)).toThrow("verify-open");
  });
});
