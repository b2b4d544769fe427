import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import { hostFederation } from "../../../contract/names/federation.ts";
import {
  authorizeUrl,
  Browser,
  codeOf,
  createWorld,
  formOf,
  hostOrigin,
  signingKid,
  type World,
} from "./support/world.ts";

const federated = { ENTRA_CLIENT_SECRET: undefined, GATE_ENTRA_KEY_ID: hostFederation.keyId };
const discovery = "/.well-known/openid-configuration";

let world: World;
beforeEach(async () => {
  world = await createWorld(federated);
});
const get = async (path: string, of = world) => of.fetch(new Request(hostOrigin + path));
const keySet = async () => createLocalJWKSet((await (await get("/.auth/jwks")).json()) as JSONWebKeySet);

describe("a host that proves itself by federation", () => {
  test("says where its keys are, under its own origin as issuer", async () => {
    expect(await (await get(discovery)).json()).toMatchObject({
      issuer: hostOrigin,
      jwks_uri: `${hostOrigin}/.auth/jwks`,
      id_token_signing_alg_values_supported: ["RS256"],
    });
  });

  test("signs a token that its own keys verify: for Entra's exchange, about itself, for five minutes", async () => {
    const sent: URLSearchParams[] = [];
    world.provider.answerToken = ({ form }) => {
      sent.push(form);
      return Response.json({ error: "invalid_grant", error_codes: [70000] }, { status: 400 });
    };
    for (let round = 0; round < 2; round++) await new Browser(world).signIn(await authorizeUrl());
    const [one, two] = sent.map((form) => form.get("client_assertion") ?? "");
    expect(one).not.toBe(two);
    expect(sent[0]?.has("client_secret")).toBe(false);
    const { payload, protectedHeader } = await jwtVerify(one ?? "", await keySet(), {
      issuer: hostOrigin,
      subject: hostFederation.subject,
      audience: hostFederation.audience,
      algorithms: ["RS256"],
      currentDate: new Date(world.clock.now),
    });
    expect(protectedHeader).toEqual({ alg: "RS256", typ: "JWT", kid: signingKid });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
  });

  test("never signs a ticket that Entra could take for such a token", async () => {
    const other = await createWorld();
    const ticket = (await formOf(await new Browser(other).signIn(await authorizeUrl())))?.ticket ?? "";
    const { payload, protectedHeader } = await jwtVerify(ticket, await keySet(), {
      currentDate: new Date(world.clock.now),
    });
    expect(payload.sub).toBeUndefined();
    expect(payload.aud).not.toBe(hostFederation.audience);
    expect(protectedHeader.typ).not.toBe("JWT");
  });

  test.each([70021, 70025, 700211, 700212, 700213, 501661])(
    "AADSTS%i is host-federation-unknown",
    async (number) => {
      world.provider.answerToken = () =>
        Response.json({ error: "invalid_client", error_codes: [number] }, { status: 401 });
      expect(codeOf(await new Browser(world).signIn(await authorizeUrl()))).toBe("host-federation-unknown");
    },
  );

  test.each(["ENTRA_CLIENT_SECRET", "ENTRA_CLIENT_KEY"])("does not start with %s beside it", async (name) => {
    const both = await createWorld({ ...federated, [name]: "x" });
    expect((await get("/.auth/status", both)).status).toBe(503);
    expect(both.log.join()).toContain(name);
  });

  test("any other host has no such document", async () => {
    expect((await get(discovery, await createWorld())).status).toBe(404);
  });
});
