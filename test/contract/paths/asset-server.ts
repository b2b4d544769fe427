import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";

/** What the asset server answered for one path. `file` is the one whose content came, `fallback` tells that it was not asked for. */
export interface Served {
  readonly pathname: string;
  readonly status: number;
  readonly file?: string;
  readonly fallback: boolean;
}

export interface AssetServer {
  /**
   * Asks the real asset server for paths of a site that has these files.
   *
   * @param mergeSlashes as Cloudflare's own store does; wrangler's local one doesn't
   */
  serve(files: readonly string[], paths: readonly string[], mergeSlashes?: boolean): Promise<Served[]>;
  dispose(): Promise<void>;
}

const worker = `
import { generateHandler } from "asset-server";
const log = (error) => { throw error; };
export default {
  async fetch(request) {
    const { files, paths, mergeSlashes } = await request.json();
    const known = new Set(files);
    const served = [];
    for (const path of paths) {
      const asked = new Request("https://site.example" + path);
      let fallback = false;
      const response = await generateHandler({
        request: asked,
        metadata: {},
        logError: log,
        findAssetEntryForPath: async (name) => {
          const key = mergeSlashes ? name.replace(/\\/+/g, "/") : name;
          return known.has(key) ? key : null;
        },
        getAssetKey: (entry) => entry,
        negotiateContent: () => ({ encoding: null }),
        fetchAsset: async (key) => ({ body: new Response("content of " + key).body, contentType: "text/plain" }),
        generateNotFoundResponse: async () => {
          fallback = true;
          return new Response("fallback", { status: 404 });
        },
      });
      const text = await response.text();
      const file = text.startsWith("content of ") ? text.slice("content of ".length) : undefined;
      served.push({ pathname: new URL(asked.url).pathname, status: response.status, file, fallback });
    }
    return Response.json(served);
  },
};
`;

/** Starts Pages' asset server, as published in @cloudflare/pages-shared, in workerd. */
export async function startAssetServer(): Promise<AssetServer> {
  const shared = dirname(createRequire(import.meta.url).resolve("@cloudflare/pages-shared/package.json"));
  const bundle = await build({
    stdin: { contents: worker, resolveDir: shared },
    alias: { "asset-server": join(shared, "dist/asset-server/handler.js") },
    bundle: true,
    format: "esm",
    write: false,
    logLevel: "silent",
  });
  const options = convertV4MiniflareOptions({
    modules: true,
    script: bundle.outputFiles[0]?.text ?? "",
    compatibilityDate: "2026-08-04",
  });
  const miniflare = new Miniflare(options);
  return {
    serve: async (files, paths, mergeSlashes = false) => {
      const body = JSON.stringify({ files, paths, mergeSlashes });
      const response = await miniflare.dispatchFetch("http://local.test/", { method: "POST", body });
      return (await response.json()) as Served[];
    },
    dispose: () => miniflare.dispose(),
  };
}
