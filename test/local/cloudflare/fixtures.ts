import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CallLog } from "../../../local/call-log.ts";
import { TestClock } from "../../../local/clock.ts";
import { type CloudflareStandIn, startCloudflare } from "../../../local/cloudflare/cloudflare.ts";
import type { CloudflareOptions } from "../../../local/cloudflare/options.ts";
import { Faults } from "../../../local/faults.ts";
import { assetServerCode } from "../../src/pages-runtime/fixtures.ts";

export const accountId = "0123456789abcdef0123456789abcdef";
export const token = "token-of-the-account";

export interface Cloudflare extends CloudflareStandIn {
  readonly clock: TestClock;
  readonly log: CallLog;
  readonly faults: Faults;
}

export async function start(changes: Partial<CloudflareOptions> = {}): Promise<Cloudflare> {
  const parts = { clock: new TestClock(), log: new CallLog(), faults: new Faults() };
  const standIn = await startCloudflare({
    ...parts,
    accountId,
    apiTokens: [
      { value: token, kind: "account", permissions: ["pages", "d1"] },
      { value: "token-of-a-user", kind: "user", permissions: ["pages"] },
      { value: "token-that-reads", kind: "account", permissions: ["pages:read", "d1:read"] },
      { value: "token-disabled", kind: "user", permissions: ["pages"], status: "disabled" },
    ],
    assetServer: await assetServerCode(),
    ...changes,
  });
  return Object.assign(standIn, parts);
}

export interface Envelope {
  readonly status: number;
  readonly success: boolean;
  readonly code: number | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: what the API answers is looked at field by field
  readonly result: any;
  readonly info: Readonly<Record<string, number>> | undefined;
  readonly headers: Headers;
}

/** One call to the API; below the account where the path doesn't start with a slash. */
export async function call(
  { apiUrl }: Cloudflare,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Envelope> {
  const answer = await fetch(`${apiUrl}${path.startsWith("/") ? path : `/accounts/${accountId}/${path}`}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body instanceof FormData ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }),
  });
  const json = await answer.json();
  return {
    status: answer.status,
    success: json.success,
    code: json.errors?.[0]?.code,
    result: json.result,
    info: json.result_info,
    headers: answer.headers,
  };
}

/** Uploads files and deploys them as wrangler does, without its wait of a second. */
export async function deploy(
  cloudflare: Cloudflare,
  project: string,
  branch: string,
  files: Readonly<Record<string, string>>,
): Promise<Envelope> {
  const form = new FormData();
  const manifest: Record<string, string> = {};
  const { jwt } = (await call(cloudflare, "GET", `pages/projects/${project}/upload-token`)).result;
  const authorization = `Bearer ${jwt}`;
  for (const [path, text] of Object.entries(files)) {
    if (path === "_worker.js") form.set("_worker.bundle", new Blob([await bundle(text)]), "_worker.bundle");
    else if (path.startsWith("_")) form.set(path, new Blob([text]), path);
    else {
      const key = Buffer.from(path + text)
        .toString("hex")
        .padEnd(32, "0")
        .slice(-32);
      manifest[`/${path}`] = key;
      const contentType = path.endsWith(".html") ? "text/html" : "text/plain";
      const value = Buffer.from(text).toString("base64");
      const sent = [{ key, value, metadata: { contentType }, base64: true }];
      await call(cloudflare, "POST", "/pages/assets/upload", sent, { authorization });
    }
  }
  form.set("manifest", JSON.stringify(manifest));
  form.set("branch", branch);
  return call(cloudflare, "POST", `pages/projects/${project}/deployments`, form);
}

async function bundle(code: string): Promise<Blob> {
  const form = new FormData();
  form.set("metadata", JSON.stringify({ main_module: "index.js" }));
  form.set("index.js", new File([code], "index.js", { type: "application/javascript+module" }));
  return new Response(form).blob();
}

/** Lets the deployments that were just made succeed. */
export function settle(cloudflare: Cloudflare): void {
  cloudflare.clock.advance(cloudflare.timing.deploy + cloudflare.timing.propagation);
}

export function writeFolder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), "site-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

const root = join(import.meta.dirname, "..", "..", "..");

export interface WranglerRun {
  readonly code: number;
  readonly output: string;
  /** Lines of WRANGLER_OUTPUT_FILE_PATH. */
  // biome-ignore lint/suspicious/noExplicitAny: wrangler's own records
  readonly records: any[];
}

/** The real wrangler, from an empty folder, with nothing of this machine's environment. */
export async function wrangler(
  cloudflare: Cloudflare,
  args: readonly string[],
  apiToken = token,
): Promise<WranglerRun> {
  const home = mkdtempSync(join(tmpdir(), "wrangler-"));
  const outputFile = join(home, "output.ndjson");
  const env = {
    PATH: process.env["PATH"],
    HOME: home,
    CLOUDFLARE_API_BASE_URL: cloudflare.apiUrl,
    CLOUDFLARE_API_TOKEN: apiToken,
    CLOUDFLARE_ACCOUNT_ID: accountId,
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_OUTPUT_FILE_PATH: outputFile,
  };
  const script = join(root, "node_modules", "wrangler", "bin", "wrangler.js");
  try {
    return await new Promise((resolve) => {
      execFile(process.execPath, [script, ...args], { cwd: home, env }, (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code ?? 1);
        resolve({ code, output: stdout + stderr, records: readRecords(outputFile) });
      });
    });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

// biome-ignore lint/suspicious/noExplicitAny: wrangler's own records
function readRecords(file: string): any[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}
