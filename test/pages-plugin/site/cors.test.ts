import { describe, expect, test } from "vitest";
import type { CompiledCors, CompiledPolicy } from "../../../contract/policy/model.ts";
import { config, makeGate, policy, reviewers, sessionCookie, siteOrigin } from "./support.ts";

const app = "https://app.demo.example";
const cors: CompiledCors = {
  origins: [app, "https://other.example:8443"],
  credentials: true,
  methods: ["GET", "HEAD", "POST"],
  headers: ["Content-Type"],
  maxAge: 600,
};
const nobody = { anyone: false, members: false, guests: false, groups: [], roles: [], apps: [] };
const reviewing = { ...nobody, groups: [reviewers] };

function policyWith(changes: Partial<CompiledCors> = {}): CompiledPolicy {
  return {
    ...policy,
    rules: [
      { id: "preview.rules[0]", path: "/api/admin/*", allow: { ...nobody, roles: ["Site.Admin"] } },
      { id: "preview.rules[1]", path: "/api/*", allow: reviewing, cors: { ...cors, ...changes } },
      { id: "preview.rules[2]", path: "/*", allow: reviewing },
    ],
  };
}

const make = (changes: Partial<CompiledCors> = {}) =>
  makeGate({ config: { ...config, policy: policyWith(changes) } });

/** As a browser sends a script's request from another origin of the same site. */
const script = (origin: string | undefined, more: Record<string, string> = {}) => ({
  ...(origin === undefined ? {} : { origin }),
  "sec-fetch-site": "same-site",
  "sec-fetch-mode": "cors",
  "sec-fetch-dest": "empty",
  ...more,
});

const preflight = (origin: string, method = "POST") => ({
  method: "OPTIONS",
  headers: script(origin, { "access-control-request-method": method }),
});

const shared = (answer: Response) => [
  answer.headers.get("access-control-allow-origin"),
  answer.headers.get("access-control-allow-credentials"),
];

/** Everything that is not exactly a listed origin. */
const unlisted = [
  "null",
  "https://app.demo.example.evil.example",
  "https://evil-app.demo.example",
  "https://sub.app.demo.example",
  "https://APP.demo.example",
  "http://app.demo.example",
  "https://app.demo.example:443",
  "https://app.demo.example:8443",
  "https://other.example",
  "https://app.demo.example/",
  "https://app.demo.example, https://other.example:8443",
  "https://app.demo.example https://evil.example",
  "https://app.demo.example\u00a0",
  "*",
];

describe("a preflight", () => {
  test("of a listed origin is answered by the gate, without a session, and is in the log", async () => {
    const { ask, reached, world } = make();
    const answer = await ask("/api/x", preflight(app));
    expect([answer.status, await answer.text(), reached]).toEqual([204, "", []]);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "access-control-allow-origin": app,
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "GET, HEAD, POST",
      "access-control-allow-headers": "Content-Type",
      "access-control-max-age": "600",
      vary: "Origin",
    });
    const [event] = await world.events();
    expect(event).toMatchObject({ action: "Allowed", status_code: "preflight" });
  });

  test("says nothing of credentials where the session doesn't count, and nothing of time where none is named", async () => {
    const { maxAge: _, ...rest } = { ...cors, credentials: false };
    const rules = policyWith().rules.map((rule) => (rule.cors ? { ...rule, cors: rest } : rule));
    const { ask } = makeGate({ config: { ...config, policy: { ...policyWith(), rules } } });
    const answer = await ask("/api/x", preflight(app));
    expect(shared(answer)).toEqual([app, null]);
    expect(answer.headers.has("access-control-max-age")).toBe(false);
  });

  test.each(unlisted)("of %j gets nothing", async (origin) => {
    const { ask, reached } = make();
    const answer = await ask("/api/x", preflight(origin));
    expect([answer.status, ...shared(answer), reached.length]).toEqual([401, null, null, 0]);
    expect(answer.headers.has("access-control-allow-methods")).toBe(false);
  });

  test.each(["/x", "/", "/api/admin/x", "/api/..%2fx", "/.auth/me", "/.auth/session", "/apix", "/API/x"])(
    "for %s, where the rule isn't that one: nothing",
    async (path) => {
      const { ask } = make();
      const answer = await ask(path, preflight(app));
      expect([answer.status >= 400, ...shared(answer)]).toEqual([true, null, null]);
    },
  );

  test("OPTIONS that is no preflight is a request like others", async () => {
    const { ask } = make();
    expect((await ask("/api/x", { method: "OPTIONS", headers: script(app) })).status).toBe(401);
    const { "access-control-request-method": __, ...headers } = preflight(app).headers as Record<
      string,
      string
    >;
    expect((await ask("/api/x", { method: "GET", headers })).status).toBe(401);
  });
});

