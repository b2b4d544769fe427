import { exportJWK, generateKeyPair } from "jose";
import { describe, expect, test } from "vitest";
import { createWorld, hostOrigin, newCookieKey, signingKey, signingKid } from "./support/world.ts";

const unnamed = await signingKey();
const anywhere = [
  `${hostOrigin}/.auth/status`,
  `${hostOrigin}/.auth/jwks`,
  "http://elsewhere.localhost/",
  `${hostOrigin}/.auth/authorize`,
];

async function problemsWith(change: Record<string, unknown>): Promise<string[]> {
  const world = await createWorld();
  Object.assign(world.env, change);
  for (const [name, value] of Object.entries(change)) if (value === undefined) delete world.env[name];
  const response = await world.fetch(new Request(`${hostOrigin}/.auth/status`));
  if (response.status === 200) return [];
  expect(response.status).toBe(503);
  expect(await response.text()).not.toMatch(/GATE_|ENTRA_/);
  const line = JSON.parse(world.log.at(-1) ?? "{}");
  expect(line.reference).toBe(response.headers.get("x-entra-gate-reference"));
  return line.problems;
}

describe("one wrong setting is named in the log, and nowhere else", () => {
  test.each([
    ["GATE_ROLE", "site"],
    ["GATE_ROLE", undefined],
    ["GATE_HOST_ORIGIN", "https://gate.example.com/"],
    ["GATE_HOST_ORIGIN", "http://gate.example.com"],
    ["GATE_HOST_ORIGIN", undefined],
    ["ENTRA_TENANT_ID", "common"],
    ["ENTRA_TENANT_ID", "contoso.onmicrosoft.com"],
    ["ENTRA_CLIENT_ID", ""],
    ["ENTRA_CLOUD", "mars"],
    ["ENTRA_CLOUD", "constructor"],
    ["ENTRA_AUTHORITY", "http://login.example.com"],
    ["ENTRA_AUTHORITY", "https://login.example.com/tenant"],
    ["GRAPH_URL", "http://graph.example.com"],
    ["ENTRA_CLIENT_SECRET", undefined],
    ["ENTRA_CLIENT_KEY", "{}"],
    ["GATE_ENTRA_KEY_ID", "a b"],
    ["GATE_DB", undefined],
    ["GATE_DB", "a string"],
    ["GATE_SIGNING_ACTIVE", "20261101_FFFFFF"],
    ["GATE_COOKIE_ACTIVE", undefined],
    ["GATE_SIGN_IN_ORIGIN", "https://gate.example.com"],
    ["GATE_ENVIRONMENT", "production"],
    ["GATE_COOKIE_KEY_20261101_BBBBBB", "short"],
    ["GATE_COOKIE_KEY_nodate", newCookieKey()],
    ["GATE_COOKIE_KEY_20260230_AAAAAA", newCookieKey()],
    ["GATE_SIGNING_KEY_20261101_CCCCCC", "{}"],
    ["GATE_SIGNING_KEY_20261101_CCCCCC", "-----BEGIN PRIVATE KEY-----"],
  ])("%s = %j", async (name, value) => {
    const problems = await problemsWith({ [name]: value });
    expect(problems.length).toBe(1);
    expect(problems[0]?.startsWith(name)).toBe(true);
  });

  test.each([
    ["no JSON", "-----BEGIN PRIVATE KEY-----"],
    ["no private key", '{"kty":"RSA","n":"AQAB","e":"AQAB"}'],
    ["a key that no certificate is named for", unnamed],
  ])("a client key that is %s", async (_, key) => {
    const problems = await problemsWith({ ENTRA_CLIENT_SECRET: undefined, ENTRA_CLIENT_KEY: key });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.startsWith("ENTRA_CLIENT_KEY")).toBe(true);
    expect(problems[0]).not.toContain(key.slice(8, 40));
  });

  test("all of them at once", async () => {
    const problems = await problemsWith({
      GATE_ROLE: "",
      ENTRA_TENANT_ID: "",
      ENTRA_CLIENT_SECRET: "",
      GATE_DB: 7,
    });
    expect(problems.length).toBe(4);
  });

  test("a signing key's text is never quoted", async () => {
    const { privateKey } = await generateKeyPair("RS256", { extractable: true });
    const jwk = await exportJWK(privateKey);
    const problems = await problemsWith({
      [`GATE_SIGNING_KEY_${signingKid}`]: `${JSON.stringify(jwk)} trailing`,
    });
    expect(problems.length).toBe(2);
    expect(problems.join()).not.toContain(jwk.d?.slice(0, 12));
  });

  test("a public key signs nothing", async () => {
    const { kty, n, e } = JSON.parse(await signingKey());
    const text = JSON.stringify({ kty, n, e });
    expect((await problemsWith({ GATE_SIGNING_KEY_20261101_CCCCCC: text })).length).toBe(1);
  });

  test("1024 bits are too few", async () => {
    const pair = await crypto.subtle.generateKey(
      {
        name: "RSASSA-PKCS1-v1_5",
        modulusLength: 1024,
        publicExponent: new Uint8Array([1, 0, 1]),
        hash: "SHA-256",
      },
      true,
      ["sign", "verify"],
    );
    const text = JSON.stringify(await crypto.subtle.exportKey("jwk", pair.privateKey));
    const [problem] = await problemsWith({ GATE_SIGNING_KEY_20261101_CCCCCC: text });
    expect(problem).toContain("2048");
  });
});

test("with anything wrong, everything is 503", async () => {
  const world = await createWorld({ ENTRA_CLIENT_SECRET: "" });
  for (const url of anywhere) expect((await world.fetch(new Request(url))).status).toBe(503);
});

test("settings that are right are none of a problem", async () => {
  expect(await problemsWith({})).toEqual([]);
  expect(await problemsWith({ ENTRA_AUTHORITY: undefined, GRAPH_URL: "http://graph.localhost:1" })).toEqual(
    [],
  );
});
