import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import * as miniflare from "miniflare";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "../../local/browser/launch.ts";
import { signInEnd } from "../../local/browser/sign-in.ts";
import { compileFunctions } from "../../pages-plugin/src/cli/functions.ts";
import { readPagesFolder } from "../../src/pages-runtime/folder.ts";
import type { PagesModule, PagesRuntime } from "../../src/pages-runtime/options.ts";
import { startPagesRuntime } from "../../src/pages-runtime/runtime.ts";
import * as entra from "../local/entra/support.ts";
import { ask } from "../pages-plugin/entries/http-client.ts";
import { newCookieKey } from "../pages-plugin/host/support/world.ts";
import { navigation } from "../pages-plugin/site/support.ts";
import { root, scratchFolder } from "../src/steps/fixtures.ts";

/** examples/standalone with the built package on workerd, a certified OpenID provider in Entra's shape, and Chromium. */
const scratch = scratchFolder();
const kid = "20261101_A1B2C3";
let tenant: entra.World;
let issuer: Awaited<ReturnType<typeof entra.startIssuer>>;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let origin: string;
let secret: string;
const running: { close(): Promise<unknown> }[] = [];
const lines: string[] = [];

/** A port that is known before there is anything behind it: the site is told its own origin. */
async function startFront() {
  let behind = 0;
  const front = createServer((socket) => {
    const site = connect(behind, "127.0.0.1");
    socket.on("error", () => site.destroy());
    site.on("error", () => socket.destroy());
    socket.pipe(site).pipe(socket);
  });
  front.listen(0, "127.0.0.1");
  await once(front, "listening");
  running.push({ close: async () => front.close() });
  return { port: (front.address() as AddressInfo).port, lead: (to: PagesRuntime) => (behind = to.port) };
}

/** Serves modules before the example's files, as a deployment with these settings would. */
async function serve(files: string, main: string, modules: readonly PagesModule[]): Promise<string> {
  const front = await startFront();
  const own = `http://harbour.localhost:${front.port}`;
  const { assets } = await readPagesFolder(files);
  const runtime = await startPagesRuntime(miniflare, {
    assets,
    worker: { main, modules },
    assetServer: readFileSync(join(root, "dist", "pages-runtime", "asset-server.js"), "utf8"),
    compatibilityDate: "2026-11-01",
    compatibilityFlags: [],
    vars: {
      GATE_ROLE: "standalone",
      GATE_HOST_ORIGIN: own,
      ENTRA_TENANT_ID: tenant.entra.tenantId,
      ENTRA_CLIENT_ID: tenant.entra.cast.applications.gate.appId,
      ENTRA_CLOUD: "global",
      ENTRA_AUTHORITY: tenant.entra.authority,
      GRAPH_URL: tenant.entra.graphUrl,
      ENTRA_CLIENT_SECRET: secret,
      [`GATE_COOKIE_KEY_${kid}`]: newCookieKey(),
      GATE_COOKIE_ACTIVE: kid,
    },
    outbound: async (request) => {
      const { status, headers, text } = await entra.ask(request.url, {
        method: request.method,
        headers: Object.fromEntries(request.headers),
        ...(request.body === null ? {} : { body: await request.text() }),
      });
      return new Response(text, { status, headers: { "content-type": headers["content-type"] ?? "" } });
    },
    log: (line) => {
      lines.push(line);
    },
  });
  running.push(runtime);
  front.lead(runtime);
  return own;
}

/** What a person of a tenant sets by hand in Entra (docs/standalone.md). */
async function registerApplication(): Promise<void> {
  const application = entra.gate(tenant.entra);
  const claims = ["acct", "auth_time", "login_hint"].map((name) => ({
    name,
    source: null,
    essential: false,
    additionalProperties: [],
  }));
  tenant.entra.directory.writeApplication(application.id, {
    ...application,
    groupMembershipClaims: "SecurityGroup",
    optionalClaims: { idToken: claims, accessToken: [], saml2Token: [] },
    web: { ...application.web, redirectUris: [`${origin}/.auth/callback`] },
  });
  tenant.clock.advance(60_000);
}

