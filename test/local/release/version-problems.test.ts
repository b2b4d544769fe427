import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { versionProblems } from "../../../local/release/version-problems.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const { version } = JSON.parse(read("package.json")) as { version: string };

it("finds each file that does not say what the tag says", () => {
  const released = (path: string) =>
    path === "CHANGELOG.md" ? `## [${version}] - 2026-12-01\n` : read(path);
  expect(versionProblems(`v${version}`, released)).toEqual([]);
  expect(versionProblems("v99.0.0", released)).toHaveLength(5);
  expect(versionProblems("latest", released)).toHaveLength(1);
});

it("is asked before anything is published, and only what CI has tested is", () => {
  const { jobs } = parse(read(".github/workflows/release.yml")) as {
    jobs: Record<"test" | "publish", { needs?: string; steps: { run?: string }[]; permissions?: object }>;
  };
  const runs = (job: "test" | "publish") => jobs[job].steps.map(({ run }) => run ?? "").join("\n");
  expect(runs("test")).toContain("check-version.ts");
  expect(runs("test")).toContain(".ci/run");
  expect(jobs.publish.needs).toBe("test");
  expect(jobs.test.permissions).toBeUndefined();
  expect(runs("publish")).toContain("--provenance");
});
