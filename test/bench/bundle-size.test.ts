import { join } from "node:path";
import { expect, test } from "vitest";
import { buildGates, gzipSize } from "../../bench/sizes.ts";

test("what stands in front of a wrapped site is at most 22 KB after gzip", async () => {
  const { site } = await buildGates(join(import.meta.dirname, "..", ".."));
  expect(gzipSize(site)).toBeLessThanOrEqual(22 * 1024);
  expect(site).toContain("/.auth/");
});
