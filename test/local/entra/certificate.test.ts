import { importJWK, type JWK, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { certificateProof } from "../../../pages-plugin/src/oidc/client-proof.ts";
import { makeCertificate, type SelfSigned } from "../../../src/certificates.ts";
import { signAssertion } from "../../../src/clients/client-assertion.ts";
import {
  federated,
  type Graph,
  gate,
  graphWith,
  startIssuer,
  startWorld,
  subject,
  token,
  type World,
} from "./support.ts";

let issuer: Awaited<ReturnType<typeof startIssuer>>;
let world: World;
let graph: Graph;
let path: string;
let made: SelfSigned;
let jwk: string;
let endpoint: string;
const day = 86_400_000;

beforeAll(async () => {
  issuer = await startIssuer();
  world = await startWorld({ github: { issuer: issuer.issuer, subject } });
  const { access_token } = (await federated(world.entra, await issuer.token({ sub: subject }))).json();
  graph = graphWith(world.entra, access_token);
  path = `/applications/${world.entra.cast.applications.gate.objectId}`;
  endpoint = `${world.entra.authority}/${world.entra.tenantId}/oauth2/v2.0/token`;
  const now = Math.floor(world.clock.now() / 1000) * 1000;
  made = await makeCertificate("gate", new Date(now - 60_000), new Date(now + 30 * day));
  jwk = JSON.stringify({ ...made.privateKey, "x5t#S256": made.thumbprint });
  expect((await graph("PATCH", path, { keyCredentials: [entry()] })).status).toBe(204);
  world.clock.advance(60_000);
});
afterAll(async () => {
  await world?.entra.close();
  await issuer?.close();
});

const entry = (change: Record<string, unknown> = {}) => ({
  displayName: "gate",
  type: "AsymmetricX509Cert",
  usage: "Verify",
  key: made.certificate.toString("base64"),
  ...change,
});
const clientId = () => gate(world.entra).appId;
const present = () => gate(world.entra).keyCredentials;
const ask = async (proof: Readonly<Record<string, string>>) => {
  const form = {
    client_id: clientId(),
    grant_type: "client_credentials",
    scope: `${world.entra.graphUrl}/.default`,
  };
  return (await token(world.entra, { ...form, ...proof })).json();
};

/** An assertion with one thing different. */
async function assertionWith(
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
  key: JWK = made.privateKey as JWK,
) {
  const now = Math.floor(world.clock.now() / 1000);
  const all = {
    iss: clientId(),
    sub: clientId(),
    aud: endpoint,
    jti: "j",
    iat: now,
    nbf: now,
    exp: now + 300,
    ...claims,
  };
  const alg = String(header["alg"] ?? "PS256");
  const assertion = await new SignJWT(all)
    .setProtectedHeader({ alg, typ: "JWT", "x5t#S256": made.thumbprint, ...header })
    .sign(await importJWK(key, alg));
  return {
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
  };
}

describe("a client assertion by certificate", () => {
  it("is accepted as the action and as the sign-in host make it", async () => {
    expect(await ask(signAssertion(jwk, clientId(), endpoint, world.clock.now()))).toHaveProperty(
      "access_token",
    );
    const prove = await certificateProof(jwk, clientId(), endpoint);
    const [one, two] = [await prove(world.clock.now()), await prove(world.clock.now())];
    expect(await ask(one)).toHaveProperty("access_token");
    expect(one["client_assertion"]).not.toBe(two["client_assertion"]);
  });

  it.each<[string, number, () => Promise<Record<string, string>>]>([
    [
      "for another audience",
      700023,
      () => assertionWith({ aud: "https://login.microsoftonline.com/common" }),
    ],
    [
      "about another application",
      700021,
      () => assertionWith({ sub: "00000000-0000-4000-8000-000000000000" }),
    ],
    ["without jti", 50027, () => assertionWith({ jti: undefined })],
    [
      "that lives for more than ten minutes",
      700024,
      () => assertionWith({ exp: Math.floor(world.clock.now() / 1000) + 601 }),
    ],
    [
      "that is over",
      700024,
      () => assertionWith({ iat: 1_700_000_000, nbf: 1_700_000_000, exp: 1_700_000_300 }),
    ],
    [
      "by a key that the application has no certificate of",
      700027,
      async () => {
        const other = await makeCertificate("other", new Date(0), new Date(world.clock.now() + day));
        return assertionWith({}, { "x5t#S256": other.thumbprint }, other.privateKey as JWK);
      },
    ],
    [
      "by another key under the certificate's name",
      700027,
      async () => {
        const other = await makeCertificate("other", new Date(0), new Date(world.clock.now() + day));
        return assertionWith({}, {}, other.privateKey as JWK);
      },
    ],
    ["that names no certificate", 700027, () => assertionWith({}, { "x5t#S256": undefined })],
  ])("%s is refused with AADSTS%i", async (_, code, make) => {
    expect((await ask(await make())).error_codes).toEqual([code]);
  });

  it("is worth nothing beside a secret, before the certificate is known, or after its end", async () => {
    const proof = () => signAssertion(jwk, clientId(), endpoint, world.clock.now());
    expect((await ask({ ...proof(), client_secret: "x" })).error_codes).toEqual([90023]);
    const [known] = present();
    const application = gate(world.entra);
    const write = (change: object) =>
      world.entra.directory.writeApplication(application.id, {
        ...application,
        keyCredentials: [{ ...known, ...change } as never],
      });
    write({ usableFrom: world.clock.now() + 1_000 });
    expect((await ask(proof())).error_codes).toEqual([700027]);
    write({ endDateTime: new Date(world.clock.now()).toISOString() });
    expect((await ask(proof())).error_codes).toEqual([700027]);
    write({});
  });
});

describe("keyCredentials", () => {
  it("read without the certificate, and may be written back so", async () => {
    const read = (await graph("GET", `${path}?$select=keyCredentials`)).json().keyCredentials;
    expect(read).toMatchObject([{ key: null, type: "AsymmetricX509Cert", usage: "Verify" }]);
    expect((await graph("PATCH", path, { keyCredentials: read })).status).toBe(204);
    expect(present()[0]?.key).toBe(made.certificate.toString("base64"));
  });

  it.each<[string, () => Record<string, unknown>]>([
    ["no certificate", () => ({ key: null })],
    ["what is none", () => ({ key: Buffer.from("certificate").toString("base64") })],
    ["another type", () => ({ type: "Symmetric" })],
    [
      "an end after the certificate's",
      () => ({ endDateTime: new Date(world.clock.now() + 31 * day).toISOString() }),
    ],
    [
      "a beginning before the certificate's",
      () => ({ startDateTime: new Date(world.clock.now() - day).toISOString() }),
    ],
    ["a property that isn't one", () => ({ thumbprint: "x" })],
  ])("with %s are refused, and nothing changes", async (_, change) => {
    const before = present();
    expect(
      (
        await graph("PATCH", path, {
          keyCredentials: [
            ...before.map(({ keyId }) => ({ keyId, type: "AsymmetricX509Cert", usage: "Verify" })),
            entry(change()),
          ],
        })
      ).status,
    ).toBe(400);
    expect(present()).toEqual(before);
  });

  it("are replaced whole: what is left out is gone", async () => {
    expect((await graph("PATCH", path, { keyCredentials: [] })).status).toBe(204);
    expect(present()).toEqual([]);
  });
});
