import { createReadStream, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pack } from "../../../pages-plugin/src/cli/pack.ts";
import { unpackArtifact } from "../../../src/steps/artifact.ts";
import { listFiles } from "../../../src/steps/folder.ts";
import { rehearse } from "../../../src/steps/rehearse.ts";
import { wrapPack } from "../../../src/steps/wrap.ts";
import { blocksOf } from "../../docs/blocks/block.ts";
import {
  buildDist,
  rehearsalScript,
  root,
  scratchFolder,
  siteConfig,
  zipOf,
} from "../../src/steps/fixtures.ts";
import { reviewers } from "../site/support.ts";
import { reviewer, serve, visitor, wrapInPlace } from "./wrapped-site.ts";

/** What the real frameworks emitted (testdata/frameworks/make.ts), packed, wrapped and served on workerd. */
const scratch = scratchFolder();
let dist: string;
beforeAll(async () => {
  dist = await buildDist(scratch.at("dist"));
});
afterAll(() => scratch.remove());

async function unpacked(framework: string, copy: string): Promise<string> {
  const folder = scratch.at(`${framework}-${copy}`);
  const archive = join(import.meta.dirname, "testdata", "frameworks", `${framework}.tar.gz`);
  const tar = createReadStream(archive).pipe(createGunzip()).pipe(extract());
  for await (const entry of tar) {
    const path = join(folder, entry.header.name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, await buffer(entry));
  }
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(join(root, "node_modules", "wrangler"), join(folder, "node_modules", "wrangler"));
  return folder;
}

/** The policy of the framework's recipe, whose reviewers are this test's. */
function recipeOf(framework: string): object {
  const block = blocksOf(`docs/recipes/${framework}.md`).find(({ language }) => language === "json");
  return { ...JSON.parse(block?.text ?? ""), groups: { reviewers } };
}

const frameworks = [
  { framework: "sveltekit", output: ".svelte-kit/cloudflare", built: "/_app/version.json", modules: 1 },
  { framework: "astro", output: "dist", built: "/about/", modules: 10 },
  { framework: "nuxt", output: "dist", built: "/about/_payload.json", modules: 10 },
] as const;

describe.each(frameworks)(
  "what $framework emits",
  { timeout: 120_000 },
  ({ framework, output, built, modules }) => {
    it("is packed, wrapped and rehearsed as the action does it", async () => {
      const folder = await unpacked(framework, "packed");
      expect(await pack({ project: folder, out: "entra-gate.tar" })).toContain("(worker)");
      const tar = readFileSync(join(folder, "entra-gate.tar"));
      const zip = await zipOf({ "entra-gate.tar": tar });
      const unpackedPack = await unpackArtifact(zip, scratch.at(`${framework}-pack`));
      expect(unpackedPack.manifest).toMatchObject({ kind: "worker", main: "_worker.js" });
      expect(unpackedPack.manifest.modules.length).toBeGreaterThanOrEqual(modules);
      expect(unpackedPack.routes.exclude).toContain("/static.txt");
      expect(await pack({ project: folder, out: "again.tar" })).toContain("(worker)");
      expect(readFileSync(join(folder, "again.tar")).equals(tar)).toBe(true);

      const bundle = await wrapPack(
        unpackedPack,
        await siteConfig(),
        scratch.at(`${framework}-bundle`),
        join(dist, "gate", "site.js"),
      );
      const { report } = await rehearse(bundle, {
        dist,
        script: rehearsalScript,
        tools: root,
        compatibilityDate: "2026-11-01",
        compatibilityFlags: [],
        bindings: { vars: {}, d1: [], kv: [], r2: [] },
        card: { project: framework, pullRequest: 7 },
      });
      expect(report).toMatchObject({ ok: true, open: 0, inconclusive: 0, broken: 0 });
      const closed = report.results.filter(({ outcome }) => outcome === "closed").map(({ target }) => target);
      expect(closed).toEqual(expect.arrayContaining(["/static.txt", "/api/hello", "/admin", built]));
    });

    it("is wrapped by hand, twice alike, closed to all, and shows each what its recipe has for him", async () => {
      const folder = await unpacked(framework, "wrapped");
      const out = join(folder, output);
      const policy = recipeOf(framework);
      await wrapInPlace(folder, out, dist, policy);
      const files = await listFiles(out);
      await wrapInPlace(folder, out, dist, policy);
      expect(await listFiles(out)).toEqual(files);
      expect(existsSync(join(out, "_worker.js", "site", "_worker.js"))).toBe(true);

      const served = await serve(out, dist);
      try {
        const paths = ["/", "/admin", "/about", "/about/", "/static.txt", "/api/hello", built, "/nowhere"];
        for (const path of [
          ...paths,
          "/_worker.js",
          "/_worker.js/site/_worker.js",
          "/%61dmin",
          "/index.html",
        ])
          expect([path, (await served.ask(path)).status]).toEqual([path, 401]);
        const headers = await reviewer();
        expect((await served.ask("/", { headers })).text).toContain("harbour home");
        const admin = await visitor({ groups: [], roles: ["Site.Admin"] });
        for (const path of ["/admin", "/admin/"]) {
          expect([path, (await served.ask(path, { headers })).status]).toEqual([path, 403]);
          expect((await served.ask(path, { headers: admin })).text).toMatch(/harbour admin|^$/);
        }
        expect((await served.ask("/static.txt", { headers })).text).toBe("harbour static file\n");
        expect((await served.ask(built, { headers })).status).toBe(200);
        expect((await served.ask("/nowhere", { headers })).status).toBe(404);
        const spoofed = { ...headers, "x-ms-client-principal-name": "spoofed" };
        expect(JSON.parse((await served.ask("/api/hello", { headers: spoofed })).text)).toEqual({
          by: framework,
          name: "Rita Reviewer",
        });
      } finally {
        await served.close();
      }
    });
  },
);
