import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unstable_startWorker } from "wrangler";
import { type Answer, type Asking, ask } from "../pages-plugin/entries/http-client.ts";
import { key, navigation, pin, ticketFor, verifier } from "../pages-plugin/site/support.ts";

/** examples/worker as wrangler runs it, with its own wrangler.jsonc: real workerd, real static assets. */
const config = join(import.meta.dirname, "..", "..", "examples", "worker", "wrangler.jsonc");
const hostOrigin = "http://sign-in.localhost:9";
const now = Math.floor(Date.now() / 1000);

type Started = Awaited<ReturnType<typeof unstable_startWorker>>;
const started: Started[] = [];
afterAll(() => Promise.all(started.map((worker) => worker.dispose())));

interface Site {
  ask(path: string, asking?: Asking): Promise<Answer>;
}

async function start(changes: object = {}): Promise<Site> {
  const plain = (value: string) => ({ type: "plain_text" as const, value });
  const worker = await unstable_startWorker({
    config,
    bindings: {
      GATE_SIGN_IN_ORIGIN: plain(hostOrigin),
      GATE_SIGN_IN_KEYS: plain(JSON.stringify({ keys: [pin(key, now + 86_400)] })),
      ...changes,
    },
    dev: { server: { port: 0 }, inspector: false, logLevel: "none", persist: false, watch: false },
  });
  started.push(worker);
  const url = await worker.url;
  return { ask: (path, asking) => ask(Number(url.port), url.host, path, asking) };
}

let site: Site;
beforeAll(async () => {
  site = await start();
});

/** The origin that the gate takes for its own; a ticket is for exactly that. */
async function session(roles: readonly string[]): Promise<Record<string, string>> {
  const login = await site.ask("/.auth/login?return_to=/admin/", { headers: navigation });
  const aud = new URL(login.headers.get("location") ?? "").searchParams.get("origin") ?? "";
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
});
