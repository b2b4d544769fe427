import { describe, expect, it } from "vitest";
import { builtFiles } from "../../../src/steps/built-files.ts";

const paths = [
  "README.md",
  "gate.json",
  "functions/_middleware.ts",
  "functions/index.ts",
  "functions/api/hello.ts",
  "functions/api/[id]/edit.js",
  "functions/docs/[[path]].tsx",
  "functions/shared/_lib.ts",
  "functions/notes.md",
  "public/img/a b.png",
  "public/_headers",
  "public/_worker.js/index.js",
  "static/style.css",
  "out/page.html",
  "sites/docs/out/index.html",
  "sites/docs/functions/x.js",
];

describe("builtFiles", () => {
  it("has what builds copy, and the routes of functions", () => {
    expect(builtFiles(paths, undefined)).toEqual({
      files: ["img/a b.png", "style.css", "out/page.html", "sites/docs/out/index.html"],
      functions: ["/", "/api/hello", "/api/entra-gate-probe/edit", "/docs/entra-gate-probe"],
    });
  });

  it("has what lies in the output folder", () => {
    expect(builtFiles(paths, { root_dir: null, destination_dir: "out" }).files).toEqual([
      "page.html",
      "img/a b.png",
      "style.css",
    ]);
  });

  it("looks below the folder that the build runs in", () => {
    expect(builtFiles(paths, { root_dir: "/sites/docs/", destination_dir: "./out" })).toEqual({
      files: ["index.html"],
      functions: ["/x"],
    });
  });

  it("asks for no more than can be asked in time", () => {
    const many = Array.from({ length: 500 }, (_, at) => [`public/${at}.txt`, `functions/${at}.ts`]).flat();
    const { files, functions } = builtFiles(many, undefined);
    expect([files.length, functions.length]).toEqual([120, 12]);
  });
});
