import { beforeEach, describe, expect, test } from "vitest";
import { createReach, type Reach } from "../../../pages-plugin/src/oidc/reach.ts";

const url = "https://login.example/tenant/v2.0/.well-known/openid-configuration";
let now: number;
let asked: number;
let answer: () => Promise<Response>;
let reach: Reach;

beforeEach(() => {
  now = 1_800_000_000_000;
  asked = 0;
  answer = async () => Response.json({ issuer: "https://anybody.example" });
  const fetch = async (input: unknown, init: RequestInit | undefined) => {
    asked++;
    expect([input, init?.redirect, init?.signal instanceof AbortSignal]).toEqual([url, "manual", true]);
    return answer();
  };
  reach = createReach(url, { now: () => now, fetch: fetch as typeof globalThis.fetch });
});

describe("whether Entra answers", () => {
  test.each([
    ["200", async () => Response.json({}), true],
    ["404", async () => new Response("", { status: 404 }), true],
    ["a redirect", async () => new Response(null, { status: 302, headers: { location: "/" } }), true],
    ["503", async () => new Response("", { status: 503 }), false],
    ["no connection", () => Promise.reject(new TypeError("fetch failed")), false],
    ["nothing within a second", () => Promise.reject(new DOMException("late", "TimeoutError")), true],
  ])("%s", async (_, how, expected) => {
    answer = how;
    expect(await reach.answers()).toBe(expected);
  });

  test("is not asked within five seconds of an answer, whichever it was", async () => {
    expect(await reach.answers()).toBe(true);
    now += 4_999;
    expect(await reach.answers()).toBe(true);
    expect(asked).toBe(1);
    now += 1;
    reach.heard();
    await reach.answers();
    expect(asked).toBe(1);
  });

  test("is asked every two seconds while it does not, however many want to know", async () => {
    answer = () => Promise.reject(new TypeError("fetch failed"));
    for (let second = 0; second < 6; second++) {
      const all = await Promise.all([reach.answers(), reach.answers(), reach.answers()]);
      if (second > 0) expect(all).toEqual([false, false, false]);
      now += 1_000;
    }
    expect(asked).toBe(3);
    answer = async () => Response.json({});
    expect(await reach.answers()).toBe(true);
  });
});
