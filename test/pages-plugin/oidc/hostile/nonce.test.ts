import { beforeEach, describe, expect, test } from "vitest";
import { createWorld, outcome, type World } from "./support.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

describe("a token of another sign-in", () => {
  test.each([undefined, "", 0, "n".repeat(43), [["n"]]])("nonce %j", async (nonce) => {
    world.provider.tamper = (claims) => ({ ...claims, nonce }) as never;
    expect(await outcome(world)).toBe("id-token-nonce");
  });

  test("a token that was good once is not good twice", async () => {
    let first = "";
    const sign = world.provider.sign;
    world.provider.sign = async (claims) => {
      first ||= await sign(claims);
      return first;
    };
    expect(await outcome(world)).toBe("ticket");
    expect(await outcome(world)).toBe("id-token-nonce");
  });
});
