import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createCloudflareClient } from "../../../src/clients/cloudflare.ts";
import {
  accountId,
  type Cloudflare,
  call,
  deploy,
  settle,
  start,
  token,
} from "../../local/cloudflare/fixtures.ts";
import { answering, FakeTime, failure, httpWith, json, plain } from "../support.ts";

let cloudflare: Cloudflare;
let time: FakeTime;
beforeAll(async () => {
  cloudflare = await start();
});
afterAll(() => cloudflare.close());
beforeEach(() => {
  cloudflare.faults.clear();
  time = new FakeTime();
});

const client = (apiToken = token, baseUrl = cloudflare.apiUrl) =>
  createCloudflareClient(httpWith(time), { baseUrl, token: apiToken, accountId }, time.sleep);

const path = /\/pages\/projects\/one$/;
const answers = (status: number, body: unknown, headers = {}) =>
  ({ kind: "answer", status, body: JSON.stringify(body), headers }) as const;
const envelope = (code: number) => ({ success: false, errors: [{ code, message: "as told" }], result: null });

describe("projects", () => {
  it("are made, found, changed, and missed", async () => {
    expect(await client().project("one")).toBeUndefined();
    const made = await client().createProject("one", "main");
    expect(made.subdomain).toBe(`one.localhost:${cloudflare.port}`);
    expect(made.deployment_configs.production.fail_open).toBe(true);
    await client().patchProject("one", { deployment_configs: { production: { fail_open: false } } });
    expect((await client().project("one"))?.deployment_configs.production.fail_open).toBe(false);
  });

  it("have more deployments than one page", async () => {
    await client().createProject("many", "main");
    for (let index = 0; index < 27; index += 1)
      await deploy(cloudflare, "many", `b${index}`, { "a.txt": "a" });
    settle(cloudflare);
    const found = await client().deployments("many", "preview");
    expect(found.length).toBe(27);
    expect(await client().deployments("many", "production")).toEqual([]);
    expect((await client().deployments("many")).length).toBe(27);
    const [newest] = found;
    await client().deleteDeployment("many", newest?.id ?? "");
    await client().deleteDeployment("many", newest?.id ?? "");
    expect((await client().deployments("many")).length).toBe(26);
  });
});

describe("D1", () => {
  it("is found by its exact name, made, and asked", async () => {
    await client().createDatabase("sites-of-others");
    expect(await client().findDatabase("sites")).toBeUndefined();
    const { uuid } = await client().createDatabase("sites");
    expect((await client().findDatabase("sites"))?.uuid).toBe(uuid);
    await client().query(uuid, "CREATE TABLE t (a TEXT)");
    await client().query(uuid, "INSERT INTO t VALUES (?1)", ["'); DROP TABLE t; --"]);
    expect(await client().query(uuid, "SELECT a FROM t")).toEqual([{ a: "'); DROP TABLE t; --" }]);
    expect((await failure(client().query(uuid, "SELECT nonsense FROM nowhere"))).code).toBe(
      "cloudflare-request-refused",
    );
  });
});

describe("what goes wrong", () => {
  it.each([
    ["a token that is none", "no-such-token", "cloudflare-token-refused"],
    ["a token that was disabled", "token-disabled", "cloudflare-token-refused"],
  ])("tells %s", async (_, apiToken, code) => {
    expect((await failure(client(apiToken).project("one"))).code).toBe(code);
  });

  it("tells a token without D1 from one that does not work", async () => {
    const error = await failure(client("token-of-a-user").findDatabase("sites"));
    expect(error.code).toBe("cloudflare-permission-missing");
    expect(error.message).toContain("D1 · Edit");
  });

  it("tries again on 8000000", async () => {
    cloudflare.faults.add({ service: "cloudflare", path, times: 2, what: answers(500, envelope(8000000)) });
    cloudflare.faults.add({ service: "cloudflare", path, times: 2, what: answers(200, envelope(8000000)) });
    expect((await client().project("one"))?.name).toBe("one");
  });

  it.each([
    ["down", answers(502, {}), "service-failing"],
    [
      "HTML",
      { kind: "answer", status: 200, body: "<html>", headers: { "content-type": "text/html" } } as const,
      "service-answer-unreadable",
    ],
    ["no envelope", answers(200, { hello: 1 }), "service-answer-unreadable"],
    [
      "a project without settings",
      answers(200, { success: true, errors: [], result: { name: "one" } }),
      "service-answer-unreadable",
    ],
    [
      "throttled for longer than the run may last",
      answers(429, {}, { "retry-after": "7200" }),
      "service-throttled",
    ],
    ["refused", answers(400, envelope(8000020)), "cloudflare-request-refused"],
  ])("ends with one error naming service and call when it is %s", async (_, what, code) => {
    cloudflare.faults.add({ service: "cloudflare", path, what });
    const error = await failure(client().project("one"));
    expect(error.code).toBe(code);
    expect(error.detail).toMatch(/^Cloudflare, GET project one/);
    expect(error.message).not.toContain(token);
  });

  it("reads again what came half", async () => {
    const half = { kind: "answer", status: 200, body: '{"success":true,"result":{"name":"on' } as const;
    cloudflare.faults.add({ service: "cloudflare", path, times: 1, what: half });
    expect((await client().project("one"))?.name).toBe("one");
  });

  it("does not create twice what may have been created", async () => {
    const server = await answering("api.localhost", plain(500, "{}"), json(200, {}));
    expect((await failure(client(token, server.url).createProject("x", "main"))).code).toBe(
      "service-failing",
    );
    expect(server.requests.length).toBe(1);
    await server.close();
  });

  it("sends the token in a header and nowhere else", async () => {
    const server = await answering("api.localhost", json(404, envelope(8000007)));
    await client("t0k3n", server.url).project("x");
    expect(server.requests[0]?.headers.authorization).toBe("Bearer t0k3n");
    expect(server.requests[0]?.path).not.toContain("t0k3n");
    await server.close();
  });

  it("keeps a project's name from leaving its place in the path", async () => {
    const answer = await call(cloudflare, "GET", "pages/projects/one");
    expect(answer.status).toBe(200);
    expect(await client().project("one?x=/../many")).toBeUndefined();
  });
});
