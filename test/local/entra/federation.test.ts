import { generateKeyPair } from "jose";
import { afterEach, beforeEach, expect, it } from "vitest";
import { federated, startIssuer, startWorld, subject, type World } from "./support.ts";

let world: World;
let issuer: Awaited<ReturnType<typeof startIssuer>>;

beforeEach(async () => {
  issuer = await startIssuer();
  world = await startWorld({ github: { issuer: issuer.issuer, subject } });
});
afterEach(async () => {
  await world.entra.close();
  await issuer.close();
});

it("takes a token of exactly this issuer, audience and subject", async () => {
  expect((await federated(world.entra, await issuer.token({ sub: subject }))).status).toBe(200);
});

it.each([
  ["another environment", { sub: "repo:contoso/site:environment:production" }, 700213],
  ["a pull request's subject", { sub: "repo:contoso/site:pull_request" }, 700213],
  ["a subject in another case", { sub: "repo:Contoso/site:environment:entra-gate" }, 7002138],
  ["a subject that only begins so", { sub: `${subject}-2` }, 700213],
  ["another audience", { sub: subject, aud: "api://azureadtokenexchange" }, 700212],
  ["two audiences", { sub: subject, aud: ["api://AzureADTokenExchange", "other"] }, 700212],
  ["another issuer", { sub: subject, iss: "http://evil.localhost:1" }, 700211],
  ["an issuer with a slash more", { sub: subject, iss: "slash" }, 700211],
  ["an expired token", { sub: subject, exp: 1_700_000_000, iat: 1_699_999_000 }, 700024],
  ["no subject", {}, 700213],
])("refuses %s", async (_, claims: Record<string, unknown>, code) => {
  const iss = claims["iss"] === "slash" ? `${issuer.issuer}/` : (claims["iss"] ?? issuer.issuer);
  const answer = await federated(world.entra, await issuer.token({ ...claims, iss }));
  expect(answer.status).toBe(401);
  expect(answer.json()).toMatchObject({ error: "invalid_client", error_codes: [code] });
});

it("refuses a token that another key signed", async () => {
  const { privateKey } = await generateKeyPair("RS256");
  const answer = await federated(world.entra, await issuer.token({ sub: subject }, privateKey));
  expect(answer.json().error_codes).toEqual([700027]);
});

it("refuses an unsigned token, and what is no token (CVE class: alg none)", async () => {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: issuer.issuer,
    aud: "api://AzureADTokenExchange",
    sub: subject,
    iat: now,
    exp: now + 300,
  };
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const answer = await federated(world.entra, `${part({ alg: "none" })}.${part(claims)}.`);
  expect(answer.json().error_codes).toEqual([700027]);
  expect((await federated(world.entra, "nonsense")).json().error_codes).toEqual([50027]);
});

it("refuses where the issuer can't be asked for its keys", async () => {
  const assertion = await issuer.token({ sub: subject });
  await issuer.close();
  expect((await federated(world.entra, assertion)).json().error_codes).toEqual([501661]);
});

it("refuses an application without federated credentials", async () => {
  const { appId } = world.entra.cast.applications.testClient;
  const answer = await federated(world.entra, await issuer.token({ sub: subject }), { client_id: appId });
  expect(answer.json().error_codes).toEqual([70025]);
});

it("refuses a wrong assertion type, and an assertion beside a secret", async () => {
  const assertion = await issuer.token({ sub: subject });
  const typed = await federated(world.entra, assertion, { client_assertion_type: "jwt" });
  expect(typed.json().error_codes).toEqual([90023]);
  const both = await federated(world.entra, assertion, { client_secret: "x" });
  expect(both.json().error_codes).toEqual([90023]);
});

it("knows a new credential only after a while, and may fail again after a first success", async () => {
  const own = await startWorld({ propagation: { federatedMs: 120_000 } });
  const { appId } = own.entra.cast.applications.automation;
  own.entra.directory.addFederatedCredential(appId, { issuer: issuer.issuer, subject });
  const attempt = async () => {
    const now = Math.floor(own.clock.now() / 1000);
    const assertion = await issuer.token({ sub: subject, iat: now, nbf: now, exp: now + 300 });
    return (await federated(own.entra, assertion)).json().error_codes;
  };
  expect(await attempt()).toEqual([70021]);
  own.clock.advance(120_000);
  expect(await attempt()).toBeUndefined();
  own.entra.relapseFederation(1);
  expect(await attempt()).toEqual([70021]);
  expect(await attempt()).toBeUndefined();
  await own.entra.close();
});
