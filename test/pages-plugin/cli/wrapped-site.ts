import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as miniflare from "miniflare";
import type { TicketClaims } from "../../../contract/tickets/claims.ts";
import { wrap } from "../../../pages-plugin/src/cli/wrap.ts";
import { readPagesFolder } from "../../../src/pages-runtime/folder.ts";
import type { PagesRuntime } from "../../../src/pages-runtime/options.ts";
import { startPagesRuntime } from "../../../src/pages-runtime/runtime.ts";
import { type Answer, type Asking, ask } from "../entries/http-client.ts";
import { hostOrigin, key, navigation, reviewers, startTime, ticketFor, verifier } from "../site/support.ts";

export const host = "a1b2c3d4.demo.localhost";
export const origin = `http://${host}`;

/** Reviewers see everything, anyone `/open/*`. */
export const gatePolicy = {
  groups: { reviewers },
  preview: {
    rules: [
      { path: "/open/*", allow: "anyone" },
      { path: "/*", allow: { groups: ["reviewers"] } },
    ],
  },
  production: "open",
};

export function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** `entra-gate wrap <output>` in place, for the preview environment. */
export function wrapInPlace(project: string, output: string, dist: string, policy: object = gatePolicy) {
  writeFileSync(join(project, "gate.json"), JSON.stringify(policy));
  return wrap({
    project,
    directory: output,
    policy: join(project, "gate.json"),
    environment: "preview",
    signInOrigin: hostOrigin,
    gate: () => readFileSync(join(dist, "gate", "site.js"), "utf8"),
  });
}

export interface Served extends PagesRuntime {
  readonly lines: readonly string[];
  ask(path: string, asking?: Asking): Promise<Answer>;
}

/** A folder as Pages would serve it, on workerd; of the network there is the sign-in host's keys. */
export async function serve(folder: string, dist: string): Promise<Served> {
  const lines: string[] = [];
  const runtime = await startPagesRuntime(miniflare, {
    ...(await readPagesFolder(folder)),
    assetServer: readFileSync(join(dist, "pages-runtime", "asset-server.js"), "utf8"),
    compatibilityDate: "2026-11-01",
    compatibilityFlags: [],
    vars: {},
    outbound: async (request) =>
      request.url === `${hostOrigin}/.auth/jwks`
        ? Response.json({ keys: [key.jwk] })
        : new Response(null, { status: 530 }),
    log: (line) => {
      lines.push(line);
    },
  });
  return { ...runtime, lines, ask: (path, asking) => ask(runtime.port, host, path, asking) };
}

/** Headers of a signed-in reviewer's navigation. */
export function reviewer(): Promise<Record<string, string>> {
  return visitor({});
}

/** Headers of somebody's navigation; workerd's clock is the real one. */
export async function visitor(claims: Partial<TicketClaims>): Promise<Record<string, string>> {
  const late = Math.floor((Date.now() - startTime) / 1000);
  const ticket = await ticketFor({ exp: startTime / 1000 + late + 3600, aud: origin, ...claims });
  return { ...navigation, cookie: `__Host-entra-gate-session=${ticket}.${verifier}` };
}
