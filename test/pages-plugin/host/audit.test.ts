import { beforeEach, expect, test } from "vitest";
import { clientSecret, reviewer } from "./support/provider.ts";
import {
  authorizeUrl,
  Browser,
  codeOf,
  createWorld,
  events,
  formOf,
  signingKey,
  site,
  verifier,
  type World,
} from "./support/world.ts";

let world: World;
let browser: Browser;
beforeEach(async () => {
  world = await createWorld();
  browser = new Browser(world);
});

test("a sign-in and the ticket that followed are one event each, with visitor, site and policy", async () => {
  await browser.signIn(await authorizeUrl());
  const [signIn, ticket] = events(world);
  expect(events(world).length).toBe(2);
  expect(signIn).toMatchObject({ activity_name: "Logon", status: "Success", user: { uid: reviewer.oid } });
  expect(ticket).toMatchObject({
    activity_name: "Ticket",
    status: "Success",
    service: { name: site },
    user: { uid: reviewer.oid },
    unmapped: { project: "demo", environment: "preview", policy_digest: "d1" },
  });
  expect(ticket.session.uid).toMatch(/^[\w-]{22}$/);
});

test("a refusal is an event with its code and the reference on the page", async () => {
  world.provider.visitor = { ...reviewer, groups: [] };
  const response = await browser.signIn(await authorizeUrl());
  const event = events(world).at(-1);
  expect(event).toMatchObject({
    status: "Failure",
    status_code: "entry-refused",
    user: { uid: reviewer.oid },
  });
  expect(event.unmapped.reference).toBe(response.headers.get("x-entra-gate-reference"));
});

test("a forged callback is an event about nobody", async () => {
  await browser.visit("http://gate.localhost:8788/.auth/callback?code=x");
  expect(events(world)).toMatchObject([
    { activity_name: "Logon", status_code: "callback-state-missing", user: { name: "unknown" } },
  ]);
});

test("neither token, cookie, code, state nor secret is ever in the log", async () => {
  const first = await browser.visit(await authorizeUrl());
  const callback = world.provider.authorize(first.headers.get("location") ?? "");
  const cookies = [...browser.cookies.values()];
  const response = await browser.visit(callback);
  await browser.visit(callback);
  world.provider.visitor = { ...reviewer, groups: "?" };
  await new Browser(world).signIn(await authorizeUrl());
  const [code, state] = ["code", "state"].map((name) => callback.searchParams.get(name) ?? "");
  const { d } = JSON.parse(await signingKey());
  const secrets = [
    ...[code, state, clientSecret, d, verifier, ...cookies, ...browser.cookies.values()],
    ...[(await formOf(response))?.ticket, world.provider.requests[0]?.form.get("code_verifier")],
  ];
  expect(secrets.length).toBe(9);
  for (const secret of secrets) {
    expect(typeof secret).toBe("string");
    expect(world.log.join("\n")).not.toContain(secret);
  }
});

test("a fault that nobody foresaw is 503 with a reference, and its message stays out of the log", async () => {
  const results = {
    flatMap: () => {
      throw new RangeError("top secret");
    },
  };
  world.env["GATE_DB"] = { prepare: () => ({ all: async () => ({ results }) }) };
  const response = await browser.visit(await authorizeUrl());
  expect(codeOf(response)).toBe("host-fault");
  expect(world.log.join()).toContain(response.headers.get("x-entra-gate-reference"));
  expect(world.log.join()).toContain("RangeError");
  expect(world.log.join()).not.toContain("top secret");
});

test("a log that throws ends in 503 and not in an exception", async () => {
  world.log.push = () => {
    throw new Error("sink is gone");
  };
  const response = await browser.visit("http://gate.localhost:8788/.auth/callback?state=");
  expect(response.status).toBe(503);
});
