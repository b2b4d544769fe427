import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Axe {
  run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
}

/** Narrowest telephone that people still have. */
const narrow = { width: 320, height: 568 };

/** What axe finds wrong with a page, each as rule and element: in light and in dark, wide, narrow and in forced colours. */
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
  found.push(...(await faultsInForcedColors(page)));
  return found;
}

/** With the visitor's own few colours a button is known by its border and the focus by its ring; and nothing moves. */
async function faultsInForcedColors(page: Page): Promise<string[]> {
  await page.emulateMedia({ forcedColors: "active", reducedMotion: "reduce" });
  const found = await page.evaluate(() => {
    const faults = document.getAnimations().map(() => "something moves");
    for (const element of document.querySelectorAll<HTMLElement>("main > nav a, main > nav button")) {
      const { borderTopWidth, borderTopColor, backgroundColor } = getComputedStyle(element);
      if (borderTopWidth === "0px" || borderTopColor === backgroundColor)
        faults.push(`no border: ${element.outerHTML}`);
      element.focus({ focusVisible: true } as FocusOptions);
      if (getComputedStyle(element).outlineStyle !== "solid") faults.push(`no ring: ${element.outerHTML}`);
    }
    return faults;
  });
  await page.emulateMedia({ forcedColors: null, reducedMotion: null });
  return found;
}
