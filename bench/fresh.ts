import { join } from "node:path";
import { makeFixtures } from "./fixtures.ts";
import type { Subject } from "./names.ts";
import { startBench } from "./runtime.ts";
import { buildGates } from "./sizes.ts";

/**
 * What a request costs in an isolate that has only just begun, before V8 has optimised anything: `node bench/fresh.ts`.
 * Its first thirty requests, each subject in isolates of its own; medians, microseconds over the bare site.
 */
const requests = 30;
const each = 8;
const subjects = ["empty", "bare", "gate", "oidc-auth"] as const satisfies readonly Subject[];
const root = join(import.meta.dirname, "..");
const { site } = await buildGates(root);
const bench = await startBench(root, site, await makeFixtures(2), [10], each * subjects.length);
try {
  const medians = new Map<Subject, number>();
  for (const [place, subject] of subjects.entries()) {
    const times: number[] = [];
    for (let index = 0; index < each; index++) {
      const isolate = index * subjects.length + place;
      const task = { subject, gate: "fresh", count: requests, rules: 10, sessions: 1, first: 0, isolate };
      const { cpu, wall } = await bench.run(task);
      times.push((cpu ?? wall).answers);
    }
    medians.set(subject, times.sort((a, b) => a - b)[each >> 1] ?? Number.NaN);
  }
  const over = (subject: Subject, base: Subject): number =>
    Math.round((((medians.get(subject) ?? 0) - (medians.get(base) ?? 0)) * 1000) / requests);
  const [bareUs, gateUs, honoUs] = [over("bare", "empty"), over("gate", "bare"), over("oidc-auth", "bare")];
  console.log(JSON.stringify({ requests, bareUs, gateUs, honoUs }));
} finally {
  await bench.close();
}
