import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { doctor } from "../../../pages-plugin/src/cli/doctor.ts";
import { root, scratchFolder } from "../../src/steps/fixtures.ts";
import { writeFiles } from "./wrapped-site.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());
let count = 0;

const rules = [
  { path: "/public/*", allow: "anyone" },
  { path: "/*", allow: "members" },
];

function project(wrangler: string, name = "wrangler.jsonc"): string {
  count += 1;
  const folder = scratch.at(String(count));
  writeFiles(folder, {
    [name]: wrangler,
    "gate.json": JSON.stringify({ preview: { rules }, production: { rules } }),
    "public/_headers": "x",
    "public/public/a.txt": "open",
    "public/secret/index.html": "closed",
  });
  return folder;
}

const check = (project: string, url?: string) =>
  doctor({ project, policy: "gate.json", environment: "production", ...(url === undefined ? {} : { url }) });

const gated = '{ "assets": { "directory": "public", "run_worker_first": true } }';

async function deployed(answer: (response: ServerResponse) => void) {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => new Promise((resolve) => server.close(resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close };
}

describe("entra-gate doctor", () => {
  it("takes the example of a Worker for right", async () => {
    expect(await check(join(root, "examples", "worker"))).toContain("--url");
  });

  it.each([
    ["it is a Pages project", '{ "pages_build_output_dir": "public" }', "not-a-worker"],
    ["run_worker_first is missing", '{ "assets": { "directory": "public" } }', "assets-ungated"],
    ["it is false", '{ "assets": { "directory": "public", "run_worker_first": false } }', "assets-ungated"],
    [
      "it names paths",
      '{ "assets": { "directory": "public", "run_worker_first": ["/api/*"] } }',
      "assets-ungated",
    ],
    [
      "it stands in a comment",
      '{ "assets": { "directory": "public" // "run_worker_first": true\n } }',
      "assets-ungated",
    ],
    [
      "an environment of its own goes without",
      '{ "assets": { "directory": "a", "run_worker_first": true }, "env": { "x": { "assets": { "directory": "a" } } } }',
      "assets-ungated",
    ],
    ["the file is none", "{ nope", "wrangler-file-invalid"],
  ])("refuses where %s", async (_, wrangler, code) => {
    await expect(check(project(wrangler))).rejects.toMatchObject({ code });
  });

  it("reads comments and trailing commas, and strings that look like them", async () => {
    const text =
      '{ /* a */ "name": "http://x,}", // b\n "assets": { "directory": "public", "run_worker_first": true, }, }';
    expect(await check(project(text))).toContain("--url");
  });

  it.each([
    ["a table", '[assets]\ndirectory = "public" # served\nrun_worker_first = true\n', "--url"],
    ["an inline table", 'assets = { directory = "public", run_worker_first = true }\n', "--url"],
    ["a comment only", '[assets]\ndirectory = "public"\n# run_worker_first = true\n', "assets-ungated"],
    [
      "an environment without it",
      '[assets]\ndirectory = "a"\nrun_worker_first = true\n[env.x.assets]\ndirectory = "a"\n',
      "assets-ungated",
    ],
    ["no TOML", "[assets\n", "wrangler-file-invalid"],
  ])("reads wrangler.toml as wrangler does: %s", async (_, text, expected) => {
    const told = await check(project(text, "wrangler.toml")).catch(({ code }: { code: string }) => code);
    expect(told).toContain(expected);
  });

  it("says where no wrangler file is", async () => {
    await expect(check(project("", "other.json"))).rejects.toMatchObject({ code: "wrangler-file-missing" });
  });

  it.each([
    ["harbour", "url-invalid"],
    ["harbour:8080", "url-invalid"],
    ["http://127.0.0.1:1", "url-unreachable"],
  ])("says so where it can't ask: %s", async (url, code) => {
    await expect(check(project(gated), url)).rejects.toMatchObject({ code });
  });

  it("proves it by a file that the policy closes", async () => {
    const site = await deployed((response) => {
      response.writeHead(401, { "x-entra-gate-code": "sign-in-required" }).end();
    });
    expect(await check(project(gated), site.url)).toContain("is closed");
    expect(site.asked).toEqual(["/secret"]);
    await site.close();
  });

  it.each([
    ["200 with the file", 200, {}],
    ["401 by something else", 401, {}],
    ["a redirect", 307, { location: "/secret/" }],
    ["503 by the gate", 503, { "x-entra-gate-code": "site-settings-invalid" }],
  ])("is not content with %s", async (_, status, headers) => {
    const site = await deployed((response) => {
      response.writeHead(status, headers).end("closed");
    });
    await expect(check(project(gated), site.url)).rejects.toMatchObject({ code: "file-open" });
    await site.close();
  });
});
