import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { nodeTransport } from "../../../../src/clients/transport.ts";
import type { StepContext, StepEnd } from "../step-context.ts";
import { inputsOf } from "./inputs.ts";

const inputs = ["sarif_file", "category", "wait-for-processing"];

/** github/codeql-action/upload-sarif: one file to code scanning, for the commit and ref of the job. */
export async function uploadSarif(context: StepContext): Promise<StepEnd> {
  const { job, output } = context;
  const given = inputsOf(context, inputs);
  const file = given["sarif_file"] ?? "../results";
  const sarif = await readFile(resolve(job.workspace, file));
  const { event, machine, token } = job;
  const answer = await nodeTransport({
    method: "POST",
    url: new URL(`${machine.github.apiUrl}/repos/${event.repository.fullName}/code-scanning/sarifs`),
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "user-agent": "codeql-action",
    },
    body: JSON.stringify({
      commit_sha: event.sha,
      ref: event.ref,
      sarif: gzipSync(sarif).toString("base64"),
    }),
    timeout: 30_000,
    maxBytes: 1024 * 1024,
  });
  const text = new TextDecoder().decode(answer.body);
  if (answer.status !== 202) throw new Error(`Code scanning answered ${answer.status}: ${text}`);
  output.note("Successfully uploaded results");
  return { ok: true, outputs: { "sarif-id": (JSON.parse(text) as { id: string }).id } };
}
