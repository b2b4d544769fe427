import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { attemptsIn, tryingAgain } from "../../../pages-plugin/src/http/retry.ts";
import { navigation } from "../site/support.ts";

const ask = (headers: Record<string, string> = navigation) => new Request("https://x.example/", { headers });

describe("a page that tries again", () => {
  test("does so three times, later each time, and then waits to be asked", () => {
    const seconds: number[] = [];
    let next: string | undefined = "/.auth/login?return_to=%2F";
    for (let round = 0; next !== undefined; round++) {
      expect(round).toBeLessThan(10);
      const made = attemptsIn(new URL(next, "https://x.example").searchParams);
      const { headers, page } = tryingAgain(ask(), "text", "/.auth/login?return_to=%2F", made);
      const [, delay, url] = /^(\d+);url=(.+)$/.exec(headers?.["refresh"] ?? "") ?? [];
      next = url;
      if (delay) seconds.push(Number(delay));
      expect(page?.paragraphs?.length).toBe(delay ? 2 : 1);
      expect(page?.actions).toMatchObject([{ href: "/.auth/login?return_to=%2F" }]);
    }
    expect(seconds).toEqual([5, 20, 60]);
  });

  test("whatever an address counts, it never begins more than what is left", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 3 }), (values) => {
        const query = new URLSearchParams(values.map((value) => ["try", value]));
        const made = attemptsIn(query);
        expect(made).toBeGreaterThanOrEqual(1);
        expect(Number.isInteger(made)).toBe(true);
      }),
    );
    expect(attemptsIn(new URLSearchParams())).toBe(0);
  });

  test("is for documents only; a script is told when to ask again", () => {
    const script = { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty", "sec-fetch-site": "same-origin" };
    const { headers } = tryingAgain(ask(script), "text", "/x?y", 0);
    expect(headers).toEqual({ "retry-after": "60" });
  });
});
