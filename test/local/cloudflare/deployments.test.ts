import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { raw } from "../../src/pages-runtime/fixtures.ts";
import { type Cloudflare, call, deploy, settle, start } from "./fixtures.ts";

let cloudflare: Cloudflare;
let name: string;
let count = 0;

beforeAll(async () => {
  cloudflare = await start();
});
afterAll(() => cloudflare.close());
beforeEach(async () => {
  count += 1;
  name = `site-${count}`;
  await call(cloudflare, "POST", "pages/projects", { name, production_branch: "main" });
});

const page = (text: string) => ({ "index.html": text, "404.html": "lost" });
const remove = (id: string, query = "") =>
  call(cloudflare, "DELETE", `pages/projects/${name}/deployments/${id}${query}`);
const get = (id: string) => call(cloudflare, "GET", `pages/projects/${name}/deployments/${id}`);
/** The page at a label below the project's subdomain, or at the subdomain itself. */
async function at(label?: string, path = "/"): Promise<string> {
  const host = `${label === undefined ? "" : `${label}.`}${name}.localhost:${cloudflare.port}`;
  return (await raw(cloudflare.port, path, { headers: { host } })).text;
}
const nothing = "Nothing is here yet";

describe("a deployment", () => {
  it("goes from queued to success on the clock, and answers only then", async () => {
    const { result } = await deploy(cloudflare, name, "pr-1", page("one"));
    cloudflare.timing.propagation = 1_000;
    expect(result.latest_stage).toMatchObject({ name: "queued", status: "active" });
    expect(await at("pr-1")).toBe(nothing);
    cloudflare.clock.advance(cloudflare.timing.deploy);
    expect((await get(result.id)).result.latest_stage).toMatchObject({ name: "deploy", status: "success" });
    expect(await at("pr-1")).toBe("one");
    const { result: late } = await deploy(cloudflare, name, "pr-1", page("two"));
    cloudflare.clock.advance(cloudflare.timing.deploy);
    expect(await at(late.short_id)).toBe(nothing);
    expect(await at("pr-1")).toBe("one");
    cloudflare.clock.advance(1_000);
    expect(await at("pr-1")).toBe("two");
    cloudflare.timing.propagation = 0;
  });

  it("is production's only on the production branch; the name of a branch becomes a label", async () => {
    await deploy(cloudflare, name, "main", page("live"));
    const { result } = await deploy(
      cloudflare,
      name,
      "Feature/Über_long.name-that-is-cut-here",
      page("preview"),
    );
    settle(cloudflare);
    expect((await get(result.id)).result.aliases).toEqual([
      `http://feature--ber-long-name-that.${name}.localhost:${cloudflare.port}`,
    ]);
    expect(await at()).toBe("live");
    expect(await at("feature--ber-long-name-that")).toBe("preview");
    expect(await at("main")).toBe(nothing);
  });

  it("keeps the settings and secrets that it was made with", async () => {
    const set = (value: string) =>
      call(cloudflare, "PATCH", `pages/projects/${name}`, {
        deployment_configs: { preview: { env_vars: { KEY: { type: "secret_text", value } } } },
      });
    const worker = { "_worker.js": "export default { fetch: (_, env) => new Response(env.KEY ?? 'unset') }" };
    await set("first");
    const { result: first } = await deploy(cloudflare, name, "a", worker);
    await set("second");
    const { result: second } = await deploy(cloudflare, name, "b", worker);
    const { result: live } = await deploy(cloudflare, name, "main", worker);
    settle(cloudflare);
    expect([await at(first.short_id), await at(second.short_id), await at(live.short_id)]).toEqual([
      "first",
      "second",
      "unset",
    ]);
  });

  it("fails for an asset that was not uploaded and for broken _routes.json", async () => {
    const form = new FormData();
    form.set("manifest", JSON.stringify({ "/a": "0".repeat(32) }));
    form.set("branch", "x");
    const missing = await call(cloudflare, "POST", `pages/projects/${name}/deployments`, form);
    const broken = await deploy(cloudflare, name, "x", { ...page("x"), "_routes.json": "{}" });
    settle(cloudflare);
    for (const { result } of [missing, broken]) {
      expect((await get(result.id)).result.latest_stage).toMatchObject({ name: "deploy", status: "failure" });
      const logs = await call(
        cloudflare,
        "GET",
        `pages/projects/${name}/deployments/${result.id}/history/logs`,
      );
      expect(logs.result.data[logs.result.total - 1].line).toMatch(/^Error: /);
      expect(await at(result.short_id)).toBe(nothing);
    }
  });

  it("refuses forms that wrangler doesn't send", async () => {
    const post = (form: FormData) => call(cloudflare, "POST", `pages/projects/${name}/deployments`, form);
    const unknown = new FormData();
    unknown.set("manifest", "{}");
    unknown.set("alias", "main");
    expect((await post(unknown)).status).toBe(400);
    expect((await post(new FormData())).status).toBe(400);
    const escaping = new FormData();
    escaping.set("manifest", '{"a":"0"}');
    expect((await post(escaping)).status).toBe(400);
    expect(cloudflare.deployments(name)).toHaveLength(0);
  });

  it("takes assets only with an upload token that is still good", async () => {
    const { jwt } = (await call(cloudflare, "GET", `pages/projects/${name}/upload-token`)).result;
    const missing = (authorization: string) =>
      call(
        cloudflare,
        "POST",
        "/pages/assets/check-missing",
        { hashes: ["0".repeat(32)] },
        { authorization },
      );
    expect((await missing(`Bearer ${jwt}`)).result).toEqual(["0".repeat(32)]);
    expect((await missing("Bearer token-of-the-account")).code).toBe(8000013);
    cloudflare.clock.advance(301_000);
    expect((await missing(`Bearer ${jwt}`)).code).toBe(8000013);
  });
});

