import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { relative, sep } from "node:path";
import { buffer } from "node:stream/consumers";
import { ZipFile } from "yazl";
import type { Artifact } from "../../state/model.ts";
import { commonRoot, findFiles } from "../find-files.ts";
import type { StepContext, StepEnd } from "../step-context.ts";
import { inputsOf } from "./inputs.ts";

const inputs = [
  "name",
  "path",
  "if-no-files-found",
  "retention-days",
  "compression-level",
  "overwrite",
  "include-hidden-files",
];
const day = 24 * 60 * 60 * 1000;

/**
 * actions/upload-artifact (v4 and later): zips real files and files them with the run.
 * Dot files and what is in dot folders stay out unless `include-hidden-files: true`; names are relative to the least
 * common ancestor of what matched; a name can be used once in a run.
 */
export async function uploadArtifact(context: StepContext): Promise<StepEnd> {
  const { job, output } = context;
  const { event, run, machine, workspace } = job;
  const given = inputsOf(context, inputs);
  const name = given["name"] || "artifact";
  if (/[\\/":<>|*?\r\n]/.test(name)) throw new Error(`The artifact name is not valid: ${name}`);
  const patterns = (given["path"] ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (patterns.length === 0) throw new Error("Input required and not supplied: path");
  const hidden = given["include-hidden-files"] === "true";
  const files = findFiles(workspace, patterns).filter((path) => hidden || !isHidden(workspace, path));
  if (files.length === 0)
    return nothingFound(context, patterns.join(" "), given["if-no-files-found"] ?? "warn");

  const { store, serverUrl } = machine.github;
  const { artifacts } = event.repository;
  const same = artifacts.findIndex((artifact) => artifact.run === run && artifact.name === name);
  if (same >= 0) {
    if (given["overwrite"] !== "true")
      throw new Error(
        "Failed to CreateArtifact: Received non-retryable error: Failed request: (409) Conflict: an artifact with this name already exists on the workflow run",
      );
    artifacts.splice(same, 1);
  }
  const root = commonRoot(workspace, patterns);
  const zip = new ZipFile();
  for (const file of files) zip.addBuffer(await readFile(file), relative(root, file).split(sep).join("/"));
  zip.end();
  const bytes = await buffer(zip.outputStream as unknown as NodeJS.ReadableStream);
  const now = store.clock.now();
  const artifact: Artifact = {
    id: store.nextId(),
    name,
    run,
    zip: bytes,
    digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}`,
    createdAt: now,
    expiresAt: now + Number(given["retention-days"] || 90) * day,
  };
  artifacts.push(artifact);
  output.note(
    `Artifact ${name} has ${files.length} files and ${bytes.length} bytes; its id is ${artifact.id}`,
  );
  return {
    ok: true,
    outputs: {
      "artifact-id": String(artifact.id),
      "artifact-url": `${serverUrl}/${event.repository.fullName}/actions/runs/${run.id}/artifacts/${artifact.id}`,
      "artifact-digest": artifact.digest.slice("sha256:".length),
    },
  };
}

/** Anything below the workspace with a dot first, at any depth. */
function isHidden(workspace: string, path: string): boolean {
  return relative(workspace, path)
    .split(sep)
    .some((part) => part.startsWith(".") && part !== "..");
}

function nothingFound({ output }: StepContext, paths: string, then: string): StepEnd {
  const message = `No files were found with the provided path: ${paths}. No artifacts will be uploaded.`;
  if (then === "error") throw new Error(message);
  if (then === "ignore") output.note(message);
  else output.annotate("warning", message);
  return { ok: true };
}
