import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { nodeTransport } from "../../../../src/clients/transport.ts";
import type { StepContext, StepEnd } from "../step-context.ts";
import { inputsOf } from "./inputs.ts";

const inputs = ["sarif_file", "category", "wait-for-processing"];

/** github/codeql-action/upload-sarif: a file, or all of a folder, to code scanning, for the commit and ref of the job. */
export async function uploadSarif(context: StepContext): Promise<StepEnd> {
  const { job, output } = context;
  const given = inputsOf(context, inputs);
  const place = resolve(job.workspace, given["sarif_file"] ?? "../results");
  const files = (await stat(place)).isDirectory()
    ? (await readdir(place)).filter((name) => name.endsWith(".sarif")).map((name) => join(place, name))
    : [place];
  if (files.length === 0) throw new Error(`No SARIF files found to upload in "${place}".`);
  const ids: string[] = [];
  for (const file of files) ids.push(await upload(context, await readFile(file)));
  output.note("Successfully uploaded results");
  return { ok: true, outputs: { "sarif-id": ids[0] ?? "" } };
}

async function upload({ job }: StepContext, sarif: Buffer): Promise<string> {
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
  return (JSON.parse(text) as { id: string }).id;
}
