import { text } from "node:stream/consumers";
import type { RehearsalJob, RehearsalResult } from "./job.ts";
import { rehearseBundle } from "./rehearse-bundle.ts";

/** The process that runs a stranger's worker: it is started with an empty environment and ends with its job. */
const job = JSON.parse(await text(process.stdin)) as RehearsalJob;
const result: RehearsalResult = await rehearseBundle(job);
process.stdout.write(JSON.stringify(result), () => process.exit(0));
