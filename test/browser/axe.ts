import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Axe {
  run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
}

/** Narrowest telephone that people still have. */
const narrow = { width: 320, height: 568 };

/** What axe finds wrong with a page, each as rule and element: in light and in dark, wide and narrow. */
export async function faultsOf(page: Page): Promise<string[]> {
  const found: string[] = [];
  await page.evaluate(source);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const violations = await page.evaluate(async () => {
      const result = await (globalThis as unknown as { axe: Axe }).axe.run();
      return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    });
    found.push(...violations.map((violation) => `${colorScheme}: ${violation}`));
  }
  const before = page.viewportSize();
  await page.setViewportSize(narrow);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  if (width > narrow.width) found.push(`scrolls sideways: ${width} px wide`);
  if (before !== null) await page.setViewportSize(before);
  return found;
}
