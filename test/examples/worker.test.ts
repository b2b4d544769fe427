import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unstable_startWorker } from "wrangler";
import { doctor } from "../../pages-plugin/src/cli/doctor.ts";
import { type Answer, type Asking, ask } from "../pages-plugin/entries/http-client.ts";
import { key, navigation, pin, ticketFor, verifier } from "../pages-plugin/site/support.ts";
import { root, scratchFolder } from "../src/steps/fixtures.ts";

/** examples/worker as wrangler runs it, with its own wrangler.jsonc: real workerd, real static assets. */
const config = join(root, "examples", "worker", "wrangler.jsonc");
const scratch = scratchFolder();
const hostOrigin = "http://sign-in.localhost:9";
const now = Math.floor(Date.now() / 1000);

type Started = Awaited<ReturnType<typeof unstable_startWorker>>;
const started: Started[] = [];
afterAll(async () => {
  await Promise.all(started.map((worker) => worker.dispose()));
  scratch.remove();
});

interface Site {
  readonly url: string;
  ask(path: string, asking?: Asking): Promise<Answer>;
}

async function start(changes: object = {}, file = config): Promise<Site> {
  const plain = (value: string) => ({ type: "plain_text" as const, value });
  const worker = await unstable_startWorker({
    config: file,
    bindings: {
      GATE_SIGN_IN_ORIGIN: plain(hostOrigin),
      GATE_SIGN_IN_KEYS: plain(JSON.stringify({ keys: [pin(key, now + 86_400)] })),
      ...changes,
    },
    dev: { server: { port: 0 }, inspector: false, logLevel: "none", persist: false, watch: false },
  });
  started.push(worker);
  const url = await worker.url;
  return { url: url.href, ask: (path, asking) => ask(Number(url.port), url.host, path, asking) };
}

let site: Site;
beforeAll(async () => {
  site = await start();
});

/** A ticket is for exactly the origin that was asked. */
async function session(roles: readonly string[]): Promise<Record<string, string>> {
  const aud = new URL(site.url).origin;
  const claims = {
    iss: hostOrigin,
    aud,
    environment: "production",
    roles: [...roles],
    exp: now + 3600,
  } as const;
  return { ...navigation, cookie: `__Host-entra-gate-session=${await ticketFor(claims)}.${verifier}` };
}

describe("the example of a plain Worker", () => {
  it("is open at / and closed at /admin/*, its static files, too", async () => {
    expect((await site.ask("/")).text).toContain("Open harbour");
    for (const path of ["/admin/", "/admin", "/admin/index.html", "/%61dmin/", "/admin/nothing"]) {
      const answer = await site.ask(path);
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.text).not.toContain("Closed harbour");
    }
    expect((await site.ask("/.auth/status")).text).toContain('"environment":"production"');
  });

  it("shows the closed part to whom the policy admits, and to nobody else", async () => {
    const admin = await session(["Site.Admin"]);
    const page = await site.ask("/admin/", { headers: admin });
    expect(page.text).toContain("Closed harbour office");
    expect(page.headers.get("cache-control")).toBe("private, no-store");
    expect((await site.ask("/admin/", { headers: await session([]) })).status).toBe(403);
  });

  it("tells the code behind who is signed in, on open paths, too", async () => {
    const spoofed = { "x-ms-client-principal-name": "spoofed" };
    expect((await site.ask("/api/me", { headers: spoofed })).text).toBe('{"name":null}');
    const headers = { ...(await session([])), ...spoofed };
    expect((await site.ask("/api/me", { headers })).text).toBe('{"name":"Rita Reviewer"}');
  });

  it("answers nothing with content where a setting is missing", async () => {
    const broken = await start({ GATE_SIGN_IN_ORIGIN: { type: "plain_text", value: "" } });
    for (const path of ["/", "/admin/", "/api/me"]) expect((await broken.ask(path)).status).toBe(503);
  });

  it("is proved closed by doctor, which finds it open where files pass the Worker by", async () => {
    const check = (file: string, url: string) =>
      doctor({ project: dirname(file), policy: "gate.json", environment: "production", url });
    expect(await check(config, site.url)).toContain("is closed");
    const copy = scratch.at("open");
    cpSync(dirname(config), copy, { recursive: true });
    mkdirSync(join(copy, "node_modules"));
    symlinkSync(join(root, "pages-plugin"), join(copy, "node_modules", "pages-plugin-entra-gate"));
    const file = join(copy, "wrangler.jsonc");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace('"run_worker_first": true', '"run_worker_first": ["/api/*"]'));
    const open = await start({}, file);
    writeFileSync(file, text);
    await expect(check(file, open.url)).rejects.toMatchObject({ code: "file-open" });
  });
});
