import { beforeEach, describe, expect, test } from "vitest";
import { start } from "../../host/support/world.ts";
import { createWorld, outcome, type World } from "./support.ts";

const now = start / 1000;
let world: World;
beforeEach(async () => {
  world = await createWorld();
});

describe("times, with 60 seconds of leeway", () => {
  test.each([
    { exp: now - 59, expected: "ticket" },
    { exp: now - 61, expected: "id-token-time" },
    { exp: undefined, expected: "id-token-time" },
    { exp: "never", expected: "id-token-time" },
    { nbf: now + 59, expected: "ticket" },
    { nbf: now + 61, expected: "id-token-time" },
    { iat: now + 59, expected: "ticket" },
    { iat: now + 61, expected: "id-token-time" },
    { iat: undefined, expected: "id-token-time" },
  ])("$expected for exp $exp, nbf $nbf, iat $iat", async ({ expected, ...times }) => {
    world.provider.tamper = (claims) => ({ ...claims, ...times }) as never;
    expect(await outcome(world)).toBe(expected);
  });

  test.each([now + 3600, -1, "1700000000", 1.5])("auth_time %j is refused", async (auth_time) => {
    world.provider.tamper = (claims) => ({ ...claims, auth_time }) as never;
    expect(await outcome(world)).toBe("id-token-claims");
  });
});
