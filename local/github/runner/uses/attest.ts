import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { allows } from "../../tokens/permissions.ts";
import { findFiles } from "../find-files.ts";
import type { StepContext, StepEnd } from "../step-context.ts";
import { inputsOf } from "./inputs.ts";

/**
 * actions/attest-build-provenance: GitHub signs the digests of files, with the workflow that made them. What is signed is
 * kept in the repository, without a signature: there is no Sigstore here.
 * @see https://github.com/actions/attest-build-provenance
 */
export async function attest(context: StepContext): Promise<StepEnd> {
  const { job, output } = context;
  const { event, run, grant, workspace, workflow, machine } = job;
  const { repository } = event;
  const given = inputsOf(context, ["subject-path"]);
  if (Object.keys(job.idToken).length === 0)
    throw new Error(
      'missing "id-token" permission. Please add "permissions: id-token: write" to your workflow.',
    );
  if (!allows(grant.permissions, "attestations", "write"))
    throw new Error("Failed to persist attestation: Resource not accessible by integration");
  if (repository.visibility === "private")
    throw new Error("Failed to persist attestation: Feature not available for this repository");
  const patterns = (given["subject-path"] ?? "")
    .split(/[\n,]/)
    .map((one) => one.trim())
    .filter(Boolean);
  const files = findFiles(workspace, patterns);
  if (files.length === 0) throw new Error(`Could not find subject at path ${patterns.join(", ")}`);
  for (const file of files) {
    const sha256 = createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
    repository.attestations.push({
      id: machine.github.store.nextId(),
      subject: { name: basename(file), sha256 },
      run,
      workflowRef: `${repository.fullName}/${workflow.path}@${event.ref}`,
    });
    output.note(`Attested ${basename(file)}: sha256:${sha256}`);
  }
  return { ok: true };
}
