import { describe, expect, test } from "vitest";
import { notAfterOf } from "../../../contract/keys/key-id.ts";

describe("a key id", () => {
  test("gives the day 180 days after the one it names", () => {
    expect(notAfterOf("20261123_A1B2C3")).toBe(Date.UTC(2027, 4, 22) / 1000);
    expect(notAfterOf("20280229_000000")).toBe(Date.UTC(2028, 7, 27) / 1000);
  });

  test.each([
    "",
    "20261123",
    "20261123_a1b2c3",
    "20261123_A1B2C",
    "20261123_A1B2C3 ",
    "20261323_A1B2C3",
    "20270229_A1B2C3",
    "20261100_A1B2C3",
  ])("%j is none", (kid) => {
    expect(notAfterOf(kid)).toBeUndefined();
  });
});
