import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { compilePolicy } from "../../../contract/policy/compile.ts";
import { entryOf } from "../../../contract/policy/entry.ts";
import { meaningProblems } from "../../../contract/policy/meaning.ts";
import { policySchema } from "../../../contract/policy/schema.ts";
import { runPolicyTests } from "../../../contract/policy/tests.ts";
import { client } from "./fixtures.ts";

/** By the schema itself, so that keys count that a version does not enforce yet. */
function read(json: object) {
  return v.parse(policySchema, json);
}

function isValid(json: unknown): boolean {
  return v.safeParse(policySchema, json).success;
}

const whole = {
  name: "Docs",
  preview: {
    mode: "report",
    card: true,
    rules: [{ path: "/*", allow: { scopes: ["Site.Read"], apps: [client] } }],
  },
  production: {
    bearer: true,
    rules: [{ path: "/api/*", allow: "members", cors: { origins: ["https://app.example"] } }],
  },
};

test("each environment is compiled with what stands in it, and only that", async () => {
  const preview = await compilePolicy(read(whole), "preview");
  expect(preview).toMatchObject({ report: true, card: true, name: "Docs" });
  expect(preview).not.toHaveProperty("bearer");
  expect(preview.rules[0]?.allow.scopes).toEqual(["Site.Read"]);
  const production = await compilePolicy(read(whole), "production");
  expect(production).toMatchObject({ bearer: true, name: "Docs" });
  expect(production).not.toHaveProperty("report");
  expect(production).not.toHaveProperty("card");
});

test("false is the same as nothing", async () => {
  const policy = read({ preview: { card: false, rules: [] }, production: { bearer: false, rules: [] } });
  expect(await compilePolicy(policy, "preview")).not.toHaveProperty("card");
  expect(await compilePolicy(policy, "production")).not.toHaveProperty("bearer");
});

test("the host is told the name, the scopes and that rules only report", async () => {
  expect(entryOf(await compilePolicy(read(whole), "preview"))).toMatchObject({
    name: "Docs",
    scopes: ["Site.Read"],
    report: true,
  });
  const production = entryOf(await compilePolicy(read(whole), "production"));
  for (const key of ["scopes", "report", "cors", "bearer"]) expect(production).not.toHaveProperty(key);
});

test("the digest changes with each of them", async () => {
  const digests = await Promise.all(
    [
      {},
      { name: "Docs" },
      { preview: { rules: [] } },
      { preview: { rules: [], mode: "report" } },
      { preview: { rules: [], card: true } },
      { production: { rules: [] } },
      { production: { rules: [], bearer: true } },
    ].map(async (json) => (await compilePolicy(read(json), "preview")).digest),
  );
  expect(new Set(digests).size).toBe(digests.length);
});

test("tests ask what the rules say, also as an application and with a token for a user", async () => {
  const ask = (as: unknown, expect: string) => ({ in: "preview", as, get: "/", expect });
  const results = await runPolicyTests(
    read({
      ...whole,
      tests: [
        ask("anyone", "deny"),
        ask("members", "deny"),
        ask({ app: client }, "allow"),
        ask({ scopes: ["Site.Read"] }, "allow"),
        ask({ scopes: ["Site.Write"] }, "deny"),
      ],
    }),
  );
  expect(results.filter(({ passed }) => !passed)).toEqual([]);
});

test("an application that asks for itself has no scopes", () => {
  const json = { tests: [{ in: "preview", as: { app: client, scopes: [] }, get: "/", expect: "deny" }] };
  expect(meaningProblems(json).map(({ place }) => place)).toEqual(["tests[0].as.scopes"]);
});

describe("cors", () => {
  const withCors = (cors: unknown) => ({
    preview: { rules: [{ path: "/*", allow: "members", cors }] },
  });

  test("what nothing is said of", () => {
    const policy = read(withCors({ origins: ["https://app.example"] }));
    expect(policy.preview?.rules[0]?.cors).toEqual({
      origins: ["https://app.example"],
      credentials: false,
      methods: ["GET", "HEAD", "POST"],
      headers: ["Authorization", "Content-Type"],
    });
  });

  test.each([
    "https://app.example",
    "https://app.example:8443",
    "http://localhost:5173",
    "https://xn--bcher-kva.example",
  ])("an origin: %s", (origin) => {
    expect(isValid(withCors({ origins: [origin] }))).toBe(true);
  });

  test.each([
    "*",
    "null",
    "",
    "app.example",
    "https://app.example/",
    "https://APP.example",
    "https://app.example:443",
    "http://app.example",
    "https://*.app.example",
    "https://user@app.example",
    "https://app.example, https://b.example",
    "file:///",
    "ftp://localhost",
  ])("no origin: %s", (origin) => {
    expect(isValid(withCors({ origins: [origin] }))).toBe(false);
  });

  test.each([
    [],
    { origins: [] },
    { origins: ["https://a.example"], methods: ["*"] },
    { origins: ["https://a.example"], methods: ["get"] },
    { origins: ["https://a.example"], methods: [] },
    { origins: ["https://a.example"], headers: ["*"] },
    { origins: ["https://a.example"], headers: ["a, b"] },
    { origins: ["https://a.example"], maxAge: "2d" },
    { origins: ["https://a.example"], credentials: "yes" },
    { origins: ["https://a.example"], expose: [] },
  ])("refused: %j", (cors) => {
    expect(isValid(withCors(cors))).toBe(false);
  });
});

test.each(["", " x", "x".repeat(61), "a\nb", "a\u202eb", 7])("no name: %j", (name) => {
  expect(isValid({ name })).toBe(false);
});
