import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canonical, readPath } from "../../../contract/paths/reading.ts";
import { createDecider } from "../../../contract/policy/decide.ts";
import { rulePathProblem } from "../../../contract/policy/rule-path.ts";
import { compiled, visitor } from "../policy/fixtures.ts";
import { type AssetServer, startAssetServer } from "./asset-server.ts";
import { filePath, fileTree, requestPath } from "./nasty.ts";

let server: AssetServer;
beforeAll(async () => {
  server = await startAssetServer();
});
afterAll(() => server.dispose());

/** The address that a link to a file would have. */
function urlOf(file: string): string {
  return file.split("/").map(encodeURIComponent).join("/");
}

const someAllow = fc.constantFrom(
  { anyone: true },
  { roles: ["One"] },
  { roles: ["Two"] },
  { members: true },
);
const somePath = fc.tuple(filePath, fc.boolean()).map(([path, below]) => {
  const base = canonical(path);
  return below ? `${base === "/" ? "" : base}/*` : base;
});
const someRules = fc.array(fc.tuple(somePath, someAllow), { maxLength: 5 });
const visitors = [
  undefined,
  visitor({ kind: "unknown", roles: ["One"] }),
  visitor({ kind: "unknown", roles: ["Two"] }),
];

const scene = fileTree.chain((files) =>
  fc.record({
    files: fc.constant(files),
    paths: fc.array(requestPath(files), { minLength: 25, maxLength: 25 }),
    rules: someRules,
    last: someAllow,
    mergeSlashes: fc.boolean(),
  }),
);

describe("against Pages' asset server in workerd", () => {
  test("whatever content is answered, the rule that decided was that file's", async () => {
    let contents = 0;
    const property = fc.asyncProperty(scene, async ({ files, paths, rules, last, mergeSlashes }) => {
      const decide = createDecider(compiled([...rules, ["/*", last]]));
      for (const served of await server.serve(files, paths, mergeSlashes)) {
        if (served.status !== 200 || served.file === undefined || served.fallback) continue;
        const reading = readPath(served.pathname);
        if (!reading.ok) continue;
        contents++;
        const own = readPath(urlOf(served.file));
        expect(own).toMatchObject({ ok: true, path: reading.path });
        for (const who of visitors) {
          expect(decide(reading, who).rule).toBe(decide(own, who).rule);
        }
      }
    });
    await fc.assert(property, { numRuns: 300 });
    expect(contents).toBeGreaterThan(300);
  });

  test("a file that the server has under its own address is not refused where one rule covers everything", async () => {
    const decide = createDecider(compiled([["/*", { anyone: true }]]));
    const property = fc.asyncProperty(fileTree, async (files) => {
      for (const served of await server.serve(files, files.map(urlOf))) {
        if (served.status !== 200) continue;
        expect(decide(readPath(served.pathname)), served.pathname).toMatchObject({ allowed: true });
      }
    });
    await fc.assert(property, { numRuns: 60 });
  });

  test("each file's spellings read as one path", async () => {
    const files = [
      "/admin/index.html",
      "/about.html",
      "/",
      "/index.html",
      "/admin/index/index.html",
      "/x.html.html",
    ];
    const paths = [
      "/admin",
      "/admin/",
      "/admin/index",
      "/admin/index.html",
      "/admin/index/",
      "/%61dmin/",
      "/admin.html",
    ];
    for (const served of await server.serve(files, paths)) {
      expect(readPath(served.pathname)).toMatchObject({ ok: true, path: "/admin" });
    }
    for (const served of await server.serve(files, ["/about", "/about.html", "/about/"])) {
      expect(readPath(served.pathname)).toMatchObject({ ok: true, path: "/about" });
    }
    const [double] = await server.serve(files, ["/x.html"]);
    expect(double).toMatchObject({ status: 200, file: "/x.html.html" });
  });

  test("a rule's path is accepted only in the form that requests are read as", () => {
    const property = fc.property(filePath, (path) => {
      if (rulePathProblem(path) !== undefined) return;
      expect(readPath(urlOf(path))).toMatchObject({ ok: true, path });
    });
    fc.assert(property, { numRuns: 300 });
  });
});
