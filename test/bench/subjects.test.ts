import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeFixtures } from "../../bench/fixtures.ts";
import type { Task } from "../../bench/names.ts";
import { type BenchRuntime, startBench } from "../../bench/runtime.ts";
import { countSignInSubrequests } from "../../bench/sign-in.ts";
import { buildGates } from "../../bench/sizes.ts";

const root = join(import.meta.dirname, "..", "..");
const task: Task = { subject: "gate", count: 5, gate: "one", rules: 10, sessions: 5, first: 0 };
let bench: BenchRuntime;

beforeAll(async () => {
  const { site } = await buildGates(root);
  bench = await startBench(root, site, await makeFixtures(6), [10]);
});

afterAll(() => bench?.close());

describe("what the bench times is the real thing", () => {
  test("the gate lets five visitors in, asks nobody and records each, first and second time", async () => {
    for (let time = 0; time < 2; time++) {
      expect(await bench.run(task)).toMatchObject({ answered: 5, lines: 5, subrequests: 0 });
    }
  });

  test("the bare site and @hono/oidc-auth answer from what they have", async () => {
    for (const subject of ["bare", "oidc-auth"] as const) {
      expect(await bench.run({ ...task, subject })).toMatchObject({ answered: 5, subrequests: 0 });
    }
  });

  test("the Access plugin verifies its token and fetches the keys for each request", async () => {
    expect(await bench.run({ ...task, subject: "access" })).toMatchObject({ answered: 5, subrequests: 5 });
  });

  test("a sign-in at a warm sign-in host is one subrequest", async () => {
    expect(await countSignInSubrequests()).toBe(1);
  });
});
