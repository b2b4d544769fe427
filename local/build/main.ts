import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { referencePages } from "../docs/pages.ts";
import { buildAction } from "./action.ts";
import { differences } from "./compare.ts";
import { writeLicences } from "./licences.ts";
import { buildPlugin } from "./plugin.ts";
import { buildSchema } from "./schema.ts";
import { buildWorkers } from "./workers.ts";

const root = join(import.meta.dirname, "..", "..");
const check = process.argv.includes("--check");
const built = mkdtempSync(join(tmpdir(), "entra-gate-build-"));

try {
  const dist = join(built, "dist");
  const plugin = join(built, "plugin");
  await Promise.all([buildAction(root, dist), buildWorkers(root, dist)]);
  await buildPlugin(root, dist, plugin);
  await writeLicences(root, dist, plugin);
  buildSchema(join(built, "schema"));
  const pages = Object.entries(referencePages(root));
  mkdirSync(join(built, "docs"));
  for (const [name, text] of pages) writeFileSync(join(built, "docs", name), text);
  const places = [
    { from: dist, to: join(root, "dist") },
    { from: plugin, to: join(root, "pages-plugin", "dist") },
    { from: join(built, "schema", "gate.schema.json"), to: join(root, "pages-plugin", "gate.schema.json") },
    ...pages.map(([name]) => ({ from: join(built, "docs", name), to: join(root, "docs", name) })),
  ];
  if (check) {
    const found = places.flatMap(({ from, to }) => differences(from, to));
    for (const line of found) console.error(line);
    if (found.length > 0)
      console.error(
        "dist/ or docs/ is not what the sources make: run `npm run build` and commit the result.",
      );
    process.exitCode = found.length > 0 ? 1 : 0;
  } else {
    for (const { from, to } of places) {
      rmSync(to, { recursive: true, force: true });
      cpSync(from, to, { recursive: true });
    }
  }
} finally {
  rmSync(built, { recursive: true, force: true });
}
