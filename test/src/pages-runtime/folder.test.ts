import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readPagesFolder } from "../../../src/pages-runtime/folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "folder-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

it("reads a folder as wrangler would upload it", async () => {
  write({
    "_worker.js/index.js": "index",
    "_worker.js/site/a.mjs": "module",
    "_worker.js/site/note.txt": "note",
    "_worker.js/site/readme.md": "left out",
    "_routes.json": "routes",
    _headers: "headers",
    _redirects: "redirects",
    "index.html": "home",
    ".well-known/x": "known",
    "docs/_headers": "an asset",
    "docs/functions/x.js": "an asset",
    "functions/api.js": "left out",
    "node_modules/x.js": "left out",
    "docs/.DS_Store": "left out",
    ".git/config": "left out",
  });
  symlinkSync("/etc/hostname", join(folder, "link.txt"));
  const files = await readPagesFolder(folder);
  expect([...files.assets.files.keys()].sort()).toEqual([
    "/.well-known/x",
    "/docs/_headers",
    "/docs/functions/x.js",
    "/index.html",
  ]);
  expect(files).toMatchObject({ headersFile: "headers", redirectsFile: "redirects", routesFile: "routes" });
  expect(files.worker?.main).toBe("index.js");
  expect(files.worker?.modules.map(({ name, type }) => `${name} ${type}`)).toEqual([
    "index.js esm",
    "site/a.mjs esm",
    "site/note.txt text",
  ]);
});

it("knows files by content and extension, and gives their bytes", async () => {
  write({ "a.html": "same", "b.html": "same", "c.txt": "same", "d.html": "other" });
  const { assets, worker } = await readPagesFolder(folder);
  const key = (path: string) => assets.files.get(path)?.key ?? "";
  expect(worker).toBeUndefined();
  expect(key("/a.html")).toBe(key("/b.html"));
  expect(new Set([key("/a.html"), key("/c.txt"), key("/d.html")]).size).toBe(3);
  expect(Buffer.from(await assets.read(key("/d.html"))).toString()).toBe("other");
  expect(assets.files.get("/c.txt")?.contentType).toBe("text/plain");
  await expect(assets.read("none")).rejects.toThrow(RangeError);
});

it("takes a _worker.js that is one file", async () => {
  write({ "_worker.js": "export default {}" });
  expect((await readPagesFolder(folder)).worker).toEqual({
    main: "index.js",
    modules: [{ name: "index.js", type: "esm", contents: "export default {}" }],
  });
});
