// Copies site/ to public/ and stamps each page with the release it was built from.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";

const { release } = JSON.parse(readFileSync("release.json", "utf8"));
const stamped = new Set([".html", ".css", ".js", ".svg", ".txt", ""]);

rmSync("public", { recursive: true, force: true });
cpSync("site", "public", { recursive: true });
for (const entry of readdirSync("public", { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !stamped.has(extname(entry.name)) || entry.name.startsWith("_")) continue;
  const path = join(entry.parentPath, entry.name);
  writeFileSync(path, readFileSync(path, "utf8").replaceAll("{{release}}", release));
}
console.log(`built release ${release} into public/`);
