import {
  generateHandler,
  parseQualityWeightedList,
} from "@cloudflare/pages-shared/dist/asset-server/handler.js";
import { createMetadataObject } from "@cloudflare/pages-shared/dist/metadata-generator/createMetadataObject.js";
import { parseHeadersFile } from "./headers-file.ts";
import type { Asset } from "./options.ts";
import { parseRedirectsFile } from "./redirects-file.ts";

/** What the runtime binds to this worker. */
interface Env {
  readonly FILES: Readonly<Record<string, Asset>>;
  readonly HEADERS_FILE: string;
  readonly REDIRECTS_FILE: string;
  /** Answers `http://content/<key>` with the bytes. */
  readonly CONTENT: { fetch(url: string): Promise<Response> };
}

type Metadata = Parameters<typeof generateHandler>[0]["metadata"];
let metadata: Metadata | undefined;

/** Pages' own asset server (@cloudflare/pages-shared) over the files of one deployment. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    metadata ??= createMetadataObject({
      headers: { rules: parseHeadersFile(env.HEADERS_FILE), invalid: [] },
      redirects: { rules: parseRedirectsFile(env.REDIRECTS_FILE), invalid: [] },
    }) as Metadata;
    const found = new Map<string, Asset>();
    return generateHandler<Asset>({
      request,
      metadata,
      logError: (error) => console.error(error),
      findAssetEntryForPath: async (path) => {
        const asset = findAsset(env.FILES, path);
        if (asset !== null) found.set(asset.key, asset);
        return asset;
      },
      getAssetKey: (asset) => asset.key,
      negotiateContent,
      fetchAsset: async (key) => {
        const { body } = await env.CONTENT.fetch(`http://content/${encodeURIComponent(key)}`);
        return { body, contentType: withCharset(found.get(key)?.contentType ?? "application/octet-stream") };
      },
    });
  },
};

/**
 * The exact path first; then the path as a file system would take it, which is how wrangler's development server
 * finds files (`//a`, `/a//b`, `/b/../a`). Whether Cloudflare does is not documented: a gate has to hold for both.
 */
function findAsset(files: Env["FILES"], path: string): Asset | null {
  if (Object.hasOwn(files, path)) return files[path] ?? null;
  const plain: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") plain.pop();
    else if (segment !== "" && segment !== ".") plain.push(segment);
  }
  const resolved = `/${plain.join("/")}`;
  return Object.hasOwn(files, resolved) ? (files[resolved] ?? null) : null;
}

/** @throws where the client wants no unencoded content, which the asset server answers with 406 */
function negotiateContent(request: Request): { encoding: null } {
  const wanted = parseQualityWeightedList(request.headers.get("accept-encoding") ?? undefined);
  if (wanted["identity"] === 0 || (wanted["*"] === 0 && wanted["identity"] === undefined))
    throw new Error("no acceptable encoding");
  return { encoding: null };
}

function withCharset(contentType: string): string {
  return contentType.startsWith("text/") && !contentType.includes("charset")
    ? `${contentType}; charset=utf-8`
    : contentType;
}
