import { build } from "esbuild";
import { Miniflare, type MiniflareOptions, Response as MiniflareResponse, NoOpLog } from "miniflare";
import { type CpuTime, workerdCpuTime } from "./cpu-time.ts";
import { type Fixtures, hostOrigin, siteConfig } from "./fixtures.ts";
import { accessDomain, type Moment, type Task } from "./names.ts";

/** What one task took, in milliseconds, and what it did. */
export interface Timing {
  readonly wall: Spans;
  /** Absent where the system does not tell. */
  readonly cpu?: Spans;
  /** Requests answered with 200. */
  readonly answered: number;
  /** Audit events written. */
  readonly lines: number;
  /** What was fetched while the requests were being answered. */
  readonly subrequests: number;
}

export interface Spans {
  /** Until the last answer was there. */
  readonly answers: number;
  /** Work that had been put off, from then on. */
  readonly deferred: number;
}

export interface BenchRuntime {
  run(task: Task): Promise<Timing>;
  close(): Promise<void>;
}

interface Reading {
  readonly wall: number;
  readonly cpu: number | undefined;
  readonly fetched: number;
}

const compatibilityDate = "2026-11-01";

/**
 * Starts the bench's worker on workerd, laid out as a wrapped deployment is: the built gate is a module of its own.
 *
 * @param gateCode dist/gate/site.js
 * @param rules sizes of policies that tasks may ask for
 * @param isolates how many more there are, for tasks that want one that is new; they know the first sessions only
 */
export async function startBench(
  root: string,
  gateCode: string,
  fixtures: Fixtures,
  rules: readonly number[],
  isolates = 0,
): Promise<BenchRuntime> {
  const readings = new Map<string, Reading>();
  let cpuTime: CpuTime | undefined;
  let fetched = 0;

  // The worker's own clock stands still while it runs; this one is asked by a request.
  const clock = async (request: { url: string }) => {
    readings.set(new URL(request.url).pathname.slice(1), {
      wall: performance.now(),
      cpu: cpuTime?.now(),
      fetched,
    });
    return new MiniflareResponse(null);
  };
  const outbound = async (request: { url: string }) => {
    fetched += 1;
    if (request.url.startsWith(hostOrigin)) return MiniflareResponse.json(fixtures.hostKeys);
    if (request.url.startsWith(accessDomain)) return MiniflareResponse.json(fixtures.accessKeys);
    return new MiniflareResponse(null, { status: 502 });
  };

  const prepared = {
    sessions: fixtures.sessions,
    configs: Object.fromEntries(rules.map((count) => [count, siteConfig(count, fixtures.pinnedKey)])),
    oidcAuthCookie: fixtures.oidcAuthCookie,
    accessToken: fixtures.accessToken,
  };
  const shared = {
    "index.js": `import { createGate } from "./gate.js"; import { createBench } from "./bench.js"; import prepared from "./prepared.js"; export default createBench(createGate, prepared);`,
    "gate.js": gateCode,
    "bench.js": await bundleWorker(root),
  };
  const workerOf = (name: string, sessions: readonly string[]) => {
    const known = {
      ...shared,
      "prepared.js": `export default ${JSON.stringify({ ...prepared, sessions })};`,
    };
    const modules = Object.entries(known).map(([path, contents]) => [path, { type: "esm", contents }]);
    return {
      config: {
        name,
        compatibilityDate,
        manifest: { mainModule: "index.js", modules: Object.fromEntries(modules) },
        env: { CLOCK: { type: "fetcher", handler: clock } },
      },
      dev: { outboundService: { type: "fetcher", handler: outbound } },
    };
  };
  const options = {
    cf: false,
    host: "127.0.0.1",
    port: 0,
    log: new NoOpLog(),
    logRequests: false,
    enableDevRegistry: false,
    workers: [
      workerOf("bench", fixtures.sessions),
      ...Array.from({ length: isolates }, (_, index) =>
        workerOf(`isolate-${index}`, fixtures.sessions.slice(0, 2)),
      ),
    ],
  };
  const runtime = new Miniflare(options as unknown as MiniflareOptions);
  await runtime.ready;
  cpuTime = workerdCpuTime();

  return {
    async run(task) {
      const worker = await runtime.getWorker(
        task.isolate === undefined ? "bench" : `isolate-${task.isolate}`,
      );
      const response = await worker.fetch("http://bench/", { method: "POST", body: JSON.stringify(task) });
      if (!response.ok) throw new Error(`${task.subject}: ${await response.text()}`);
      const { answered, lines } = (await response.json()) as { answered: number; lines: number };
      const at = (moment: Moment): Reading => {
        const reading = readings.get(moment);
        if (reading === undefined) throw new Error(`the clock was not told of ${moment}`);
        return reading;
      };
      const [start, middle, end] = [at("start"), at("answered"), at("done")];
      const cpu =
        start.cpu === undefined || middle.cpu === undefined || end.cpu === undefined
          ? undefined
          : { answers: middle.cpu - start.cpu, deferred: end.cpu - middle.cpu };
      return {
        wall: { answers: middle.wall - start.wall, deferred: end.wall - middle.wall },
        ...(cpu === undefined ? {} : { cpu }),
        answered,
        lines,
        subrequests: end.fetched - start.fetched,
      };
    },
    close: () => runtime.dispose(),
  };
}

async function bundleWorker(root: string): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["bench/worker.ts"],
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    target: "es2024",
    mainFields: ["module", "main"],
    conditions: ["workerd", "worker", "import"],
    minify: true,
    logLevel: "error",
  });
  return outputFiles[0]?.text ?? "";
}
