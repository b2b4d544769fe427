import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { compilePolicy } from "../../contract/policy/compile.ts";
import type { Environment } from "../../contract/policy/model.ts";
import { parsePolicyText } from "../../contract/policy/parse.ts";
import type { Policy } from "../../contract/policy/schema.ts";
import type { TicketClaims } from "../../contract/tickets/claims.ts";
import { wrap } from "../../pages-plugin/src/cli/wrap.ts";
import { createBearerTokens } from "../../pages-plugin/src/site/bearer.ts";
import { createSiteGate } from "../../pages-plugin/src/site/gate.ts";
import { serve, visitor } from "../pages-plugin/cli/wrapped-site.ts";
import {
  codeOf,
  config,
  hostOrigin,
  makeWorld,
  navigation,
  sessionCookie,
  siteOrigin,
  startTime,
} from "../pages-plugin/site/support.ts";
import { root, scratchFolder } from "../src/steps/fixtures.ts";
import { blocksOf, pages } from "./blocks/block.ts";

type Test = Policy["tests"][number];

const bearer = {
  tenantId: "22222222-2222-4222-8222-222222222222",
  clientId: "33333333-3333-4333-8333-333333333333",
  authority: "https://login.microsoftonline.com",
};
const scratch = scratchFolder();
afterAll(() => scratch.remove());

const recipes = pages
  .filter((page) => page.startsWith("docs/recipes/"))
  .flatMap(blocksOf)
  .filter(({ language }) => language === "json")
  .map(({ page, line, text }) => ({ name: `${page}:${line}`, page, text }));

