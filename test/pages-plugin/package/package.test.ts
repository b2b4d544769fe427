import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { beforeAll, describe, expect, it } from "vitest";
import { type PackedPackage, packPublished } from "./published.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const manifest = JSON.parse(readFileSync(join(root, "pages-plugin", "package.json"), "utf8")) as {
  name: string;
  exports: Record<string, string | { types: string; default: string }>;
  dependencies?: object;
};
let packed: PackedPackage;

beforeAll(async () => {
  packed = await packPublished();
});

describe("the published package", () => {
  it("holds what is needed and nothing else", () => {
    const needed =
      /^(package\.json|LICENSE|README\.md|gate\.schema\.json|bin\/entra-gate\.js|[\w-]+\.d\.ts|dist\/[\w-]+\.(js|txt)|audit\.sql)$/;
    expect(packed.files.filter((path) => !needed.test(path))).toEqual([]);
    for (const path of ["README.md", "LICENSE", "dist/cli.js", "dist/gate-site.js", "dist/licences.txt"])
      expect(packed.files).toContain(path);
    expect(manifest.dependencies).toBeUndefined();
  });

  it("has each file that exports names, types first", () => {
    for (const target of Object.values(manifest.exports)) {
      const paths = typeof target === "string" ? [target] : Object.values(target);
      for (const path of paths) {
        expect(packed.files).toContain(path.replace(/^\.\//, ""));
        expect(existsSync(join(root, "pages-plugin", path))).toBe(true);
      }
      if (typeof target !== "string") expect(Object.keys(target)[0]).toBe("types");
    }
  });

  it("is clean by publint", async () => {
    const { messages, pkg } = await publint({
      pkgDir: "package",
      strict: true,
      pack: { tarball: packed.tarball.slice().buffer },
    });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it("has types that every way to resolve an ES module finds", async () => {
    const analysis = await checkPackage(createPackageFromTarballData(packed.tarball));
    if (!analysis.types) throw new Error("the package has no types");
    // It is ESM only: `require`, and the resolution of Node 10, are not for it.
    const wrong = analysis.problems.filter(
      (problem) =>
        !("resolutionKind" in problem && ["node10", "node16-cjs"].includes(problem.resolutionKind)) &&
        problem.kind !== "CJSResolvesToESM",
    );
    expect(wrong).toEqual([]);
  });
});
