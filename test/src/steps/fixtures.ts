import { createHash, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pack as startTar } from "tar-stream";
import { ZipFile } from "yazl";
import type { PackManifest } from "../../../contract/bundle/pack.ts";
import type { SiteConfig } from "../../../contract/config/site.ts";
import { compilePolicy } from "../../../contract/policy/compile.ts";
import type { Environment } from "../../../contract/policy/model.ts";
import { parsePolicy } from "../../../contract/policy/parse.ts";
import { buildWorkers } from "../../../local/build/workers.ts";
import { unpackArtifact } from "../../../src/steps/artifact.ts";
import type { Pack } from "../../../src/steps/types.ts";
import { newBundleId } from "../../../src/steps/wrap.ts";

export const root = join(import.meta.dirname, "..", "..", "..");
export const rehearsalScript = join(root, "src", "rehearsal", "main.ts");

/** A folder that is gone when the test file is. */
export function scratchFolder(): { readonly path: string; at(name: string): string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "entra-gate-test-"));
  return {
    path,
    at: (name) => join(path, name),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** The workers of dist/, built from the sources as they are now. */
export async function buildDist(out: string): Promise<string> {
  await buildWorkers(root, out);
  return out;
}

type Files = Readonly<Record<string, string | Buffer>>;

const bytes = (content: string | Buffer) => Buffer.from(content as string);

export function manifestOf(files: Files, more: Partial<PackManifest> = {}): PackManifest {
  const modules = Object.keys(files).filter((name) => name.startsWith("worker/"));
  return {
    version: 1,
    kind: modules.length === 0 ? "static" : "functions",
    ...(modules.length === 0 ? {} : { main: "index.js" }),
    modules: modules.map((name) => ({ name: name.slice("worker/".length), type: "esm" })),
    files: Object.entries(files).map(([path, content]) => ({
      path,
      size: bytes(content).length,
      sha256: createHash("sha256").update(bytes(content)).digest("hex"),
    })),
    ...more,
  };
}

export interface TarItem {
  readonly name: string;
  readonly content?: string | Buffer;
  readonly type?: string;
  readonly linkname?: string;
}

/** A tar of exactly these entries, whatever they are. */
export function tarOf(items: readonly TarItem[]): Promise<Buffer> {
  const tar = startTar();
  for (const { name, content = "", ...more } of items) tar.entry({ name, ...more } as never, bytes(content));
  tar.finalize();
  return buffer(tar as unknown as NodeJS.ReadableStream);
}

export function zipOf(entries: Readonly<Record<string, Buffer>>, mode = 0o100644): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(entries)) zip.addBuffer(content, name, { mode });
  zip.end();
  return buffer(zip.outputStream);
}

/** What a build makes: files, routes.json and a pack.json that lists them, as the artifact that GitHub would give. */
export async function artifactOf(files: Files, exclude: readonly string[] = []): Promise<Buffer> {
  const all = { ...files, "routes.json": JSON.stringify({ version: 1, exclude }) };
  const items = Object.entries(all).map(([name, content]) => ({ name, content }));
  const tar = await tarOf([{ name: "pack.json", content: JSON.stringify(manifestOf(all)) }, ...items]);
  return zipOf({ "entra-gate.tar": tar });
}

export async function packOf(files: Files, into: string, exclude: readonly string[] = []): Promise<Pack> {
  return unpackArtifact(await artifactOf(files, exclude), into);
}

const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const { n = "", e = "" } = publicKey.export({ format: "jwk" });

const group = "b3d5a1f0-6c2e-4f7a-8e19-2a4c6d8f0b11";

/** Reviewers see everything, anyone sees `/.well-known/` and `/public/`. */
export async function siteConfig(environment: Environment = "preview"): Promise<SiteConfig> {
  const rules = [
    { path: "/.well-known/*", allow: "anyone" },
    { path: "/public/*", allow: "anyone" },
    { path: "/*", allow: { groups: ["reviewers"] } },
  ];
  const parsed = parsePolicy({ groups: { reviewers: group }, preview: { rules }, production: { rules } });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return {
    signIn: {
      origin: "https://sign-in.localhost",
      keys: [{ kid: "k1", kty: "RSA", n, e, alg: "RS256", use: "sig", not_after: 4_102_444_800 }],
    },
    policy: await compilePolicy(parsed.policy, environment),
    project: "harbour",
    bundle: newBundleId(),
  };
}

const page = (title: string) =>
  `<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>${title}</title></head>\n<body><h1>${title}</h1><p>The ${title} tide tables of pier nine, berth 4711.</p></body>\n</html>\n`;

/** A small site with one of everything. */
export const site: Files = {
  "assets/index.html": page("Harbour"),
  "assets/docs/index.html": page("Documents"),
  "assets/docs/mooring.html": page("Mooring"),
  "assets/404.html": page("Nothing of that name is moored"),
  "assets/script.js": 'document.title = "script of the harbour master " + 4711;\n',
  "assets/style.css": ".harbour-master { color: rebeccapurple; background: #471100 }\n",
  "assets/image.png": Buffer.from(Array.from({ length: 600 }, (_, index) => (index * 37) % 251)),
  "assets/font.woff2": Buffer.from(Array.from({ length: 700 }, (_, index) => (index * 53 + 7) % 253)),
  "assets/RELEASE": "release 2026.11 of the harbour, not for everybody\n",
  "assets/data.json": '{"secret":"the harbour master drinks rum at nine"}\n',
  "assets/.well-known/security.txt": "Contact: mailto:security@harbour.example\n",
  "assets/public/hello.txt": "Everybody may read this greeting of the harbour.\n",
  "assets/_redirects": "/old /docs/mooring 301\n",
  "assets/_headers": "/*\n  X-Harbour: yes\n",
};

/** Compiled functions as wrangler would write them, by hand: one route, and the assets for everything else. */
export const functionsModule = (body = 'new Response("function of the harbour master says 4711")') => `
var routes = [{ routePath: "/api/hello", mountPath: "/api", method: "GET", middlewares: [], modules: [] }];
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === routes[0].routePath || pathname.startsWith("/public/api")) return ${body};
    return env.ASSETS.fetch(request);
  },
};
`;

export function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value));
}
