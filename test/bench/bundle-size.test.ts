import { join } from "node:path";
import { expect, test } from "vitest";
import { buildGates, buildSiteWithoutPages, gzipSize } from "../../bench/sizes.ts";

const root = join(import.meta.dirname, "..", "..");

test("what stands in front of a wrapped site is at most 22 KB after gzip, its pages in six languages at most 4 KB of it", async () => {
  const { site } = await buildGates(root);
  expect(gzipSize(site)).toBeLessThanOrEqual(22 * 1024);
  expect(site).toContain("/.auth/");
  expect(gzipSize(site) - gzipSize(await buildSiteWithoutPages(root))).toBeLessThanOrEqual(4 * 1024);
});
