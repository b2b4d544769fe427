import type { MiniflareOptions } from "miniflare";
import { startEdge } from "./edge.ts";
import type { PagesRuntime, PagesRuntimeOptions } from "./options.ts";
import { isForWorker, parseRoutesFile } from "./routes.ts";

type MiniflareModule = typeof import("miniflare");
type WorkerOptions = Extract<MiniflareOptions, { workers: unknown }>["workers"][number];
/** What an upload holds for Pages to read: never served, even where a manifest names it. */
const neverServed = /^\/(_worker\.js(\/|$)|_worker\.bundle$|_routes\.json$|_headers$|_redirects$)/;

type Handler = (
  request: InstanceType<MiniflareModule["Request"]>,
) => Promise<InstanceType<MiniflareModule["Response"]>>;

/** The asset server is the platform's, not the project's: it does not move with the project's date. */
const assetServerDate = "2026-11-01";

/**
 * Starts one Pages deployment on workerd: its worker, Pages' asset server as `env.ASSETS`, and in front of both what
 * `_routes.json` says. Paths reach the worker as they came. Nothing of the machine's environment is bound, and no
 * fetch leaves but through `options.outbound`.
 *
 * @param miniflare the module; the action loads it from the tool cache, so it can't be imported here
 * @throws Error where the worker doesn't start, with what workerd said
 */
export async function startPagesRuntime(
  miniflare: MiniflareModule,
  options: PagesRuntimeOptions,
): Promise<PagesRuntime> {
  const routes = parseRoutesFile(options.routesFile);
  const said: string[] = [];
  const log = (line: string): void => {
    said.push(line);
    if (said.length > 50) said.shift();
    options.log(line);
  };
  const runtime = new miniflare.Miniflare({
    cf: false,
    enableDevRegistry: false,
    host: "127.0.0.1",
    port: 0,
    log: new miniflare.NoOpLog(),
    logRequests: false,
    handleStructuredLogs: ({ message }: { message: string }) => log(message),
    workers: [...siteWorker(miniflare, options), assetWorker(miniflare, options)],
  });
  try {
    await runtime.ready;
    const assets = Number((await runtime.unsafeGetDirectURL("assets")).port);
    const site = options.worker && Number((await runtime.unsafeGetDirectURL("site")).port);
    const edge = await startEdge((pathname) =>
      site !== undefined && isForWorker(routes, pathname) ? site : assets,
    );
    return {
      port: edge.port,
      close: async () => {
        await edge.close();
        await runtime.dispose();
      },
    };
  } catch (error) {
    await runtime.dispose().catch(() => undefined);
    throw new Error([`the worker does not start: ${(error as Error).message}`, ...said].join("\n"));
  }
}

const directSocket = { host: "127.0.0.1", port: 0 };

function siteWorker(miniflare: MiniflareModule, options: PagesRuntimeOptions): WorkerOptions[] {
  const { worker, vars, d1, stores } = options;
  if (worker === undefined) return [];
  const texts = Object.entries(vars).map(([name, value]) => [name, { type: "text" as const, value }]);
  const remote = d1?.endpoint === undefined ? {} : { dev: { remote: true } };
  const databases = (d1?.bindings ?? []).map((name) => [name, { type: "d1" as const, id: name, ...remote }]);
  const namespaces = (stores?.kv ?? []).map((name) => [name, { type: "kv" as const, id: name }]);
  const buckets = (stores?.r2 ?? []).map((name) => [name, { type: "r2" as const, name: name.toLowerCase() }]);
  return [
    {
      config: {
        name: "site",
        compatibilityDate: options.compatibilityDate,
        compatibilityFlags: [...options.compatibilityFlags],
        manifest: {
          mainModule: worker.main,
          modules: Object.fromEntries(
            worker.modules.map(({ name, type, contents }) => [name, { type, contents }]),
          ),
        },
        env: {
          ...Object.fromEntries([...texts, ...databases, ...namespaces, ...buckets]),
          ASSETS: { type: "worker", worker: "assets" },
        },
      },
      dev: {
        unsafeDirectSockets: [directSocket],
        outboundService: { type: "worker", worker: "network" },
        ...(d1?.endpoint === undefined ? {} : { remoteProxyConnectionString: new URL(d1.endpoint) }),
      },
    },
    networkWorker(miniflare, options),
  ];
}

/**
 * The whole network that a site has. It is a worker of its own because it answers `fetch` only: Miniflare's own
 * handler would pass TCP sockets (`cloudflare:sockets`) on to the machine's network.
 */
function networkWorker(miniflare: MiniflareModule, { outbound }: PagesRuntimeOptions): WorkerOptions {
  const contents = "export default { fetch: (request, env) => env.OUTBOUND.fetch(request) };";
  return {
    config: {
      name: "network",
      compatibilityDate: assetServerDate,
      compatibilityFlags: [],
      manifest: { mainModule: "network.js", modules: { "network.js": { type: "esm", contents } } },
      env: { OUTBOUND: { type: "fetcher", handler: outboundHandler(miniflare, outbound) } },
    },
  };
}

function assetWorker(miniflare: MiniflareModule, options: PagesRuntimeOptions): WorkerOptions {
  const files = [...options.assets.files].filter(([path]) => !neverServed.test(path));
  const content: Handler = async (request) => {
    const key = decodeURIComponent(new URL(request.url).pathname.slice(1));
    return new miniflare.Response(await options.assets.read(key));
  };
  return {
    config: {
      name: "assets",
      compatibilityDate: assetServerDate,
      compatibilityFlags: ["nodejs_compat"],
      manifest: {
        mainModule: "asset-server.js",
        modules: { "asset-server.js": { type: "esm", contents: options.assetServer } },
      },
      env: {
        FILES: { type: "json", value: Object.fromEntries(files) },
        HEADERS_FILE: { type: "text", value: options.headersFile ?? "" },
        REDIRECTS_FILE: { type: "text", value: options.redirectsFile ?? "" },
        CONTENT: { type: "fetcher", handler: content },
      },
    },
    dev: { unsafeDirectSockets: [directSocket] },
  };
}

/** What a worker fetches, handed to the caller; a host that can't be reached answers as on Cloudflare. */
function outboundHandler(miniflare: MiniflareModule, outbound: PagesRuntimeOptions["outbound"]): Handler {
  return async (request) => {
    const { url, method, headers, body } = request;
    try {
      const answer = await outbound(
        new Request(url, {
          method,
          headers: [...headers],
          body: body as ReadableStream | null,
          redirect: "manual",
          duplex: "half",
        } as RequestInit),
      );
      return new miniflare.Response(answer.body as never, {
        status: answer.status,
        headers: [...answer.headers],
      });
    } catch {
      return new miniflare.Response("error code: 1016", { status: 530 });
    }
  };
}