describe("a listed origin's script", () => {
  test("asks as the visitor and may read the answer", async () => {
    const { ask, reached } = make();
    for (const method of ["GET", "POST"]) {
      const answer = await ask("/api/x", { method, headers: script(app, { cookie: await sessionCookie() }) });
      expect([answer.status, ...shared(answer)]).toEqual([200, app, "true"]);
      expect(answer.headers.get("vary")).toMatch(/Origin/);
    }
    expect(reached.map(({ visitor }) => visitor)).toMatchObject([
      { name: "Rita Reviewer" },
      { name: "Rita Reviewer" },
    ]);
  });

  test("reads why it was refused: 401 without a session, 403 with one that is not enough", async () => {
    const { ask } = make();
    const nobodys = await ask("/api/x", { headers: script(app) });
    expect([nobodys.status, ...shared(nobodys)]).toEqual([401, app, "true"]);
    expect(await nobodys.json()).toMatchObject({ error: "sign-in-required" });
    const cookie = await sessionCookie({ groups: [] });
    const refused = await ask("/api/x", { headers: script(app, { cookie }) });
    expect([refused.status, ...shared(refused)]).toEqual([403, app, "true"]);
    expect(await refused.json()).toMatchObject({ error: "not-admitted" });
  });

  test("is nobody where the rule doesn't say that the session counts", async () => {
    const { ask } = make({ credentials: false });
    const answer = await ask("/api/x", { headers: script(app, { cookie: await sessionCookie() }) });
    expect([answer.status, ...shared(answer)]).toEqual([401, app, null]);
    expect(await answer.json()).toMatchObject({ error: "session-not-counted" });
  });

  test.each([
    ["a method that the rule doesn't name", { method: "DELETE" }, {}],
    [
      "a form that it posts",
      { method: "POST" },
      { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
    ],
    ["a request whose answer it can't read", { method: "POST" }, { "sec-fetch-mode": "no-cors" }],
    ["a web socket", { method: "GET" }, { "sec-fetch-mode": "websocket", "sec-fetch-dest": "websocket" }],
  ])("is nobody with %s", async (_, init, more) => {
    const { ask, reached } = make();
    const headers = script(app, { cookie: await sessionCookie(), ...more });
    expect((await ask("/api/x", { ...init, headers })).status).toBe(401);
    expect(reached).toEqual([]);
  });

  test("is nobody everywhere else: other rules, paths of two readings, the gate's endpoints", async () => {
    const { ask, reached } = make();
    const headers = script(app, { cookie: await sessionCookie({ roles: ["Site.Admin"] }) });
    for (const path of ["/x", "/api/admin/x", "/api/%61dmin/x", "/api/%2561dmin/x", "/.auth/me", "/API/x"]) {
      const answer = await ask(path, { headers });
      expect([path, answer.status >= 400, ...shared(answer)]).toEqual([path, true, null, null]);
    }
    const out = await ask("/.auth/logout", { method: "POST", headers });
    expect(out.status).toBe(403);
    expect(reached).toEqual([]);
  });
});

describe("any other origin's script", () => {
  test.each(unlisted)("%j is nobody and reads nothing", async (origin) => {
    const { ask, reached } = make();
    const headers = script(origin, { cookie: await sessionCookie() });
    for (const method of ["GET", "POST"]) {
      const answer = await ask("/api/x", { method, headers });
      expect([answer.status, ...shared(answer)]).toEqual([401, null, null]);
      expect(answer.headers.get("vary")).toMatch(/Origin/);
    }
    expect(reached).toEqual([]);
  });

  test("nor does what the site itself says of other origins count under such a rule", async () => {
    const open = {
      "access-control-allow-origin": "https://evil.example",
      "access-control-allow-credentials": "true",
    };
    const site = () => new Response("content", { headers: open });
    const { ask } = makeGate({ config: { ...config, policy: policyWith() }, site });
    const cookie = await sessionCookie();
    expect(shared(await ask("/api/x", { headers: { "sec-fetch-site": "same-origin", cookie } }))).toEqual([
      null,
      null,
    ]);
    expect(shared(await ask("/api/x", { headers: script(app, { cookie }) }))).toEqual([app, "true"]);
  });
});

test("the site's own page asks as ever, and its answer is not for other origins' caches", async () => {
  const { ask } = make();
  const headers = { origin: siteOrigin, "sec-fetch-site": "same-origin", cookie: await sessionCookie() };
  const answer = await ask("/api/x", { method: "DELETE", headers });
  expect([answer.status, ...shared(answer)]).toEqual([200, null, null]);
  expect(answer.headers.get("vary")).toMatch(/Origin/);
});

test.each([
  ["one without cors", {}],
  ["one for other origins", { cors: { ...cors, origins: ["https://b.example"] } }],
])("what %s may decide for the functions router, which ignores case, is not shared", async (_, other) => {
  const rules = [
    { id: "preview.rules[0]", path: "/Api/*", allow: reviewing, ...other },
    { id: "preview.rules[1]", path: "/api/x/*", allow: reviewing, cors },
  ];
  const { ask } = makeGate({ config: { ...config, policy: { ...policy, rules } } });
  const headers = script(app, { cookie: await sessionCookie() });
  const answer = await ask("/api/x/y", { headers });
  expect([answer.status, ...shared(answer)]).toEqual([401, null, null]);
});

test("in report mode other origins' scripts are let through, and only listed ones read", async () => {
  const { ask } = makeGate({ config: { ...config, policy: { ...policyWith(), report: true } } });
  expect(shared(await ask("/api/x", { headers: script(app) }))).toEqual([app, "true"]);
  expect(shared(await ask("/api/x", { headers: script("https://evil.example") }))).toEqual([null, null]);
  expect((await ask("/api/x", preflight(app))).status).toBe(204);
});
