import * as v from "valibot";
import type { ModuleType } from "../../../contract/bundle/names.ts";
import type { PagesModule } from "../../../src/pages-runtime/options.ts";
import { parseRoutesFile } from "../../../src/pages-runtime/routes.ts";
import type { Upload } from "../state/model.ts";
import { errors } from "./envelope.ts";
import type { ApiRequest } from "./request.ts";

/** Fields of the upload form that a client may send. */
const fields = new Set([
  "manifest",
  "branch",
  "commit_hash",
  "commit_message",
  "commit_dirty",
  "_worker.bundle",
  "_worker.js",
  "_headers",
  "_redirects",
  "_routes.json",
  "functions-filepath-routing-config.json",
  "wrangler_config_hash",
  "pages_build_output_dir",
]);

const manifest = v.record(
  v.pipe(v.string(), v.startsWith("/")),
  v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
);
const bundleMetadata = v.object({ main_module: v.string() });

const moduleTypes: Readonly<Record<string, ModuleType>> = {
  "application/javascript+module": "esm",
  "application/wasm": "wasm",
  "text/plain": "text",
  "application/octet-stream": "data",
};

export interface DeploymentForm {
  /** As sent; empty where the client left it to Cloudflare. */
  readonly branch: string;
  readonly commitHash: string;
  readonly commitMessage: string;
  readonly commitDirty: boolean;
  readonly upload: Upload;
}

/**
 * The multipart form of a deployment, as `wrangler pages deploy` sends it.
 *
 * @throws ApiError where it is not one
 */
export async function readDeploymentForm(request: ApiRequest): Promise<DeploymentForm> {
  const form = await parseForm(await request.body(), request.headers["content-type"] ?? "");
  for (const name of form.keys()) if (!fields.has(name)) throw errors.invalid(`${name}: unknown field`);
  const files = v.safeParse(manifest, parseJson((await text(form, "manifest")) ?? ""));
  if (!files.success) throw errors.invalid("manifest: not a map of paths to hashes");
  const worker = await readWorker(form);
  const headersFile = await text(form, "_headers");
  const redirectsFile = await text(form, "_redirects");
  const routesFile = await text(form, "_routes.json");
  const upload: Upload = {
    manifest: files.output,
    ...(worker === undefined ? {} : { worker }),
    ...(headersFile === undefined ? {} : { headersFile }),
    ...(redirectsFile === undefined ? {} : { redirectsFile }),
    ...(routesFile === undefined ? {} : { routesFile }),
  };
  return {
    branch: (await text(form, "branch")) ?? "",
    commitHash: (await text(form, "commit_hash")) ?? "",
    commitMessage: (await text(form, "commit_message")) ?? "",
    commitDirty: (await text(form, "commit_dirty")) === "true",
    upload,
  };
}

/** Why the build of this upload would fail; undefined where it would not. */
export function uploadProblem(upload: Upload, isStored: (hash: string) => boolean): string | undefined {
  const missing = Object.entries(upload.manifest).find(([, key]) => !isStored(key));
  if (missing !== undefined) return `Error: the asset ${missing[0]} was not uploaded`;
  try {
    parseRoutesFile(upload.routesFile);
    return undefined;
  } catch (error) {
    return `Error: ${(error as Error).message}`;
  }
}

/** `_worker.bundle` is a form of its own: `metadata`, then one part for each module. */
async function readWorker(form: FormData): Promise<Upload["worker"]> {
  const bundle = form.get("_worker.bundle") ?? form.get("_worker.js");
  if (bundle === null) return undefined;
  const bytes = typeof bundle === "string" ? Buffer.from(bundle) : Buffer.from(await bundle.arrayBuffer());
  const boundary = /^--([^\r\n]+)\r\n/.exec(bytes.subarray(0, 200).toString("latin1"))?.[1];
  if (boundary === undefined) throw errors.invalid("_worker.bundle: not a form");
  const parts = await parseForm(bytes, `multipart/form-data; boundary=${boundary}`);
  const metadata = v.safeParse(bundleMetadata, parseJson((await text(parts, "metadata")) ?? ""));
  if (!metadata.success) throw errors.invalid("_worker.bundle: metadata has no main_module");
  const modules: PagesModule[] = [];
  for (const [name, part] of parts) {
    if (name === "metadata" || typeof part === "string") continue;
    const type = moduleTypes[part.type.split(";")[0] ?? ""];
    if (type === undefined) continue;
    const contents = Buffer.from(await part.arrayBuffer());
    modules.push({
      name,
      type,
      contents: type === "esm" || type === "text" ? contents.toString("utf8") : contents,
    });
  }
  const main = metadata.output.main_module;
  if (!modules.some(({ name }) => name === main))
    throw errors.invalid("_worker.bundle: the main module is missing");
  return { main, modules };
}

async function parseForm(body: Buffer, contentType: string): Promise<FormData> {
  try {
    return await new Response(new Uint8Array(body), { headers: { "content-type": contentType } }).formData();
  } catch {
    throw errors.invalid("not multipart/form-data");
  }
}

async function text(form: FormData, name: string): Promise<string | undefined> {
  const value = form.get(name);
  if (value === null) return undefined;
  return typeof value === "string" ? value : value.text();
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}