describe("the list", () => {
  it("comes in pages of 25 at most, by environment, newest first", async () => {
    for (let i = 0; i < 26; i += 1) await deploy(cloudflare, name, `pr-${i}`, page("x"));
    await deploy(cloudflare, name, "main", page("x"));
    const list = (query: string) => call(cloudflare, "GET", `pages/projects/${name}/deployments${query}`);
    expect((await list("")).result).toHaveLength(25);
    expect((await list("?env=preview&page=2")).result).toHaveLength(1);
    expect((await list("?env=preview")).info).toMatchObject({
      total_count: 26,
      total_pages: 2,
      per_page: 25,
    });
    expect((await list("?env=production")).result).toHaveLength(1);
    expect((await list("?per_page=2")).result[0].deployment_trigger.metadata.branch).toBe("main");
    for (const wrong of ["?per_page=26", "?page=0", "?env=staging"])
      expect((await list(wrong)).code).toBe(8000024);
  });
});

describe("deleting", () => {
  it("needs force for what an alias answers with, and is refused for what is live", async () => {
    const { result: older } = await deploy(cloudflare, name, "pr-1", page("older"));
    const { result: newer } = await deploy(cloudflare, name, "pr-1", page("newer"));
    const { result: live } = await deploy(cloudflare, name, "main", page("live"));
    settle(cloudflare);
    expect((await remove(newer.id)).code).toBe(8000035);
    expect((await remove(older.id)).success).toBe(true);
    expect((await remove(newer.id, "?force=true")).success).toBe(true);
    expect((await remove(newer.id)).code).toBe(8000009);
    expect(await remove(live.id, "?force=true")).toMatchObject({ status: 400, success: false });
    expect((await get(older.id)).code).toBe(8000009);
  });

  it("leaves the hosts answering for a while, and gives an alias back to the one before", async () => {
    const { result: content } = await deploy(cloudflare, name, "pr-1", page("content"));
    settle(cloudflare);
    const { result: denied } = await deploy(cloudflare, name, "pr-1", page("denied"));
    settle(cloudflare);
    expect(await at("pr-1")).toBe("denied");
    await remove(denied.id, "?force=true");
    expect(await at("pr-1")).toBe("content");
    expect(await at(denied.short_id)).toBe("denied");
    await remove(content.id, "?force=true");
    expect(await at(content.short_id)).toBe("content");
    expect(await at("pr-1")).toBe("denied");
    cloudflare.clock.advance(cloudflare.timing.linger);
    expect([await at("pr-1"), await at(content.short_id)]).toEqual([nothing, nothing]);
  });

  it("of the newest production isn't possible, but going back is", async () => {
    const { result: first } = await deploy(cloudflare, name, "main", page("first"));
    const { result: second } = await deploy(cloudflare, name, "main", page("second"));
    settle(cloudflare);
    expect(await at()).toBe("second");
    const back = await call(cloudflare, "POST", `pages/projects/${name}/deployments/${first.id}/rollback`);
    expect(back.success).toBe(true);
    expect(await at()).toBe("first");
    expect((await remove(first.id)).success).toBe(false);
    expect((await remove(second.id)).success).toBe(true);
    const { result: preview } = await deploy(cloudflare, name, "pr-1", page("preview"));
    settle(cloudflare);
    const wrong = await call(cloudflare, "POST", `pages/projects/${name}/deployments/${preview.id}/rollback`);
    expect(wrong.status).toBe(400);
  });
});

