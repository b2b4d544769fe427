import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { compilePolicy } from "../../../contract/policy/compile.ts";
import { createDecider } from "../../../contract/policy/decide.ts";
import { parsePolicy } from "../../../contract/policy/parse.ts";
import { verdictText } from "../../../pages-plugin/src/cli/verify/table.ts";
import { verifyUrl } from "../../../pages-plugin/src/cli/verify/verify.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(handler: Handler): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://pr-7.site.localhost:${(server.address() as AddressInfo).port}`;
}

const options = { timeout: 5000, nothing: "0".repeat(32) };
const gate: Handler = (_, response) => {
  response.writeHead(401, { "x-entra-gate-code": "sign-in-required" }).end("{}");
};

describe("entra-gate verify", () => {
  it("finds an address closed where each request is refused by a gate", async () => {
    const { verdict, tried } = await verifyUrl(`${await serve(gate)}/docs/`, options);
    expect(verdict).toBe("closed");
    expect(tried.filter(({ finding }) => finding === "closed").length).toBeGreaterThan(40);
  });

  it("finds a site without a gate open", async () => {
    const origin = await serve((_, response) =>
      response.writeHead(200, { "content-type": "text/html" }).end("hello"),
    );
    expect((await verifyUrl(origin, options)).verdict).toBe("open");
  });

  it.each([
    ["a method", ({ method }) => method === "HEAD"],
    ["a spelling", ({ url }) => url === "/docs%2f"],
    ["a spoofed header (CVE-2026-40575)", ({ headers }) => headers["x-forwarded-uri"] !== undefined],
    [
      "a health check's User-Agent (CVE-2026-34457)",
      ({ headers }) => /GoogleHC/.test(headers["user-agent"] ?? ""),
    ],
    ["a range", ({ headers }) => headers.range !== undefined],
    ["a file beside the page", ({ url }) => url === "/robots.txt"],
  ] satisfies [string, (request: IncomingMessage) => boolean][])(
    "finds what only %s opens",
    async (_, opens) => {
      const origin = await serve((request, response) =>
        opens(request) ? response.writeHead(200).end("content") : gate(request, response),
      );
      const { verdict, tried } = await verifyUrl(`${origin}/docs`, options);
      expect(verdict).toBe("open");
      expect(tried.filter(({ finding }) => finding === "open").length).toBeLessThanOrEqual(2);
    },
  );

  it("takes a confirmed copy for open", async () => {
    const origin = await serve((request, response) =>
      request.headers["if-none-match"] ? response.writeHead(304).end() : gate(request, response),
    );
    expect((await verifyUrl(origin, options)).verdict).toBe("open");
  });

  it("knows the sign-in of other gates, also behind a redirect within the site", async () => {
    const origin = await serve(({ url }, response) =>
      response
        .writeHead(302, {
          location: url === "/.auth/login/aad" ? "https://login.microsoftonline.com/x" : "/.auth/login/aad",
        })
        .end(),
    );
    expect((await verifyUrl(origin, options)).verdict).toBe("closed");
  });

  it("follows a redirect within the site to content", async () => {
    const origin = await serve(({ url }, response) =>
      url === "/" ? response.writeHead(200).end("home") : response.writeHead(308, { location: "/" }).end(),
    );
    expect((await verifyUrl(`${origin}/index.html`, options)).verdict).toBe("open");
  });

  it.each([
    ["a challenge", (_, response) => response.writeHead(403, { "cf-mitigated": "challenge" }).end()],
    ["a server that fails", (_, response) => response.writeHead(502).end()],
    [
      "an address that redirects without end",
      (_, response) => response.writeHead(302, { location: "/again" }).end(),
    ],
    ["an address where there is nothing at all", (_, response) => response.writeHead(404).end("none")],
  ] satisfies [string, Handler][])("can't tell from %s", async (_, handler) => {
    expect((await verifyUrl(await serve(handler), options)).verdict).toBe("unclear");
  });

  it("can't tell where everything leads to another address that answers", async () => {
    const other = await serve((_, response) => response.writeHead(200).end("elsewhere"));
    const origin = await serve((_, response) => response.writeHead(301, { location: other }).end());
    expect((await verifyUrl(origin.replace("pr-7", "pr-8"), options)).verdict).toBe("unclear");
  });

  it("lets answer what the policy lets anyone see, and nothing else", async () => {
    const parsed = parsePolicy({
      preview: {
        rules: [
          { path: "/.well-known/*", allow: "anyone" },
          { path: "/*", allow: "members" },
        ],
      },
    });
    if (!parsed.ok) throw new Error("the policy is not valid");
    const decide = createDecider(await compilePolicy(parsed.policy, "preview"));
    const origin = await serve((request, response) =>
      request.url === "/.well-known/security.txt"
        ? response.writeHead(200).end("Contact")
        : gate(request, response),
    );
    expect((await verifyUrl(origin, options)).verdict).toBe("open");
    expect((await verifyUrl(origin, { ...options, decide })).verdict).toBe("closed");
    const careless = await serve((_, response) => response.writeHead(200).end("content"));
    expect((await verifyUrl(careless, { ...options, decide })).verdict).toBe("open");
  });

  it("lets nothing that a server sent steer the terminal", async () => {
    const origin = await serve((_, response) =>
      response.writeHead(200, { "content-type": "a\u009b31mb" }).end("x"),
    );
    expect(verdictText(await verifyUrl(origin, options))).not.toMatch(/[^\x20-\x7e\n]/);
  });

  it.each(["site.pages.dev", "ftp://site", "https://me:secret@site.example"])("refuses %s", async (url) => {
    await expect(verifyUrl(url, options)).rejects.toMatchObject({ code: "url-invalid" });
  });
});
