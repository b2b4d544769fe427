import type { ModuleType } from "../../contract/bundle/names.ts";

/** One module of a worker, under the name that other modules import it by (`index.js`, `site/index.js`). */
export interface PagesModule {
  readonly name: string;
  readonly type: ModuleType;
  readonly contents: string | Uint8Array;
}

/** What the asset server knows of one file. */
export interface Asset {
  /** Changes with the content; the asset server makes its ETag of it. */
  readonly key: string;
  readonly contentType: string;
}

/** The static files of a deployment. */
export interface Assets {
  /** By the path that serves the file, `/docs/index.html`; not percent-encoded. */
  readonly files: ReadonlyMap<string, Asset>;
  /** The bytes of the file with this key. */
  read(key: string): Promise<Uint8Array>;
}

/** What one upload to Pages holds. */
export interface PagesFiles {
  /** Absent for a deployment without a worker: the asset server answers alone. */
  readonly worker?: { readonly main: string; readonly modules: readonly PagesModule[] };
  readonly assets: Assets;
  /** Text of `_headers`, `_redirects` and `_routes.json`. */
  readonly headersFile?: string;
  readonly redirectsFile?: string;
  readonly routesFile?: string;
}

export interface PagesRuntimeOptions extends PagesFiles {
  /** Code of dist/pages-runtime/asset-server.js. */
  readonly assetServer: string;
  /** `2026-11-01` */
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  /** Plain variables and secrets: a worker can't tell them apart. */
  readonly vars: Readonly<Record<string, string>>;
  readonly d1?: {
    readonly bindings: readonly string[];
    /** Where D1's own protocol is spoken; without it each binding is an empty database of this runtime. */
    readonly endpoint?: string;
  };
  /** Names of KV and R2 bindings, each an empty store of this runtime. */
  readonly stores?: { readonly kv: readonly string[]; readonly r2: readonly string[] };
  /** Every fetch that the worker makes. A rejection reaches the worker as Cloudflare's 530. */
  readonly outbound: (request: Request) => Promise<Response>;
  /** One complete line of what the worker wrote to its console, or of what workerd says about it. */
  readonly log: (line: string) => void;
}

export interface PagesRuntime {
  /** On 127.0.0.1. The Host header of a request, whatever it is, becomes the host of the worker's `request.url`. */
  readonly port: number;
  close(): Promise<void>;
}
