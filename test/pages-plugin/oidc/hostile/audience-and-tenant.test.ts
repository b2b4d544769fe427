import { beforeEach, describe, expect, test } from "vitest";
import { clientId, tenantId } from "../../host/support/provider.ts";
import { createWorld, outcome, type World } from "./support.ts";

const other = "99999999-2222-4333-8444-555555555555";
let world: World;
beforeEach(async () => {
  world = await createWorld();
});

describe("a token for somebody else", () => {
  test.each([
    [other],
    [undefined],
    [[clientId]],
    [[clientId, other]],
    [`${clientId} `],
    [clientId.toUpperCase()],
  ])("aud %j", async (aud) => {
    world.provider.tamper = (claims) => ({ ...claims, aud }) as never;
    expect(await outcome(world)).toBe("id-token-audience");
  });

  test.each([other, undefined, "common", "", `${tenantId}x`])("tid %j", async (tid) => {
    world.provider.tamper = (claims) => ({ ...claims, tid }) as never;
    expect(await outcome(world)).toBe("id-token-tenant");
  });

  test.each([undefined, 7, "", "rita", `${other}\n`])("oid %j identifies nobody", async (oid) => {
    world.provider.tamper = (claims) => ({ ...claims, oid }) as never;
    expect(await outcome(world)).toBe("id-token-claims");
  });
});
