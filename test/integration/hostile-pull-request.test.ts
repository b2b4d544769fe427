import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compilePolicy } from "../../contract/policy/compile.ts";
import { parsePolicy } from "../../contract/policy/parse.ts";
import { demo } from "../../local/world/demo.ts";
import {
  addresses,
  type Company,
  get,
  living,
  type Ran,
  runLimit,
  startCompany,
  withoutDelays,
} from "./company.ts";
import { packed, paths, policy, realBuild, smallRepository, smallSite } from "./small-site.ts";

const nonce = `release-${Date.now().toString(36)}`;
const text = (content: string) => Buffer.from(content);
let company: Company;
let canary: Canary;

beforeAll(async () => {
  company = await startCompany(nonce);
  withoutDelays(company.world);
  canary = await startCanary();
  const first = await company.push({ branch: "main", files: await smallRepository(nonce), wholeTree: true });
  expect(first.gate?.conclusion, first.gate?.log).toBe("success");
}, runLimit);
afterAll(async () => {
  await company?.close();
  await canary?.close();
});

/** A project that its own build compiles with wrangler. */
const project = {
  [paths.build]: text(realBuild),
  "package.json": text(
    JSON.stringify({ name: "site", private: true, type: "module", scripts: { build: "true" } }),
  ),
  "public/index.html": text(`<!doctype html><title>Tides</title><p>Tides of ${nonce}</p>`),
  "public/.well-known/security.txt": text("Contact: mailto:security@harbour.example\n"),
};

const made = (ran: Ran) =>
  company.world.cloudflare
    .deployments(demo.project)
    .find(({ id }) => id === ran.gate?.outputs["deployment-id"]);

async function expectClosed(ran: { readonly number: number }, asked: readonly string[]): Promise<void> {
  const origin = addresses(company.world).preview(ran.number);
  for (const path of asked) {
    const { status, headers, body } = await get(origin + path);
    expect([path, status, headers["x-entra-gate-code"]]).toEqual([path, 401, "sign-in-required"]);
    expect(body.toString()).not.toContain(nonce);
  }
}

describe("a pull request that changes gate.json to let anyone in", () => {
  it(
    "is held to the default branch's policy",
    async () => {
      const rules = [{ path: "/*", allow: "anyone" }];
      const ran = await company.pullRequest("let-me-in", {
        [paths.policy]: text(
          JSON.stringify({ ...policy, preview: { mode: "report", rules }, production: "open" }),
        ),
        [paths.artifact]: await packed({ ...smallSite(nonce), "assets/new.html": `<p>new ${nonce}</p>` }),
      });
      expect(ran.gate?.conclusion, ran.gate?.log).toBe("success");
      const { preview } = addresses(company.world);
      await expectClosed(ran, ["/", "/new", "/docs/", "/style.css"]);
      const parsed = parsePolicy(policy);
      const expected = parsed.ok ? (await compilePolicy(parsed.policy, "preview")).digest : "";
      const status = await get(`${preview(ran.number)}/.auth/status`);
      expect(JSON.parse(status.body.toString())).toMatchObject({ environment: "preview", policy: expected });
    },
    runLimit,
  );
});

describe("a pull request that swaps the plugin for a door", () => {
  const middleware = text(
    'import entraGate from "pages-plugin-entra-gate";\nimport policy from "../gate.json";\nexport const onRequest = entraGate(policy);\n',
  );
  const door = text("export default () => (context: { next(): Promise<Response> }) => context.next();\n");
  const alias = text(
    JSON.stringify({
      compilerOptions: { baseUrl: ".", paths: { "pages-plugin-entra-gate": ["./door.ts"] } },
    }),
  );
  const hello = `export const onRequestGet = () => new Response("function of ${nonce}");\n`;

  it(
    "by a tsconfig alias: the gate is in front all the same",
    async () => {
      const ran = await company.pullRequest("door", {
        ...project,
        "functions/_middleware.ts": middleware,
        "functions/api/hello.ts": text(hello),
        "door.ts": door,
        "tsconfig.json": alias,
      });
      expect(ran.runs[0]).toMatchObject({ workflow: "Build", conclusion: "success" });
      expect(ran.gate?.conclusion, ran.gate?.log).toBe("success");
      const modules = made(ran)?.upload.worker?.modules ?? [];
      const site = modules.filter(({ name }) => name.startsWith("site/"));
      expect(site.map(({ contents }) => String(contents)).join("\n")).toContain("door.ts");
      await expectClosed(ran, ["/", "/api/hello", "/%61pi/hello"]);
    },
    runLimit,
  );

  it(
    "by accepting every signature from before the first request on: found in the rehearsal, nothing deployed",
    async () => {
      const known = living(company.world).map(({ id }) => id);
      const picklock = `SubtleCrypto.prototype.verify = async () => true;\n${hello}`;
      const ran = await company.pullRequest("picklock", {
        ...project,
        "functions/_middleware.ts": middleware,
        "functions/api/hello.ts": text(picklock),
      });
      expect([ran.gate?.conclusion, ran.gate?.exitCode]).toEqual(["failure", 1]);
      expect(ran.errors.map(({ properties }) => properties["title"])).toEqual(["Entra Gate: rehearsal-open"]);
      expect(ran.errors[0]?.message).toMatch(/open: GET .*\/.* \(disguise:forged-session\)/);
      expect(living(company.world).map(({ id }) => id)).toEqual(known);
    },
    runLimit,
  );

  it(
    "by a _worker.js beside a _routes.json that keeps every path from it: the gate is in front all the same",
    async () => {
      const ran = await company.pullRequest("planted", {
        ...project,
        "public/_worker.js": text("export default { fetch: (request, env) => env.ASSETS.fetch(request) };\n"),
        "public/_routes.json": text('{"version":1,"include":["/nothing"],"exclude":["/*"]}'),
      });
      expect(ran.gate?.conclusion, ran.gate?.log).toBe("success");
      expect(made(ran)?.upload.routesFile).toBe('{"version":1,"include":["/*"],"exclude":[]}\n');
      await expectClosed(ran, ["/", "/index.html", "/nothing", "/_worker.js", "/_routes.json"]);
    },
    runLimit,
  );

  it.each(["_worker.js/index.js", "_routes.json", ".auth/status"])(
    "by an artifact made by hand that holds %s: refused by name, nothing deployed",
    async (name) => {
      const known = living(company.world).map(({ id }) => id);
      const planted = { name: `assets/${name}`, content: "export default {};\n" };
      const artifact = await packed(smallSite(nonce), [planted]);
      const ran = await company.pullRequest(`plant-${name.replaceAll(/[^a-z]/g, "-")}`, {
        [paths.artifact]: artifact,
      });
      expect([ran.gate?.conclusion, ran.gate?.exitCode]).toEqual(["failure", 1]);
      expect(ran.errors.map(({ properties }) => properties["title"])).toEqual([
        "Entra Gate: artifact-invalid",
      ]);
      expect(ran.errors[0]?.message).toContain(planted.name);
      expect(living(company.world).map(({ id }) => id)).toEqual(known);
    },
    runLimit,
  );
});

