import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { raw } from "../../src/pages-runtime/fixtures.ts";
import { type Cloudflare, call, start, type WranglerRun, wrangler, writeFolder } from "./fixtures.ts";

const card = Buffer.from("89504e470d0a1a0a00ff00fe", "hex");
let cloudflare: Cloudflare;
let folder: string;
let run: WranglerRun;

beforeAll(async () => {
  cloudflare = await start({ subdomainLabel: (name) => `${name}-x1` });
  await call(cloudflare, "POST", "pages/projects", { name: "demo", production_branch: "main" });
  await call(cloudflare, "PATCH", "pages/projects/demo", {
    deployment_configs: {
      preview: { env_vars: { PLAIN: { value: "p" }, KEPT: { type: "secret_text", value: "s" } } },
    },
  });
  folder = writeFolder({
    "_worker.js/index.js": `import site, { gate } from "./site/index.js";
      export default { async fetch(request, env) {
        const { pathname } = new URL(request.url);
        if (pathname === "/env") return Response.json({ ...env, ASSETS: undefined });
        if (pathname.startsWith("/closed")) return new Response(gate, { status: 401 });
        return site.fetch(request, env);
      } };`,
    "_worker.js/site/index.js": `import note from "./note.txt";
      export const gate = "closed by " + note;
      export default { fetch: (request, env) => env.ASSETS.fetch(request) };`,
    "_worker.js/site/note.txt": "the gate",
    "_routes.json": '{"version":1,"include":["/*"],"exclude":["/open/*"]}',
    _headers: "/*\n  X-From-Headers: yes\n",
    _redirects: "/old /new 301\n",
    "index.html": "<h1>home</h1>",
    "404.html": "<h1>lost</h1>",
    "open/closed.txt": "an asset",
    ".auth/card.png": card,
    ".well-known/x": "known",
  });
  const args = ["pages", "deploy", folder, "--no-bundle", "--project-name", "demo", "--branch", "pr-7"];
  run = await wrangler(cloudflare, [...args, "--commit-hash", "a".repeat(40), "--commit-message", "Say é"]);
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await cloudflare.close();
});

const ask = (label: string, path: string) =>
  raw(cloudflare.port, path, { headers: { host: `${label}.demo-x1.localhost:${cloudflare.port}` } });

it("takes what the real wrangler deploys, and wrangler says so", () => {
  expect(run.output).toContain("Deployment complete!");
  expect(run.code).toBe(0);
  const record = run.records.find(({ type }) => type === "pages-deploy-detailed");
  const [deployment] = cloudflare.deployments("demo");
  expect(record).toMatchObject({
    pages_project: "demo",
    deployment_id: deployment?.id,
    url: `http://${deployment?.shortId}.demo-x1.localhost:${cloudflare.port}`,
    environment: "preview",
    production_branch: "main",
    deployment_trigger: { metadata: { commit_hash: "a".repeat(40) } },
  });
});

it("shows the deployment as Cloudflare does, with its alias", async () => {
  const [deployment] = cloudflare.deployments("demo");
  const { result } = await call(cloudflare, "GET", `pages/projects/demo/deployments/${deployment?.id}`);
  expect(result).toMatchObject({
    short_id: deployment?.id.slice(0, 8),
    environment: "preview",
    is_skipped: false,
    uses_functions: true,
    aliases: [`http://pr-7.demo-x1.localhost:${cloudflare.port}`],
    latest_stage: { name: "deploy", status: "success" },
    deployment_trigger: { metadata: { branch: "pr-7", commit_message: "Say é", commit_dirty: false } },
    env_vars: { PLAIN: { type: "plain_text", value: "p" }, KEPT: { type: "secret_text", value: "" } },
  });
});

it("serves it on workerd, at its own host and at the alias", async () => {
  const label = cloudflare.deployments("demo")[0]?.shortId ?? "";
  for (const host of [label, "pr-7"]) {
    expect(await ask(host, "/")).toMatchObject({ status: 200, text: "<h1>home</h1>" });
    expect(await ask(host, "/closed/x")).toMatchObject({ status: 401, text: "closed by the gate" });
    expect(await ask(host, "/open/closed.txt")).toMatchObject({ status: 200, text: "an asset" });
    expect(await ask(host, "/old")).toMatchObject({ status: 301, headers: { location: "/new" } });
    expect((await ask(host, "/.well-known/x")).text).toBe("known");
    expect((await ask(host, "/")).headers["x-from-headers"]).toBe("yes");
    expect(JSON.parse((await ask(host, "/env")).text)).toEqual({ PLAIN: "p", KEPT: "s" });
  }
});

it("serves bytes as they were uploaded", async () => {
  const { headers } = await ask("pr-7", "/.auth/card.png");
  expect(headers["content-type"]).toBe("image/png");
  expect(Number(headers["content-length"] ?? card.length)).toBe(card.length);
});

it("never serves what is the worker's or Pages' own", async () => {
  for (const path of [
    "/_worker.js",
    "/_worker.js/index.js",
    "/_worker.js/site/index.js",
    "/_routes.json",
    "/_headers",
    "/_redirects",
  ])
    expect(await ask("pr-7", path)).toMatchObject({ status: 404, text: "<h1>lost</h1>" });
});

it("answers at no other host", async () => {
  for (const label of ["pr-8", "00000000", "pr-7.pr-7"]) expect((await ask(label, "/")).status).toBe(404);
  const production = await raw(cloudflare.port, "/", {
    headers: { host: `demo-x1.localhost:${cloudflare.port}` },
  });
  expect(production).toMatchObject({ status: 404, text: "Nothing is here yet" });
});

it("logs the API's calls and the sites' apart", () => {
  expect(cloudflare.log.count("cloudflare", ({ path }) => path.endsWith("/upload-token"))).toBeGreaterThan(0);
  expect(cloudflare.log.count("site", ({ path }) => path === "/old")).toBe(2);
});

it("makes wrangler fail for a project that isn't there", async () => {
  const failed = await wrangler(cloudflare, [
    "pages",
    "deploy",
    folder,
    "--project-name",
    "other",
    "--branch",
    "x",
  ]);
  expect(failed.code).not.toBe(0);
  expect(failed.output).toContain("does not exist");
});

it("makes wrangler fail for a token that isn't known", async () => {
  const args = ["pages", "deploy", folder, "--project-name", "demo", "--branch", "x"];
  const failed = await wrangler(cloudflare, args, "stranger");
  expect(failed.code).not.toBe(0);
  expect(failed.output).toContain("Authentication error [code: 10000]");
});

it("makes wrangler post again on 8000000 and show the log of a failed deployment", async () => {
  cloudflare.meet("demo", { kind: "doubled" });
  cloudflare.meet("demo", { kind: "failed", line: "Error: out of luck" });
  const before = cloudflare.deployments("demo").length;
  const args = ["pages", "deploy", folder, "--no-bundle", "--project-name", "demo", "--branch", "pr-9"];
  const failed = await wrangler(cloudflare, args);
  expect(failed.code).not.toBe(0);
  expect(failed.output).toContain("out of luck");
  expect(cloudflare.deployments("demo").length - before).toBe(2);
});
