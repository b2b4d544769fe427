import { createHmac, generateKeyPairSync } from "node:crypto";
import { exportSPKI, importJWK, SignJWT } from "jose";
import { beforeEach, expect, test } from "vitest";
import { s256 } from "../../../pages-plugin/src/oidc/random.ts";
import { askWith, delegated, machineClaims, sign, tokenWith, v1 } from "./support/machine.ts";
import { clientId, reviewer } from "./support/provider.ts";
import {
  authorizeUrl,
  Browser,
  codeOf,
  createWorld,
  formOf,
  start,
  verifier,
  type World,
} from "./support/world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const other = "99999999-2222-4333-8444-555555555555";

/** Makes a token of which exactly one thing is wrong. */
const wrong: Readonly<Record<string, readonly [string, (of: World) => Promise<string>]>> = {
  "an ID token": [
    "bearer-id-token",
    (of) => sign(of, { ...machineClaims(of), azp: undefined, nonce: "n", ...reviewer }),
  ],
  "an ID token of somebody with roles, asked for without a nonce": [
    "bearer-id-token",
    (of) => tokenWith(of, { azp: undefined, azpacr: undefined, idtyp: undefined }),
  ],
  "an ID token that names a client": ["bearer-id-token", (of) => tokenWith(of, { nonce: "n" })],
  "an ID token of version 1.0": ["bearer-id-token", (of) => tokenWith(of, { ...v1(of), appid: undefined })],
  "Graph's token": [
    "bearer-graph-token",
    (of) => tokenWith(of, { ...v1(of), aud: "https://graph.microsoft.com" }),
  ],
  "Graph's token by id": [
    "bearer-graph-token",
    (of) => tokenWith(of, { ...v1(of), aud: "00000003-0000-0000-c000-000000000000" }),
  ],
  "another application's": ["bearer-audience", (of) => tokenWith(of, { aud: other })],
  "several audiences": ["bearer-audience", (of) => tokenWith(of, { aud: [clientId, other] })],
  "an audience that only begins so": ["bearer-audience", (of) => tokenWith(of, { aud: `${clientId}.evil` })],
  "another tenant's": [
    "bearer-tenant",
    (of) => tokenWith(of, { tid: other, iss: `${of.provider.authority}/${other}/v2.0` }),
  ],
  "another tenant's that claims ours": [
    "bearer-issuer",
    (of) => tokenWith(of, { iss: `${of.provider.authority}/${other}/v2.0` }),
  ],
  "version 1.0 by the other issuer": [
    "bearer-issuer",
    (of) => tokenWith(of, { ...v1(of), iss: of.provider.issuer }),
  ],
  "version 2.0 by the other issuer": ["bearer-issuer", (of) => tokenWith(of, { iss: v1(of).iss })],
  "no version": ["bearer-issuer", (of) => tokenWith(of, { ver: undefined })],
  expired: ["bearer-expired", (of) => tokenWith(of, { exp: start / 1000 })],
  "not yet valid": ["bearer-not-yet-valid", (of) => tokenWith(of, { nbf: start / 1000 + 61 })],
  "issued in the future": ["bearer-not-yet-valid", (of) => tokenWith(of, { iat: start / 1000 + 61 })],
  "no end": ["bearer-claims", (of) => tokenWith(of, { exp: undefined })],
  "an end that is no number": ["bearer-claims", (of) => tokenWith(of, { exp: "9999999999" as never })],
  "no object id": ["bearer-claims", (of) => tokenWith(of, { oid: undefined })],
  "a client that is no id": ["bearer-claims", (of) => tokenWith(of, { azp: "everybody" })],
  "no type and no scope": ["bearer-kind-unknown", (of) => tokenWith(of, { idtyp: undefined })],
  "a type of its own": ["bearer-kind-unknown", (of) => tokenWith(of, { idtyp: "device" })],
  "an application's type and a scope": ["bearer-kind-unknown", (of) => tokenWith(of, { scp: "Sites.Read" })],
  "a person's type and no scope": ["bearer-kind-unknown", (of) => tokenWith(of, { idtyp: "user" })],
  "an empty scope": ["bearer-kind-unknown", (of) => tokenWith(of, { ...delegated, scp: "" })],
  "a key that nobody publishes": [
    "bearer-key-unknown",
    (of) => sign(of, machineClaims(of), { kid: "provider-key-2" }),
  ],
  "another key's signature": [
    "bearer-signature",
    (of) => {
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      return new SignJWT(machineClaims(of))
        .setProtectedHeader({ alg: "RS256", kid: of.provider.kid })
        .sign(privateKey);
    },
  ],
  "changed claims": [
    "bearer-signature",
    async (of) => {
      const [head, , signature] = (await tokenWith(of)).split(".");
      return `${head}.${encoded({ ...machineClaims(of), roles: ["Site.Admin"] })}.${signature}`;
    },
  ],
  unsigned: ["bearer-unsigned", async (of) => `${encoded({ alg: "none" })}.${encoded(machineClaims(of))}.`],
  "unsigned in another spelling": [
    "bearer-unsigned",
    async (of) => `${encoded({ alg: "NoNe", kid: of.provider.kid })}.${encoded(machineClaims(of))}.`,
  ],
  "HS256 with the public key (CVE-2026-22817)": [
    "bearer-algorithm",
    async (of) => {
      const key = (await importJWK(of.provider.publicJwk, "RS256", { extractable: true })) as CryptoKey;
      const head = encoded({ alg: "HS256", typ: "JWT", kid: of.provider.kid });
      const signed = `${head}.${encoded(machineClaims(of))}`;
      const mac = createHmac("sha256", await exportSPKI(key))
        .update(signed)
        .digest("base64url");
      return `${signed}.${mac}`;
    },
  ],
  "another RSA algorithm": [
    "bearer-algorithm",
    (of) =>
      sign(of, machineClaims(of), { alg: "RS256" }).then((token) =>
        token.replace(/^[^.]+/, encoded({ alg: "PS256", kid: "x" })),
      ),
  ],
  "an extension that must be understood": [
    "bearer-malformed",
    async (of) => {
      const token = await tokenWith(of);
      return token.replace(
        /^[^.]+/,
        encoded({ alg: "RS256", kid: of.provider.kid, crit: ["b64"], b64: false }),
      );
    },
  ],
  "a token with a part more": ["bearer-malformed", async (of) => `${await tokenWith(of)}.x`],
  "a token without its end": [
    "bearer-malformed",
    async (of) => (await tokenWith(of)).replace(/\.[^.]+$/, ""),
  ],
  "an endless token": [
    "bearer-malformed",
    (of) => sign(of, { ...machineClaims(of), padding: "x".repeat(20_000) }),
  ],
};

