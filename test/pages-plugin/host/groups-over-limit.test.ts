import { beforeEach, describe, expect, test, vi } from "vitest";
import { accessToken, reviewer } from "./support/provider.ts";
import {
  authorizeUrl,
  Browser,
  codeOf,
  createWorld,
  entryWith,
  formOf,
  rowWith,
  type World,
} from "./support/world.ts";

let world: World;
let browser: Browser;
beforeEach(async () => {
  world = await createWorld();
  browser = new Browser(world);
  world.provider.visitor = { oid: reviewer.oid, name: "Mona Manygroups", acct: 0, hasgroups: true };
});

const json = (body: unknown, init: ResponseInit = {}) => Response.json(body, init);
const others = Array.from(
  { length: 250 },
  (_, index) => `9b000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
);
const [reviewers = ""] = reviewer.groups;

const groupsIn = (ticket: string | undefined): unknown =>
  JSON.parse(Buffer.from(ticket?.split(".")[1] ?? "", "base64url").toString()).groups;

describe("groups that a token has no room for", () => {
  test.each([
    { _claim_names: { groups: "src1" }, _claim_sources: { src1: { endpoint: "http://169.254.169.254/" } } },
    { _claim_sources: { src1: { endpoint: "https://graph.windows.net/t/users/u/getMemberObjects" } } },
    { hasgroups: true },
    { hasgroups: "true" },
  ])("are Graph's own list, wherever the token points: %j", async (markers) => {
    world.provider.visitor = { oid: reviewer.oid, name: "Mona", acct: 0, ...markers };
    world.provider.answerGraph = () => json({ value: [...others, reviewers.toUpperCase()] });
    const form = await formOf(await browser.signIn(await authorizeUrl()));
    expect(groupsIn(form?.ticket)).toEqual([reviewers]);
    const [request, ...more] = world.provider.graphRequests;
    expect(more).toEqual([]);
    expect(request?.method).toBe("POST");
    expect(request?.headers.get("authorization")).toBe(`Bearer ${accessToken}`);
    expect(request?.redirect).toBe("manual");
    expect(await request?.json()).toEqual({ securityEnabledOnly: true });
  });

  test("decide as those in a token do: none of the policy's, no ticket", async () => {
    world.provider.answerGraph = () => json({ value: others });
    const response = await browser.signIn(await authorizeUrl());
    expect(response.status).toBe(403);
    expect(codeOf(response)).toBe("entry-refused");
  });

  test("none at all is an answer too", async () => {
    world.provider.answerGraph = () => json({ value: [] });
    expect(codeOf(await browser.signIn(await authorizeUrl()))).toBe("entry-refused");
  });

  test("are kept in the session: the next site of the same groups asks nobody", async () => {
    world.provider.answerGraph = () => json({ value: [...others, reviewers] });
    await browser.signIn(await authorizeUrl());
    const again = await formOf(await browser.visit(await authorizeUrl({ tx: "tx2" })));
    expect(groupsIn(again?.ticket)).toEqual([reviewers]);
    expect(world.provider.graphRequests).toHaveLength(1);
  });

  test("oauth2-proxy#1902: cookies stay under 4 KB and the ticket names only what the policy does", async () => {
    const named = others.slice(0, 50);
    world.rows = [rowWith({ entries: { preview: entryWith({ groups: named, groupNames: {} }) } })];
    world.provider.answerGraph = () => json({ value: [...others, reviewers] });
    const form = await formOf(await browser.signIn(await authorizeUrl()));
    expect(groupsIn(form?.ticket)).toEqual(named);
    for (const [name, value] of browser.cookies) expect(name.length + value.length).toBeLessThan(4_000);
    expect(form?.ticket.length).toBeLessThan(4_000);
  });

  test("Graph is not asked for somebody whose token lists them", async () => {
    world.provider.visitor = reviewer;
    expect(await formOf(await browser.signIn(await authorizeUrl()))).toBeDefined();
    expect(world.provider.graphRequests).toHaveLength(0);
  });
});

describe("without a whole answer from Graph it is 503 with a reference, never no groups", () => {
  const roles = ["Preview.Test"];
  const half = json({ value: [reviewers], "@odata.nextLink": "http://evil.localhost/next" });
  test.each<[string, () => Response | Promise<Response>, string]>([
    ["no answer", () => Promise.reject(new TypeError("fetch failed")), "graph-unavailable"],
    ["throttled", () => json({}, { status: 429, headers: { "retry-after": "10" } }), "graph-unavailable"],
    ["failing", () => new Response("<html>", { status: 502 }), "graph-unavailable"],
    [
      "not consented",
      () => json({ error: { code: "Authorization_RequestDenied" } }, { status: 403 }),
      "graph-refused",
    ],
    ["a token that Graph doesn't take", () => json({}, { status: 401 }), "graph-refused"],
    [
      "too many for Graph",
      () => json({ error: { code: "Directory_ResultSizeLimitExceeded" } }, { status: 400 }),
      "graph-refused",
    ],
    ["a redirect", () => Response.redirect("http://evil.localhost/", 307), "graph-refused"],
    ["a redirect with a list", () => json({ value: [reviewers] }, { status: 302 }), "graph-refused"],
    ["a part of the list", () => half, "graph-answer-invalid"],
    [
      "HTML",
      () => new Response("<html>", { headers: { "content-type": "text/html" } }),
      "graph-answer-invalid",
    ],
    ["no list", () => json({ value: { 0: reviewers } }), "graph-answer-invalid"],
    ["a list itself", () => json([reviewers]), "graph-answer-invalid"],
    ["objects", () => json({ value: [{ id: reviewers }] }), "graph-answer-invalid"],
    ["one that is no id", () => json({ value: [reviewers, "reviewers"] }), "graph-answer-invalid"],
    [
      "JSON cut off",
      () => new Response('{"value":["', { headers: { "content-type": "application/json" } }),
      "graph-answer-invalid",
    ],
    [
      "more than 512 KiB",
      () => json({ value: Array.from({ length: 14_000 }, () => reviewers) }),
      "graph-answer-invalid",
    ],
  ])("%s", async (_, answer, code) => {
    // The role alone would let him in: without the groups nobody knows which rules are for him.
    world.provider.visitor = { oid: reviewer.oid, name: "Mona", acct: 0, roles, hasgroups: true };
    world.provider.answerGraph = answer;
    const response = await browser.signIn(await authorizeUrl());
    expect(response.status).toBe(503);
    expect(codeOf(response)).toBe(code);
    expect(response.headers.get("x-entra-gate-reference")).toMatch(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/);
    expect(await formOf(response)).toBeUndefined();
    expect(browser.cookies.size).toBe(0);
    expect(world.log.join()).not.toContain(accessToken);
  });

  test("an answer that never ends is given up after five seconds", async () => {
    const timeout = vi.spyOn(AbortSignal, "timeout");
    const expired = AbortSignal.abort(new DOMException("too late", "TimeoutError"));
    world.provider.answerGraph = () => {
      const endless = new ReadableStream({
        pull: (controller) => controller.error(expired.reason),
      });
      return new Response(endless, { headers: { "content-type": "application/json" } });
    };
    expect(codeOf(await browser.signIn(await authorizeUrl()))).toBe("graph-unavailable");
    expect(timeout).toHaveBeenCalledWith(5_000);
    timeout.mockRestore();
  });

  test("the next attempt asks again", async () => {
    expect(codeOf(await browser.signIn(await authorizeUrl()))).toBe("graph-refused");
    world.provider.answerGraph = () => json({ value: [reviewers] });
    expect(await formOf(await browser.signIn(await authorizeUrl()))).toBeDefined();
  });
});
