import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { CompiledRule } from "../../../contract/policy/model.ts";
import { createSiteGate } from "../../../pages-plugin/src/site/gate.ts";
import { config, key, ticketFor } from "./support.ts";

/**
 * A gated site and a sign-in host that lets everybody in at once, on one port and two sites: what a browser sees of
 * both is real, what the host decides is not looked at here.
 */
export interface BrowserWorld {
  readonly site: string;
  readonly host: string;
  /** How often the host was asked to sign somebody in. */
  authorizations: number;
  /** Whether the host still knows the visitor. */
  hostSession: boolean;
  /** Groups that the next ticket carries. */
  groups: readonly string[];
  /** An origin of the same site that is somebody else's: a sibling preview. */
  readonly sibling: string;
  /** Another one; unlike the first it is not listed in the `cors` of `/api/*`. */
  readonly unlisted: string;
  /** What the page of either is. */
  siblingPage: string;
  /** What reached the code behind the gate, with whose name. */
  readonly reached: string[];
  /** Changes a Cookie header on its way in, as a browser or a proxy with ideas of its own would. */
  cookieFilter: (path: string, cookie: string) => string;
  /** Changes Set-Cookie on its way out. */
  setCookieFilter: (line: string) => boolean;
  close(): Promise<void>;
}

export async function startBrowserWorld(groups: readonly string[]): Promise<BrowserWorld> {
  const server: Server = createServer((incoming, outgoing) => {
    const name = incoming.headers.host?.split(".")[0];
    const others = name === "b2b2b2b2" || name === "c3c3c3c3";
    void (name === "gate" ? authorize : others ? attack : visit)(incoming, outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const host = `http://gate.localhost:${port}`;
  const site = `http://a1b2c3d4.demo.localhost:${port}`;
  const world: BrowserWorld = {
    site,
    host,
    authorizations: 0,
    hostSession: true,
    groups,
    sibling: `http://b2b2b2b2.demo.localhost:${port}`,
    unlisted: `http://c3c3c3c3.demo.localhost:${port}`,
    siblingPage: "",
    reached: [],
    cookieFilter: (_, cookie) => cookie,
    setCookieFilter: () => true,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  const cors = {
    origins: [world.sibling],
    credentials: true,
    methods: ["GET", "PUT"],
    headers: ["Content-Type"],
  };
  const reviewing = config.policy.rules.at(-1) as CompiledRule;
  const api = { ...reviewing, id: "preview.rules[9]", path: "/api/*", cors };
  const policy = { ...config.policy, rules: [api, ...config.policy.rules] };
  const gate = createSiteGate(
    { ...config, policy, signIn: { origin: host, keys: [] } },
    {
      now: () => Date.now(),
      fetch: async () => Response.json({ keys: [key.jwk] }),
      random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
      log: () => undefined,
    },
  );

  async function visit(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = incoming.url ?? "/";
    const headers = new Headers(incoming.headers as Record<string, string>);
    const cookie = world.cookieFilter(path, headers.get("cookie") ?? "");
    if (cookie === "") headers.delete("cookie");
    else headers.set("cookie", cookie);
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const method = incoming.method ?? "GET";
    const body = method === "GET" || method === "HEAD" ? null : Buffer.concat(chunks);
    const answer = await gate.handle({
      request: new Request(site + path, { method, headers, body }),
      waitUntil: () => undefined,
      next: async (_, visitor) => {
        world.reached.push(`${method} ${path} as ${visitor?.name ?? "nobody"}`);
        return new Response(
          `<!doctype html><html lang="en"><title>Site</title><main><h1>content of ${path}</h1></main>`,
          { headers: { "content-type": "text/html; charset=utf-8", "cache-control": "public, max-age=600" } },
        );
      },
    });
    for (const [name, value] of answer.headers) if (name !== "set-cookie") outgoing.setHeader(name, value);
    outgoing.setHeader("set-cookie", answer.headers.getSetCookie().filter(world.setCookieFilter));
    outgoing.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
  }

  async function attack(_: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    outgoing.setHeader("content-type", "text/html; charset=utf-8");
    outgoing.end(`<!doctype html><title>Sibling</title>${world.siblingPage}`);
  }

  async function authorize(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? "/", host);
    outgoing.setHeader("content-type", "text/html; charset=utf-8");
    if (url.pathname !== "/.auth/authorize" || !world.hostSession) {
      outgoing.end("<!doctype html><title>Host</title><h1>Choose an account</h1>");
      return;
    }
    world.authorizations++;
    const now = Math.floor(Date.now() / 1000);
    const ticket = await ticketFor({
      iss: host,
      aud: url.searchParams.get("origin") ?? "",
      groups: world.groups,
      iat: now,
      exp: now + 600,
      accept_by: now + 60,
      cnf: { challenge: url.searchParams.get("challenge") ?? "" },
    });
    outgoing.end(
      `<!doctype html><title>Host</title><form method="post" action="${site}/.auth/accept">` +
        `<input type="hidden" name="ticket" value="${ticket}"><input type="hidden" name="tx" value="${url.searchParams.get("tx")}">` +
        "<button>Go on</button></form><script>document.forms[0].submit()</script>",
    );
  }

  return world;
}
