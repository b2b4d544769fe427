import { join } from "node:path";
import { figuresOf } from "./figures.ts";
import { makeFixtures } from "./fixtures.ts";
import { tableOf } from "./report.ts";
import { startBench } from "./runtime.ts";
import { countSignInSubrequests } from "./sign-in.ts";
import { buildGates, buildPluginProject, gzipSize } from "./sizes.ts";
import { measure, ruleCounts, sessionsNeeded } from "./subjects.ts";

/**
 * `npm run bench`: speed and size of the gate beside its peers (docs/performance.md says how); `npm run bench -- --json`
 * prints the figures as one line of JSON. It asserts nothing: a time is no reason to fail anybody's build.
 */
const root = join(import.meta.dirname, "..");

const gates = await buildGates(root);
const counts = {
  bundleGzip: gzipSize(gates.site),
  hostBundleGzip: gzipSize(gates.host),
  pluginBundleGzip: gzipSize(await buildPluginProject(root)),
  signInSubrequests: await countSignInSubrequests(),
};
const bench = await startBench(root, gates.site, await makeFixtures(sessionsNeeded), ruleCounts);
try {
  const figures = figuresOf(await measure(bench), counts);
  console.log(process.argv.includes("--json") ? JSON.stringify(figures) : tableOf(figures, root));
} finally {
  await bench.close();
}
