import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/**
 * Installs the package from its tarball beside the oldest and the newest wrangler that it supports and builds a small
 * project with each, as its users do. It needs the npm registry, so it is no part of `npm test`.
 */
const run = promisify(execFile);
const packageFolder = join(import.meta.dirname, "..", "..", "pages-plugin");
const { version: own, peerDependencies } = JSON.parse(
  await readFile(join(packageFolder, "package.json"), "utf8"),
) as {
  version: string;
  peerDependencies: { wrangler: string };
};
const oldest = peerDependencies.wrangler.replace(/^>=/, "");

const project = {
  "package.json": '{ "name": "site", "private": true, "type": "module" }',
  "gate.json": '{ "preview": { "rules": [{ "path": "/*", "allow": "members" }] } }',
  "functions/_middleware.ts":
    'import entraGate from "pages-plugin-entra-gate";\nimport policy from "../gate.json";\nexport const onRequest = entraGate(policy);\n',
  "functions/hello.ts": 'export const onRequestGet = () => new Response("hello");\n',
  "public/index.html": "<p>hello</p>",
};

for (const version of [oldest, "latest"]) {
  const folder = await mkdtemp(join(tmpdir(), "entra-gate-peers-"));
  try {
    for (const [path, text] of Object.entries(project)) {
      await mkdir(join(folder, path, ".."), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: packageFolder });
    const packed = `./pages-plugin-entra-gate-${own}.tgz`;
    await run("npm", ["install", "--no-audit", "--no-fund", packed, `wrangler@${version}`], { cwd: folder });
    const said = await run("npx", ["wrangler", "--version"], { cwd: folder });
    await run("npx", ["wrangler", "pages", "functions", "build", "--outdir", "built"], { cwd: folder });
    await run("npx", ["entra-gate", "pack", "public"], { cwd: folder });
    const wrapping = ["wrap", "public", "--policy", "gate.json", "--environment", "preview"];
    await run("npx", ["entra-gate", ...wrapping, "--sign-in-origin", "https://sign-in.example"], {
      cwd: folder,
    });
    console.log(`wrangler ${said.stdout.trim()}: functions build, pack and wrap work`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