function policyOf(text: string): Policy {
  const parsed = parsePolicyText(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

/** A gate as it stands in front of that environment; a production that takes tokens has Entra's keys from nowhere. */
async function gateOf(policy: Policy, environment: Environment) {
  const world = makeWorld();
  const compiled = await compilePolicy(policy, environment);
  const gate = createSiteGate(
    { ...config, policy: compiled, bearer },
    world.deps,
    undefined,
    createBearerTokens,
  );
  return (path: string, headers: Record<string, string>, method = "GET") =>
    gate.handle({
      request: new Request(siteOrigin + path, { method, headers }),
      waitUntil: world.waitUntil,
      assets: undefined,
      next: async () => new Response("content"),
    });
}

/** Session of a visitor as a policy's test has it; undefined for nobody, null for an application's token. */
function claimsOf(policy: Policy, { as, in: environment }: Test): Partial<TicketClaims> | undefined | null {
  const met = { environment, auth_time: startTime / 1000, acrs: ["c1"], groups: [] };
  if (as === "anyone" || as === undefined) return undefined;
  if (as === "members") return met;
  if (as === "guests") return { ...met, kind: "guest" };
  if ("app" in as || "scopes" in as) return null;
  const groups = (as.groups ?? []).map((name) => policy.groups[name] ?? "");
  return { ...met, groups, roles: [...(as.roles ?? [])] };
}

const browser = async (claims?: Partial<TicketClaims>) => ({
  ...navigation,
  ...(claims === undefined ? {} : { cookie: await sessionCookie(claims) }),
});

describe.each(recipes)("$name", ({ text }) => {
  const policy = policyOf(text);

  it("passes its own tests by the real command, the matrix printed", () => {
    const folder = scratch.at(`policy-${crypto.randomUUID()}`);
    mkdirSync(folder);
    writeFileSync(join(folder, "gate.json"), text);
    const args = [join(root, "pages-plugin", "bin", "entra-gate.js"), "test", "--matrix"];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
    expect([status, stdout]).toEqual([0, expect.stringContaining(`${policy.tests.length} passed, 0 failed`)]);
  });

  it("says who is let in, and who signs in and is not, and that nobody sees it signed out", () => {
    const has = (known: boolean, expected: string) =>
      policy.tests.some(({ as, expect: said }) => (as !== "anyone") === known && said === expected);
    expect([has(false, "deny"), has(true, "allow"), has(true, "deny")]).toEqual([true, true, true]);
  });

  it("is kept by the gate itself", async () => {
    for (const test of policy.tests) {
      const claims = claimsOf(policy, test);
      if (claims === null) continue;
      const ask = await gateOf(policy, test.in);
      const { status } = await ask(test.get, await browser(claims));
      const refused = claims === undefined ? 401 : 403;
      expect([test, status]).toEqual([test, test.expect === "allow" ? 200 : refused]);
    }
  });
});

const textOf = (page: string) => recipes.find((one) => one.page === `docs/recipes/${page}.md`)?.text ?? "";
const first = (page: string) => policyOf(textOf(page));

it("step-up: asks again for what the session does not prove, and shows the rest", async () => {
  const policy = first("step-up");
  const ask = await gateOf(policy, "production");
  const groups = Object.values(policy.groups);
  const old = { environment: "production", groups, auth_time: startTime / 1000 - 700, acrs: [] } as const;
  const code = async (path: string) => codeOf(await ask(path, await browser(old)));
  expect([await code("/payroll/"), await code("/keys/"), await code("/")]).toEqual([
    "step-up-required",
    "step-up-required",
    "",
  ]);
});

it("cors: the listed origins' scripts may ask with a session, and no other's", async () => {
  const policy = first("cors");
  const ask = await gateOf(policy, "production");
  const cookie = await sessionCookie({
    environment: "production",
    groups: Object.values(policy.groups),
  });
  const script = (from: string, method = "GET") => {
    const fetched = { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" };
    const asked = { ...fetched, origin: from, "access-control-request-method": "POST" };
    return ask("/api/tides", method === "OPTIONS" ? asked : { ...asked, cookie }, method);
  };
  const allowed = "https://app.example.com";
  for (const method of ["OPTIONS", "GET"]) {
    const answer = await script(allowed, method);
    expect(answer.ok).toBe(true);
    expect(answer.headers.get("access-control-allow-origin")).toBe(allowed);
    expect(
      (await script("https://evil.example.com", method)).headers.get("access-control-allow-origin"),
    ).toBe(null);
  }
  expect((await script("https://evil.example.com")).status).toBe(401);
});

it("closed /admin: wrapped by the command and served on workerd", { timeout: 60_000 }, async () => {
  const folder = scratch.at("closed-admin");
  const files = {
    "index.html": "open harbour",
    "admin/index.html": "closed office",
    "admin/list.txt": "closed list",
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, "dist", path, ".."), { recursive: true });
    writeFileSync(join(folder, "dist", path), content);
  }
  writeFileSync(join(folder, "gate.json"), textOf("closed-admin"));
  const dist = join(root, "dist");
  await wrap({
    project: folder,
    directory: join(folder, "dist"),
    policy: join(folder, "gate.json"),
    environment: "production",
    signInOrigin: hostOrigin,
    gate: () => readFileSync(join(dist, "gate", "site.js"), "utf8"),
  });
  const served = await serve(join(folder, "dist"), dist);
  try {
    expect((await served.ask("/", { headers: navigation })).text).toBe("open harbour");
    for (const path of ["/admin/", "/admin", "/%61dmin/list.txt", "/x/../admin/list.txt"]) {
      expect([path, (await served.ask(path, { headers: navigation })).status]).toEqual([path, 401]);
      expect([
        path,
        (await served.ask(path, { headers: await visitor({ environment: "production", groups: [] }) }))
          .status,
      ]).toEqual([path, 403]);
    }
    expect(
      (
        await served.ask("/admin/list.txt", {
          headers: await visitor({ environment: "production", groups: [], roles: ["Site.Admin"] }),
        })
      ).text,
    ).toBe("closed list");
  } finally {
    await served.close();
  }
});

it("a Worker: what the page shows is the example that wrangler runs in its own test", () => {
  const shown = blocksOf("docs/recipes/worker.md").map(({ text }) => text);
  for (const file of ["gate.json", "src/index.ts", "wrangler.jsonc"])
    expect(shown).toContain(readFileSync(join(root, "examples", "worker", file), "utf8"));
});

it.each(["sveltekit", "astro", "nuxt"])(
  "%s: what the page shows is what its framework built",
  (framework) => {
    const site = join(root, "test", "pages-plugin", "cli", "testdata", "frameworks", "sites", framework);
    const files = {
      sveltekit: "src/routes/api/hello/+server.js",
      astro: "src/pages/api/hello.js",
      nuxt: "server/api/hello.js",
    };
    const shown = blocksOf(`docs/recipes/${framework}.md`).map(({ text }) => text);
    for (const file of [files[framework as keyof typeof files], "wrangler.jsonc"])
      expect(shown).toContain(readFileSync(join(site, file), "utf8"));
  },
);