function projectFolder(): string {
  const project = scratch.at("project");
  cpSync(join(root, "examples", "standalone"), project, { recursive: true });
  const policy = readFileSync(join(project, "gate.json"), "utf8");
  const { id } = tenant.entra.cast.groups.reviewers;
  writeFileSync(join(project, "gate.json"), policy.replace(/"staff": "[^"]+"/, `"staff": "${id}"`));
  mkdirSync(join(project, "node_modules"));
  for (const name of ["wrangler", "pages-plugin-entra-gate"])
    symlinkSync(join(root, "node_modules", name), join(project, "node_modules", name));
  return project;
}

beforeAll(async () => {
  issuer = await entra.startIssuer();
  tenant = await entra.startWorld({ github: { issuer: issuer.issuer, subject: entra.subject } });
  const automation = (await entra.federated(tenant.entra, await issuer.token({ sub: entra.subject }))).json();
  secret = await entra.gateSecret(tenant, entra.graphWith(tenant.entra, automation.access_token));
  const project = projectFolder();
  const modules = compileFunctions(project, join(project, "public")) ?? [];
  const named = modules.map(({ name, type, content }) => ({
    name,
    type,
    contents: type === "esm" ? content.toString("utf8") : content,
  }));
  origin = await serve(join(project, "public"), "index.js", named);
  await registerApplication();
  browser = await launchBrowser();
  context = await browser.newContext();
  page = await context.newPage();
});

afterAll(async () => {
  await browser?.close();
  await Promise.all(running.map((one) => one.close()));
  await tenant?.entra.close();
  await issuer?.close();
  scratch.remove();
});

const people = () => tenant.entra.cast.people;

async function arrive(path: string, name?: string): Promise<number> {
  const end = signInEnd(page, origin);
  await page.goto(origin + path, { waitUntil: "commit" });
  if (name !== undefined) await page.getByRole("button", { name }).click();
  return (await end).status();
}

describe("a site that signs in for itself, in a browser", { timeout: 60_000 }, () => {
  it("brings a reviewer to the deep link, fragment and all, and knows him afterwards", async () => {
    expect(await arrive("/?x=1#part", people().reviewer.name)).toBe(200);
    await page.getByRole("heading", { name: "Harbour for staff" }).waitFor();
    expect(page.url()).toBe(`${origin}/?x=1#part`);
    const me = await page.evaluate(async () => (await fetch("/api/me")).json());
    expect(me).toMatchObject({ oid: people().reviewer.oid, groups: [tenant.entra.cast.groups.reviewers.id] });
    const cookies = (await context.cookies(origin)).filter(({ name }) =>
      name.startsWith("__Host-entra-gate-"),
    );
    expect(cookies.map(({ sameSite, httpOnly, secure }) => [sameSite, httpOnly, secure])).toContainEqual([
      "Lax",
      true,
      true,
    ]);
  });

  it("refuses him what is not his, and says for whom it is", async () => {
    expect(await arrive("/admin/")).toBe(403);
    expect(await page.content()).toContain("Site.Admin");
  });

  it("signs out of the site, and says where to sign out of Entra", async () => {
    await page.goto(`${origin}/.auth/logout`);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(`${origin}/.auth/signed-out`);
    expect((await context.cookies(origin)).map(({ name }) => name)).not.toContain(
      "__Host-entra-gate-session",
    );
    const there = page.getByRole("link", { name: "Sign out there, too" });
    expect(await there.getAttribute("href")).toContain(tenant.entra.authority);
  });

  it("explains itself to an outsider, who gets no session, and lets him choose another account", async () => {
    await context.close();
    context = await browser.newContext();
    page = await context.newPage();
    expect(await arrive("/", people().outsider.name)).toBe(403);
    expect(await page.content()).toContain("staff");
    expect(await context.cookies(origin)).toEqual([]);
    const end = signInEnd(page, origin);
    await page.getByRole("link", { name: "Use another account" }).click();
    await page.getByRole("button", { name: people().reviewer.name }).click();
    expect((await end).status()).toBe(200);
    await page.getByRole("heading", { name: "Harbour for staff" }).waitFor();
  });

  it("writes no secret, and no content to anybody under another origin", async () => {
    const { port } = new URL(origin);
    for (const host of ["a1b2c3d4.harbour.localhost", "harbour.localhost"])
      for (const path of ["/", "/index.html", "/.auth/login", "/.well-known/x"]) {
        const answer = await ask(Number(port), host, path, { headers: navigation });
        expect([answer.status, answer.headers.get("x-entra-gate-code")]).toEqual([
          503,
          "standalone-origin-foreign",
        ]);
        expect(answer.text).not.toContain("Harbour for staff");
      }
    expect(lines.join("\n")).not.toContain(secret);
    expect(lines.join("\n")).not.toMatch(/eyJ[\w-]{20}/);
  });
});

it("is the same in front of a plain Worker", async () => {
  const project = scratch.at("project");
  const code = readFileSync(join(root, "pages-plugin", "dist", "standalone.js"), "utf8");
  const policy = readFileSync(join(project, "gate.json"), "utf8");
  const index = `import { withEntraGate } from "./gate.js"; export default withEntraGate({ fetch: (request, env) => env.ASSETS.fetch(request) }, ${policy});`;
  const at = await serve(join(project, "public"), "index.js", [
    { name: "index.js", type: "esm", contents: index },
    { name: "gate.js", type: "esm", contents: code },
  ]);
  const { port, host } = new URL(at);
  const get = (path: string) => ask(Number(port), host, path, { headers: navigation });
  for (const path of ["/", "/index.html", "/admin/", "/%61dmin/"]) expect((await get(path)).status).toBe(401);
  const login = await get("/.auth/login?return_to=/");
  expect(new URL(login.headers.get("location") ?? "").searchParams.get("redirect_uri")).toBe(
    `${at}/.auth/callback`,
  );
  expect(JSON.parse((await get("/.auth/status")).text)).toMatchObject({ role: "standalone" });
});
