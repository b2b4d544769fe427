import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { unpackArtifact } from "../../../src/steps/artifact.ts";
import { artifactOf, manifestOf, scratchFolder, site, type TarItem, tarOf, zipOf } from "./fixtures.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());
let folders = 0;
const fresh = () => scratch.at(`pack-${++folders}`);

const routes = { name: "routes.json", content: '{"version":1,"exclude":[]}' };

/** An otherwise good archive, a compiled worker in it, with these entries besides; `listed` puts them into pack.json as well. */
async function hostile(
  items: readonly TarItem[],
  listed: Readonly<Record<string, string>> = {},
): Promise<Buffer> {
  const content = { "assets/index.html": "hello harbour", "worker/index.js": "export default {};" };
  const files = { ...content, "routes.json": routes.content, ...listed };
  const good = [...Object.entries(content).map(([name, text]) => ({ name, content: text })), routes];
  const tar = await tarOf([
    { name: "pack.json", content: JSON.stringify(manifestOf(files)) },
    ...good,
    ...items,
  ]);
  return zipOf({ "entra-gate.tar": tar });
}

const refused = (detail: RegExp | string) => ({
  code: "artifact-invalid",
  message: expect.stringMatching(detail),
});

describe("a good artifact", () => {
  it("is written as it is, with its dot folders", async () => {
    const into = fresh();
    const pack = await unpackArtifact(
      await artifactOf({ ...site, "worker/index.js": "export default {};" }, ["/static/*"]),
      into,
    );
    expect(pack.manifest.kind).toBe("functions");
    expect(pack.routes.exclude).toEqual(["/static/*"]);
    expect(readFileSync(join(into, "assets/.well-known/security.txt"), "utf8")).toContain("security@harbour");
    expect(readFileSync(join(into, "assets/image.png"))).toEqual(site["assets/image.png"]);
  });
});