describe("misfortune", () => {
  it("late: queued until its time", async () => {
    cloudflare.meet(name, { kind: "late", ms: 60_000 });
    const { result } = await deploy(cloudflare, name, "pr-1", page("late"));
    settle(cloudflare);
    expect((await get(result.id)).result.latest_stage.name).toBe("queued");
    cloudflare.clock.advance(60_000);
    expect(await at("pr-1")).toBe("late");
  });

  it("failed: deploy/failure with the line in its log", async () => {
    cloudflare.meet(name, { kind: "failed", line: "Error: out of luck" });
    const { result } = await deploy(cloudflare, name, "main", page("failed"));
    settle(cloudflare);
    expect((await get(result.id)).result.latest_stage).toMatchObject({ name: "deploy", status: "failure" });
    expect(await at()).toBe(nothing);
  });

  it("doubled: answered with 8000000, and there all the same", async () => {
    cloudflare.meet(name, { kind: "doubled" });
    expect((await deploy(cloudflare, name, "pr-1", page("x"))).code).toBe(8000000);
    expect((await deploy(cloudflare, name, "pr-1", page("x"))).success).toBe(true);
    expect(cloudflare.deployments(name)).toHaveLength(2);
  });

  it("asset-past-worker: the paths of a pattern are served past the worker, in the environment that was said", async () => {
    const files = {
      ...page("home"),
      "about.html": "about",
      "_worker.js": "export default { fetch: () => new Response('gate') }",
    };
    await cloudflare.bypassWorker(name, "/about", "preview");
    await deploy(cloudflare, name, "pr-1", files);
    await deploy(cloudflare, name, "main", files);
    settle(cloudflare);
    expect([await at("pr-1", "/about"), await at("pr-1", "/"), await at(undefined, "/about")]).toEqual([
      "about",
      "gate",
      "gate",
    ]);
    await cloudflare.bypassWorker(name, "/");
    expect([await at(undefined, "/"), await at("pr-1", "/"), await at("pr-1", "/x")]).toEqual([
      "home",
      "home",
      "gate",
    ]);
  });

  it("gate-missing: the assets are served without the worker", async () => {
    await cloudflare.dropWorker(name);
    await deploy(cloudflare, name, "pr-1", {
      ...page("home"),
      "_worker.js": "export default { fetch: () => new Response('gate') }",
    });
    settle(cloudflare);
    expect(await at("pr-1")).toBe("home");
  });
});

it("keeps what each deployment's worker says, by deployment", async () => {
  const worker = {
    "_worker.js": `export default { fetch() { console.log(JSON.stringify({ class_uid: 3002 })); return new Response("ok"); } }`,
  };
  const { result } = await deploy(cloudflare, name, "pr-1", worker);
  settle(cloudflare);
  await at("pr-1");
  await expect.poll(() => cloudflare.consoleLines.filter(({ project }) => project === name)).toHaveLength(1);
  const [line] = cloudflare.consoleLines.filter(({ project }) => project === name);
  expect(line).toMatchObject({ deployment: result.id, environment: "preview", line: '{"class_uid":3002}' });
});

it("lets a worker fetch its neighbours on loopback and nothing else", async () => {
  const code = `export default { async fetch(request) {
    const { pathname, host } = new URL(request.url);
    if (pathname !== "/ask") return new Response("neighbour " + request.headers.get("x-a"), { status: 203 });
    const near = await fetch("http://" + host + "/%2e%2Fx", { headers: { "x-a": "1" } });
    const far = await fetch("https://example.com/");
    return new Response([near.status, await near.text(), far.status].join());
  } }`;
  await deploy(cloudflare, name, "pr-1", { "_worker.js": code });
  settle(cloudflare);
  expect(await at("pr-1", "/ask")).toBe("203,neighbour 1,530");
});

describe("ten thousand deployments", () => {
  it("are listed 25 a page with their number, and each answers at its own label, without a worker", async () => {
    cloudflare.seed(
      name,
      Array.from({ length: 10_000 }, (_, index) => ({
        branch: `pr-${index % 200}`,
        answer: (_request, response) => response.end(`seed ${index}`),
      })),
    );
    settle(cloudflare);
    const path = `pages/projects/${name}/deployments`;
    const last = await call(cloudflare, "GET", `${path}?page=400&per_page=25`);
    expect(last.info).toEqual({ page: 400, per_page: 25, count: 25, total_count: 10_000, total_pages: 400 });
    expect((await call(cloudflare, "GET", `${path}?per_page=26`)).code).toBe(8000024);
    const oldest = last.result.at(-1);
    expect(await at(oldest.short_id)).toBe("seed 0");
    expect([oldest.aliases, await at("pr-0")]).toEqual([null, "seed 9800"]);
    await remove(oldest.id);
    expect((await get(oldest.id)).code).toBe(8000009);
  });
});