describe("a pull request without the plugin, whose function looks around on the runner", () => {
  it(
    "finds no environment and no network there, and stands behind the gate when it is deployed",
    async () => {
      const ran = await company.pullRequest("spy", {
        ...project,
        "functions/.well-known/[[path]].ts": text(spy(canary.port)),
      });
      // The function breaks a public file wherever it finds something, and a broken file ends the rehearsal.
      expect(ran.gate?.conclusion, ran.gate?.log).toBe("success");
      const deployedAt = made(ran)?.createdAt ?? 0;
      expect(canary.heard.filter(({ at }) => at < deployedAt)).toEqual([]);
      const origin = addresses(company.world).preview(ran.number);
      expect((await get(`${origin}/`)).status).toBe(401);
      // The same function does reach the canary where there is a network: silence before was no accident.
      const report = await get(`${origin}/.well-known/report`);
      expect(report.status).toBe(200);
      expect(canary.heard.length).toBeGreaterThan(0);
      const { tried, environment } = JSON.parse(report.body.toString()) as Report;
      expect(tried).toEqual(
        expect.arrayContaining(["http://127.0.0.1", "http://localhost", "socket", "process.env", "node:fs"]),
      );
      expect(environment).toEqual([]);
    },
    runLimit,
  );
});

interface Report {
  readonly tried: readonly string[];
  readonly environment: readonly string[];
}

interface Canary {
  readonly port: number;
  readonly heard: readonly { readonly at: number; readonly url: string }[];
  close(): Promise<void>;
}

/** Something on the runner's loopback that nobody has any business with. */
async function startCanary(): Promise<Canary> {
  const heard: { at: number; url: string }[] = [];
  const server: Server = createServer((request, response) => {
    heard.push({ at: Date.now(), url: request.url ?? "" });
    response.end("chirp");
  });
  server.on("connection", () => heard.push({ at: Date.now(), url: "connected" }));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers the one public file with 404 where it found anything; `/.well-known/report` says what it tried. */
function spy(port: number): string {
  return `
    import { connect } from "cloudflare:sockets";
    const readFileSync = globalThis.process?.getBuiltinModule?.("node:fs")?.readFileSync;

    const quiet = (work) => Promise.race([
      Promise.resolve().then(work).catch(() => ""),
      new Promise((resolve) => setTimeout(() => resolve(""), 500)),
    ]);

    async function lookAround(env) {
      const tried = [];
      const found = [];
      for (const host of ["http://127.0.0.1", "http://localhost", "http://[::1]", "http://canary.localhost"]) {
        tried.push(host);
        const said = await quiet(async () => (await fetch(host + ":${port}/")).text());
        if (said.includes("chirp")) found.push(host);
      }
      tried.push("socket");
      const greeting = await quiet(async () => {
        const socket = connect({ hostname: "127.0.0.1", port: ${port} });
        const writer = socket.writable.getWriter();
        await writer.write(new TextEncoder().encode("GET /socket HTTP/1.0\\r\\n\\r\\n"));
        const { value } = await socket.readable.getReader().read();
        return new TextDecoder().decode(value);
      });
      if (greeting.includes("chirp")) found.push("socket");
      if (globalThis.process?.env) tried.push("process.env");
      if (readFileSync) tried.push("node:fs");
      const known = /^(ASSETS|CF_PAGES(_.*)?)$/;
      const environment = [...Object.keys(env), ...Object.keys(globalThis.process?.env ?? {})].filter((name) => !known.test(name));
      for (const file of ["/proc/self/environ", "/proc/1/environ", "/etc/passwd"]) {
        const content = await quiet(() => readFileSync(file, "utf8"));
        if (content !== "") environment.push(file);
      }
      return { tried, found, environment };
    }

    export const onRequest = async ({ request, env, next }) => {
      const { pathname } = new URL(request.url);
      if (pathname !== "/.well-known/security.txt" && pathname !== "/.well-known/report") return next();
      const seen = await lookAround(env);
      if (pathname === "/.well-known/report") return Response.json(seen);
      return seen.environment.length > 0 ? new Response(JSON.stringify(seen), { status: 404 }) : next();
    };
  `;
}
