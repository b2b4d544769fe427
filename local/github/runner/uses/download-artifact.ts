import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { buffer } from "node:stream/consumers";
import { type Entry, fromBuffer, type ZipFile } from "yauzl";
import { allows } from "../../tokens/permissions.ts";
import type { StepContext, StepEnd } from "../step-context.ts";
import { inputsOf } from "./inputs.ts";

/** actions/download-artifact: one artifact by name, of this run, or of another one with `run-id` and `github-token`. */
export async function downloadArtifact(context: StepContext): Promise<StepEnd> {
  const { job, output } = context;
  const given = inputsOf(context, ["name", "path", "run-id", "github-token"]);
  const { tokens } = job.machine.github;
  const runId = given["run-id"] === undefined ? job.run.id : Number(given["run-id"]);
  if (runId !== job.run.id) {
    const grant = tokens.find(given["github-token"] ?? "");
    if (grant?.kind !== "job" || !allows(grant.permissions, "actions", "read"))
      throw new Error("Resource not accessible by integration");
  }
  const artifact = job.event.repository.artifacts.find(
    ({ name, run }) => name === given["name"] && run.id === runId,
  );
  if (artifact === undefined)
    throw new Error(`Unable to download artifact(s): Artifact not found for name: ${given["name"]}`);
  const into = resolve(job.workspace, given["path"] ?? ".");
  await extract(artifact.zip, into);
  output.note(`Artifact ${artifact.name} was unpacked into ${into}`);
  return { ok: true, outputs: { "download-path": into } };
}

async function extract(zip: Uint8Array, into: string): Promise<void> {
  const file = await new Promise<ZipFile>((done, failed) => {
    fromBuffer(Buffer.from(zip), { lazyEntries: true }, (error, opened) =>
      error ? failed(error) : done(opened),
    );
  });
  const entries: Entry[] = [];
  await new Promise<void>((done, failed) => {
    file.on("entry", (entry) => {
      entries.push(entry);
      file.readEntry();
    });
    file.once("end", done);
    file.once("error", failed);
    file.readEntry();
  });
  for (const entry of entries) {
    const target = resolve(into, entry.fileName);
    if (!target.startsWith(into + sep))
      throw new Error(`artifact entry leaves its folder: ${entry.fileName}`);
    const bytes = await new Promise<Buffer>((done, failed) => {
      file.openReadStream(entry, (error, stream) => (error ? failed(error) : done(buffer(stream))));
    });
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes);
  }
}