test.each(Object.entries(wrong))("%s is refused", async (_, [code, make]) => {
  const response = await askWith(world, await make(world));
  expect([response.status, codeOf(response)]).toEqual([401, code]);
  expect(response.headers.get("www-authenticate")).toBe('Bearer realm="Entra Gate", error="invalid_token"');
  expect(await response.text()).not.toContain("ticket");
});

test("a ticket and a site's session are no bearer tokens", async () => {
  const page = await new Browser(world).signIn(await authorizeUrl({ challenge: await s256(verifier) }));
  const ticket = (await formOf(page))?.ticket ?? "";
  expect(codeOf(await askWith(world, ticket))).toBe("bearer-ticket");
  expect(codeOf(await askWith(world, `${ticket}.${verifier}`))).toBe("bearer-ticket");
});

test("the host's cookies are no bearer tokens", async () => {
  const browser = new Browser(world);
  await browser.visit(await authorizeUrl());
  const transaction = [...browser.cookies.values()][0] ?? "";
  expect(codeOf(await askWith(world, transaction))).toBe("bearer-host-session");
  await browser.signIn(await authorizeUrl());
  const session = browser.cookies.get("__Host-entra-gate-host") ?? "";
  expect(codeOf(await askWith(world, session))).toBe("bearer-host-session");
});

test("the ID token and the access token of a real sign-in here are none either", async () => {
  const tokens: string[] = [];
  world.provider.sign = async (claims) => {
    const token = await sign(world, { ...claims, ver: "2.0" });
    tokens.push(token);
    return token;
  };
  await new Browser(world).signIn(await authorizeUrl());
  expect(codeOf(await askWith(world, tokens[0] ?? ""))).toBe("bearer-id-token");
});

test("claims that are wrong cost no fetch of keys, and made-up key ids one in five minutes", async () => {
  await askWith(world, await tokenWith(world, { aud: other }));
  expect(world.provider.keyFetches.count).toBe(0);
  for (const kid of ["a", "b", "c"]) await askWith(world, await sign(world, machineClaims(world), { kid }));
  expect(world.provider.keyFetches.count).toBe(1);
  world.clock.now += 300_000;
  for (const kid of ["d", "e"]) await askWith(world, await sign(world, machineClaims(world), { kid }));
  expect(world.provider.keyFetches.count).toBe(2);
});

test("where the tenant's keys can't be had it is 503 as JSON, not a refusal of the token", async () => {
  world.provider.answerKeys = () => new Response("", { status: 500 });
  const response = await askWith(world, await tokenWith(world));
  expect([response.status, codeOf(response)]).toEqual([503, "entra-keys-unavailable"]);
  expect(response.headers.get("content-type")).toMatch(/json/);
});