describe("a hostile artifact", () => {
  it.each([
    ["a symbolic link", { name: "assets/link", type: "symlink", linkname: "/etc/passwd" }],
    ["a hard link", { name: "assets/hard", type: "link", linkname: "assets/index.html" }],
    ["a character device", { name: "assets/null", type: "character-device" }],
    ["a block device", { name: "assets/sda", type: "block-device" }],
    ["a pipe", { name: "assets/pipe", type: "fifo" }],
    ["a folder entry", { name: "assets/folder", type: "directory" }],
    ["a contiguous file", { name: "assets/odd", type: "contiguous-file" }],
  ])("with %s is refused by name", async (_, item) => {
    // Announced as a plain empty file, so that nothing but its kind speaks against it.
    const zip = await hostile([item], { [item.name]: "" });
    await expect(unpackArtifact(zip, fresh())).rejects.toMatchObject({
      code: "artifact-invalid",
      detail: expect.stringContaining(item.name),
    });
  });

  it.each([
    "../outside.txt",
    "assets/../../outside.txt",
    "assets/..",
    "assets/./index.txt",
    "/etc/passwd",
    "//server/share",
    "C:/windows/system.ini",
    "assets\\..\\outside.txt",
    "assets//double.txt",
    "assets/new\nline.txt",
    "assets/bell\u0007.txt",
    "assets/dot./x.txt",
    "assets/blank /x.txt",
    "elsewhere/x.txt",
    "worker/run.sh",
    `assets/${"x".repeat(950)}`,
  ])("with the name %j is refused", async (name) => {
    const into = fresh();
    await expect(
      unpackArtifact(await hostile([{ name, content: "x" }], { [name]: "x" }), into),
    ).rejects.toMatchObject({ code: "artifact-invalid" });
    expect(existsSync(scratch.at("outside.txt"))).toBe(false);
  });

  it.each([
    "_worker.js",
    "_worker.js/index.js",
    "_Worker.JS",
    "_routes.json",
    ".auth/status",
    ".AUTH/card.png",
    "wrangler.toml",
    "wrangler.json",
    "wrangler.jsonc",
    ".wrangler/deploy/config.json",
    "functions/index.js",
    "cdn-cgi/x.js",
    "node_modules/x/index.js",
    ".git/config",
    "deep/.git/config",
  ])("that plants %s among the assets is refused by name", async (path) => {
    const name = `assets/${path}`;
    await expect(
      unpackArtifact(await hostile([{ name, content: "x" }], { [name]: "x" }), fresh()),
    ).rejects.toMatchObject({
      code: "artifact-invalid",
      detail: expect.stringContaining(name),
    });
  });

  it("with two names that differ in case is refused", async () => {
    const item = { name: "assets/INDEX.html", content: "x" };
    await expect(unpackArtifact(await hostile([item], { [item.name]: "x" }), fresh())).rejects.toMatchObject(
      refused(/case/),
    );
  });

  it("with two names that differ in Unicode composition is refused", async () => {
    const names = ["assets/caf\u00e9.txt", "assets/cafe\u0301.txt"] as const;
    const items = names.map((name) => ({ name, content: "x" }));
    const listed = Object.fromEntries(names.map((name) => [name, "x"]));
    await expect(unpackArtifact(await hostile(items, listed), fresh())).rejects.toMatchObject(
      refused(/one name/),
    );
  });

  it("with an entry twice is refused", async () => {
    await expect(
      unpackArtifact(await hostile([{ name: "assets/index.html", content: "other" }]), fresh()),
    ).rejects.toMatchObject(refused(/twice/));
  });

  it("with a file where another entry needs a folder is refused", async () => {
    const item = { name: "assets/index.html/x.txt", content: "x" };
    await expect(unpackArtifact(await hostile([item], { [item.name]: "x" }), fresh())).rejects.toMatchObject({
      code: "artifact-invalid",
    });
  });

  it("with a file that pack.json does not list is refused", async () => {
    await expect(
      unpackArtifact(await hostile([{ name: "assets/extra.txt", content: "x" }]), fresh()),
    ).rejects.toMatchObject(refused(/extra\.txt.*not listed/));
  });

  it("whose pack.json lists what is not there is refused", async () => {
    await expect(
      unpackArtifact(await hostile([], { "assets/ghost.txt": "x" }), fresh()),
    ).rejects.toMatchObject(refused(/ghost\.txt/));
  });

  it("whose file has another content than its digest is refused", async () => {
    const item = { name: "assets/a.txt", content: "swapped" };
    await expect(
      unpackArtifact(await hostile([item], { "assets/a.txt": "promise" }), fresh()),
    ).rejects.toMatchObject(refused(/assets\/a\.txt/));
  });

  const announcing = async (count: number, changes: object): Promise<Buffer> => {
    const manifest = manifestOf({ "routes.json": routes.content });
    const many = Array.from({ length: count }, (_, index) => ({
      path: `assets/${index}.txt`,
      size: 1,
      sha256: "0".repeat(64),
      ...changes,
    }));
    const content = JSON.stringify({ ...manifest, files: [...manifest.files, ...many] });
    return zipOf({ "entra-gate.tar": await tarOf([{ name: "pack.json", content }]) });
  };

  it.each([
    ["a file of 30 MB", 1, { path: "assets/film.mp4", size: 30_000_000 }, "film.mp4"],
    ["a module of 11 MB", 1, { path: "worker/index.js", size: 11 * 1024 * 1024 }, "worker/index.js"],
    ["100,000 files", 100_000, {}, "100000 files"],
    ["20,000 files, where the link card would be one more", 20_000, {}, "20000 files"],
    ["100 files of 20 MB", 100, { size: 20 * 1024 * 1024 }, "bytes"],
  ])("that announces %s is refused before anything is written", async (_, count, changes, named) => {
    const into = fresh();
    await expect(unpackArtifact(await announcing(count, changes), into)).rejects.toMatchObject({
      code: "artifact-too-large",
      detail: expect.stringContaining(named),
    });
    expect(existsSync(into)).toBe(false);
  });

  it("whose zip says another size than it has is refused", async () => {
    const zip = await hostile([]);
    const directory = zip.indexOf("PK\u0001\u0002");
    zip.writeUInt32LE(zip.readUInt32LE(directory + 24) - 512, directory + 24);
    await expect(unpackArtifact(zip, fresh())).rejects.toMatchObject({ code: "artifact-invalid" });
    zip.writeUInt32LE(0xfffffff0, directory + 24);
    await expect(unpackArtifact(zip, fresh())).rejects.toMatchObject({ code: "artifact-too-large" });
  });

  it("that grows beyond what it announced (a zip bomb) is refused at the entry that grows", async () => {
    const item = { name: "assets/bomb.txt", content: Buffer.alloc(30 * 1024 * 1024) };
    const zip = await hostile([item], { "assets/bomb.txt": "small" });
    expect(zip.length).toBeLessThan(100_000);
    const into = fresh();
    await expect(unpackArtifact(zip, into)).rejects.toMatchObject(refused(/bomb\.txt/));
    expect(existsSync(join(into, "assets/bomb.txt"))).toBe(false);
  });

  it("without pack.json in front is refused", async () => {
    const tar = await tarOf([
      routes,
      { name: "pack.json", content: JSON.stringify(manifestOf({ "routes.json": routes.content })) },
    ]);
    await expect(unpackArtifact(await zipOf({ "entra-gate.tar": tar }), fresh())).rejects.toMatchObject(
      refused(/comes first/),
    );
  });

  it("with a cut tar is refused", async () => {
    const tar = await tarOf([{ name: "assets/a.txt", content: Buffer.alloc(5_000, 1) }]);
    await expect(
      unpackArtifact(await zipOf({ "entra-gate.tar": tar.subarray(0, 2_000) }), fresh()),
    ).rejects.toMatchObject({ code: "artifact-invalid" });
  });

  it("without a tar, with another file, or with more is refused", async () => {
    const tar = await tarOf([]);
    for (const zip of [
      await zipOf({}),
      await zipOf({ "other.tar": tar }),
      await zipOf({ "entra-gate.tar": tar, "index.html": tar }),
      await zipOf({ "entra-gate.tar": tar }, 0o120777),
      Buffer.from("no zip at all"),
      Buffer.alloc(0),
    ]) {
      await expect(unpackArtifact(zip, fresh())).rejects.toMatchObject({ code: "artifact-invalid" });
    }
  });

  it.each([
    ["no JSON", "{"],
    ["another version", { ...manifestOf({}), version: 2 }],
    ["settings that a pull request might wish for", { ...manifestOf({}), compatibility_date: "2020-01-01" }],
    ["a main module that is not there", { ...manifestOf({}), main: "index.js" }],
  ])("whose pack.json is %s is refused", async (_, manifest) => {
    const content = typeof manifest === "string" ? manifest : JSON.stringify(manifest);
    const tar = await tarOf([{ name: "pack.json", content }, routes]);
    await expect(unpackArtifact(await zipOf({ "entra-gate.tar": tar }), fresh())).rejects.toMatchObject(
      refused(/pack\.json/),
    );
  });

  it("never writes outside its folder, whatever its entries are called", async () => {
    const segment = fc.constantFrom("..", ".", "", "a", "assets", "C:", "\\", "..\\..", "/", "%2e%2e", "~");
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { minLength: 1, maxLength: 6 }), async (segments) => {
        const name = segments.join("/");
        const before = readdirSync(scratch.path).length;
        const into = scratch.at("property");
        await unpackArtifact(await hostile([{ name, content: "x" }], { [name]: "x" }), into).catch(
          () => undefined,
        );
        const after = readdirSync(scratch.path).filter((entry) => entry !== "property");
        const { rmSync } = await import("node:fs");
        rmSync(into, { recursive: true, force: true });
        expect(after.length).toBe(before);
      }),
      { numRuns: 60 },
    );
  });
});
