import { createRequire } from "node:module";
import * as miniflare from "miniflare";
import type { Asset, PagesRuntime } from "../../../src/pages-runtime/options.ts";
import { startPagesRuntime } from "../../../src/pages-runtime/runtime.ts";
import { startableDate } from "../../../src/pages-runtime/startable-date.ts";
import type { D1Host } from "../d1/host.ts";
import type { ConsoleLine, Environment } from "../options.ts";
import type { Deployment } from "../state/model.ts";
import type { AccountState } from "../state/state.ts";
import { loopbackFetch } from "./loopback.ts";

const workerd = createRequire(import.meta.url)("workerd") as { readonly compatibilityDate: string };

/** What the stand-in was told to do wrong with a project's deployments. */
export interface Wrong {
  readonly project: string;
  /** Both, where it isn't given. */
  readonly environment: Environment | undefined;
  /** A pattern of `_routes.json` whose paths are served past the worker; without it the worker isn't run at all. */
  readonly bypass: string | undefined;
}

/** The workerd of each deployment that somebody asked for, started by the first request. */
export class Runtimes {
  readonly consoleLines: ConsoleLine[] = [];
  readonly #state: AccountState;
  readonly #d1: D1Host;
  readonly #assetServer: string;
  readonly #outbound: (request: Request) => Promise<Response>;
  readonly #wrongs: Wrong[] = [];
  readonly #running = new Map<
    string,
    { readonly deployment: Deployment; readonly runtime: Promise<PagesRuntime> }
  >();

  constructor(
    state: AccountState,
    d1: D1Host,
    options: { readonly assetServer: string; readonly outbound?: (request: Request) => Promise<Response> },
  ) {
    this.#state = state;
    this.#d1 = d1;
    this.#assetServer = options.assetServer;
    this.#outbound = options.outbound ?? loopbackFetch;
  }

  /** Port on 127.0.0.1 of a deployment. @throws Error where its worker doesn't start */
  async port(deployment: Deployment): Promise<number> {
    const known = this.#running.get(deployment.id)?.runtime;
    const runtime = known ?? this.#start(deployment);
    if (known === undefined) {
      this.#running.set(deployment.id, { deployment, runtime });
      runtime.catch(() => this.#running.delete(deployment.id));
    }
    return (await runtime).port;
  }

  /** Deployments of that project which already run start anew, with this wrong. */
  async goWrong(wrong: Wrong): Promise<void> {
    this.#wrongs.push(wrong);
    await this.#stop((deployment) => deployment.project === wrong.project);
  }

  /** Ends the workerd of each deployment that no host answers with any more. */
  async sweep(): Promise<void> {
    await this.#stop((deployment) => deployment.deletedAt !== undefined && !this.#state.answers(deployment));
  }

  async close(): Promise<void> {
    await this.#stop(() => true);
  }

  async #stop(which: (deployment: Deployment) => boolean): Promise<void> {
    const stopping = [...this.#running.values()]
      .filter(({ deployment }) => which(deployment))
      .map(async ({ deployment, runtime }) => {
        this.#running.delete(deployment.id);
        await runtime.then((running) => running.close()).catch(() => undefined);
      });
    await Promise.all(stopping);
  }

  async #start(deployment: Deployment): Promise<PagesRuntime> {
    const { upload, config } = deployment;
    const wrongs = this.#wrongs.filter(
      ({ project, environment }) =>
        project === deployment.project && (environment ?? deployment.environment) === deployment.environment,
    );
    const bypasses = wrongs.flatMap(({ bypass }) => bypass ?? []);
    const dropped = wrongs.some(({ bypass }) => bypass === undefined);
    const databases = Object.entries(config.d1_databases).map(([name, { id }]) => [name, id]);
    const { headersFile, redirectsFile } = upload;
    const routesFile = bypasses.length === 0 ? upload.routesFile : withExcludes(upload.routesFile, bypasses);
    return startPagesRuntime(miniflare, {
      ...(upload.worker === undefined || dropped ? {} : { worker: upload.worker }),
      ...(headersFile === undefined ? {} : { headersFile }),
      ...(redirectsFile === undefined ? {} : { redirectsFile }),
      ...(routesFile === undefined ? {} : { routesFile }),
      assets: { files: this.#files(deployment), read: async (key) => this.#read(key) },
      assetServer: this.#assetServer,
      compatibilityDate: startableDate(config.compatibility_date, workerd.compatibilityDate),
      compatibilityFlags: config.compatibility_flags,
      vars: Object.fromEntries(Object.entries(config.env_vars).map(([name, { value }]) => [name, value])),
      ...(databases.length === 0
        ? {}
        : {
            d1: {
              bindings: databases.map(([name = ""]) => name),
              endpoint: await this.#d1.endpoint(Object.fromEntries(databases)),
            },
          }),
      outbound: this.#outbound,
      log: (line) => this.#log(deployment, line),
    });
  }

  #files({ upload }: Deployment): Map<string, Asset> {
    const files = new Map<string, Asset>();
    for (const [path, key] of Object.entries(upload.manifest)) {
      const stored = this.#state.assets.get(key);
      if (stored !== undefined) files.set(path, { key, contentType: stored.contentType });
    }
    return files;
  }

  #read(key: string): Uint8Array {
    const stored = this.#state.assets.get(key);
    if (stored === undefined) throw new RangeError(`no asset has the key ${key}`);
    return stored.bytes;
  }

  #log({ id, project, environment }: Deployment, line: string): void {
    this.consoleLines.push({ at: this.#state.clock.now(), project, environment, deployment: id, line });
  }
}

function withExcludes(routesFile: string | undefined, patterns: readonly string[]): string {
  const routes = JSON.parse(routesFile ?? '{"version":1,"include":["/*"],"exclude":[]}') as {
    exclude?: string[];
  };
  return JSON.stringify({ ...routes, exclude: [...(routes.exclude ?? []), ...patterns] });
}
