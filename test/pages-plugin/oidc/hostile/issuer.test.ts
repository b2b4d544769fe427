import { beforeEach, describe, expect, test } from "vitest";
import { tenantId } from "../../host/support/provider.ts";
import { createWorld, json, outcome, type World } from "./support.ts";

const foreign = "99999999-2222-4333-8444-555555555555";
let world: World;
beforeEach(async () => {
  world = await createWorld();
});

describe("the issuer is pinned (passport-azure-ad#183)", () => {
  test.each([
    ["another tenant's", (authority: string) => `${authority}/${foreign}/v2.0`],
    ["common", (authority: string) => `${authority}/common/v2.0`],
    ["the template", (authority: string) => `${authority}/{tenantid}/v2.0`],
    ["v1", () => `https://sts.windows.net/${tenantId}/`],
    ["with a slash at its end", (authority: string) => `${authority}/${tenantId}/v2.0/`],
    ["of a look-alike host", (authority: string) => `${authority}.evil.example/${tenantId}/v2.0`],
    ["in capitals", (authority: string) => `${authority}/${tenantId}/V2.0`],
    ["missing", () => undefined],
    ["a list", (authority: string) => [`${authority}/${tenantId}/v2.0`]],
  ])("%s", async (_, issuer) => {
    world.provider.tamper = (claims) => ({ ...claims, iss: issuer(world.provider.authority) }) as never;
    expect(await outcome(world)).toMatch(/^id-token-(issuer|invalid)$/);
  });

  test("a key that names another issuer signs nothing here", async () => {
    const issuer = `${world.provider.authority}/${foreign}/v2.0`;
    world.provider.answerKeys = () => json({ keys: [{ ...world.provider.publicJwk, issuer }] });
    expect(await outcome(world)).toBe("entra-keys-unavailable");
  });

  test("a key whose issuer is the tenant's template is the tenant's", async () => {
    const issuer = `${world.provider.authority}/{tenantid}/v2.0`;
    world.provider.answerKeys = () => json({ keys: [{ ...world.provider.publicJwk, issuer }] });
    expect(await outcome(world)).toBe("ticket");
  });
});
