import { beforeEach, describe, expect, test } from "vitest";
import { clientSecret } from "../../host/support/provider.ts";
import { createWorld, json, outcome, type World } from "./support.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const refusal =
  (error: string, ...numbers: number[]) =>
  () =>
    json({ error, error_codes: numbers, error_description: "AADSTS7000222: <script>alert(1)</script>" }, 400);

describe("an expired secret (n8n#22567) and its relatives", () => {
  test.each([
    ["invalid_client", 7000215, "host-secret-wrong"],
    ["invalid_client", 7000222, "host-secret-expired"],
    ["invalid_client", 7000218, "host-secret-missing"],
    ["unauthorized_client", 700016, "host-application-unknown"],
    ["invalid_request", 90002, "host-tenant-unknown"],
    ["invalid_request", 50011, "host-redirect-uri-unknown"],
    ["invalid_client", 700027, "host-certificate-wrong"],
    ["invalid_client", 1000502, "host-certificate-expired"],
    ["invalid_client", 700024, "host-assertion-late"],
    ["invalid_client", 700030, "entra-client-refused"],
    ["invalid_grant", 54005, "entra-code-refused"],
    ["invalid_grant", 7000215, "entra-code-refused"],
    ["temporarily_unavailable", 90033, "entra-unavailable"],
    ["constructor", 1, "entra-error-unknown"],
  ])("%s AADSTS%i is %s", async (error, number, code) => {
    world.provider.answerToken = refusal(error, number);
    expect(await outcome(world)).toBe(code);
    expect(world.log.join()).toContain(`AADSTS${number}`);
    expect(world.log.join()).not.toContain("<script>");
  });

  test("tells the visitor a reference and the operator what to do", async () => {
    world.provider.answerToken = refusal("invalid_client", 7000222);
    const { authorizeUrl, Browser } = await import("../../host/support/world.ts");
    const response = await new Browser(world).signIn(await authorizeUrl());
    const html = await response.text();
    const reference = response.headers.get("x-entra-gate-reference") ?? "?";
    expect(response.status).toBe(503);
    expect(html).toContain(reference);
    expect(html).not.toMatch(/AADSTS|secret|<script>alert/);
    const line = world.log.map((entry) => JSON.parse(entry)).find((entry) => entry.level === "error");
    expect(line).toMatchObject({ code: "host-secret-expired", reference });
    expect(line.operator).toContain("rotates");
  });
});

describe("an answer that is none", () => {
  const idTokenless = { token_type: "Bearer", access_token: "at" };
  test.each([
    ["no answer", () => Promise.reject(new TypeError("fetch failed")), "entra-unavailable"],
    ["503 in HTML", () => new Response("<html>", { status: 503 }), "entra-unavailable"],
    ["429", () => json({ error: "slow_down" }, 429), "entra-unavailable"],
    ["a redirect", () => Response.redirect("http://evil.localhost/token", 307), "entra-answer-invalid"],
    [
      "HTML",
      () => new Response("<html>", { headers: { "content-type": "text/html" } }),
      "entra-answer-invalid",
    ],
    ["a list", () => json([]), "entra-answer-invalid"],
    [
      "no JSON",
      () => new Response("{", { headers: { "content-type": "application/json" } }),
      "entra-answer-invalid",
    ],
    [
      "bad UTF-8",
      () => new Response(new Uint8Array([0x7b, 0xff]), { headers: { "content-type": "application/json" } }),
      "entra-answer-invalid",
    ],
    ["too long", () => json({ ...idTokenless, id_token: "a".repeat(300_000) }), "entra-answer-invalid"],
    ["no ID token", () => json(idTokenless), "entra-answer-invalid"],
    [
      "an ID token of another type",
      () => json({ ...idTokenless, id_token: { alg: "none" } }),
      "entra-answer-invalid",
    ],
    ["another token type", () => json({ token_type: "mac", id_token: "a.b.c" }), "entra-answer-invalid"],
    [
      "success with an error's status",
      () => json({ ...idTokenless, id_token: "a.b.c" }, 400),
      "entra-error-unknown",
    ],
  ])("%s", async (_, answer, code) => {
    world.provider.answerToken = answer;
    expect(await outcome(world)).toBe(code);
  });
});

describe("PKCE downgrade", () => {
  test("a code without the verifier of this very sign-in is not redeemed", async () => {
    const seen: string[] = [];
    world.provider.answerToken = ({ form }) => {
      seen.push(form.get("code_verifier") ?? "");
      return json({ error: "invalid_grant" }, 400);
    };
    await outcome(world);
    await outcome(world);
    expect(seen.every((verifier) => /^[\w-]{43}$/.test(verifier))).toBe(true);
    expect(new Set(seen).size).toBe(2);
  });
});

test("the secret never reaches log or page, whatever went wrong", async () => {
  world.provider.answerToken = ({ form }) => {
    throw new Error(`echo ${form}`);
  };
  await outcome(world);
  world.provider.answerToken = ({ form }) =>
    json({ error: form.get("client_secret"), error_codes: [clientSecret] }, 400);
  await outcome(world);
  expect(world.log.join()).not.toContain(clientSecret);
});
