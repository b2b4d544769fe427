import { randomUUID } from "node:crypto";
import { gunzipSync } from "node:zlib";
import * as v from "valibot";
import { ApiError } from "../api/errors.ts";
import { type Route, route } from "../api/router.ts";
import { resolveCommit } from "../state/git.ts";
import type { SarifLog } from "../state/model.ts";

const write = [["security-events", "write"]] as const;
const upload = v.strictObject({
  commit_sha: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)),
  ref: v.pipe(v.string(), v.regex(/^refs\/(heads|tags|pull)\/.+$/)),
  sarif: v.string(),
  checkout_uri: v.optional(v.string()),
  started_at: v.optional(v.string()),
  tool_name: v.optional(v.string()),
  validate: v.optional(v.boolean()),
});

/** Of 2.1.0, what GitHub asks for (docs.github.com, "SARIF support for code scanning"). */
const text = v.object({ text: v.pipe(v.string(), v.nonEmpty()) });
const location = v.object({
  physicalLocation: v.object({
    artifactLocation: v.object({ uri: v.pipe(v.string(), v.regex(/^(?![/\\])(?!.*:\/\/).+$/)) }),
    region: v.object({ startLine: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
  }),
});
const sarif = v.object({
  $schema: v.string(),
  version: v.literal("2.1.0"),
  runs: v.pipe(
    v.array(
      v.object({
        tool: v.object({
          driver: v.object({
            name: v.pipe(v.string(), v.nonEmpty()),
            rules: v.array(
              v.object({
                id: v.pipe(v.string(), v.nonEmpty(), v.maxLength(255)),
                shortDescription: text,
                fullDescription: text,
                help: v.object({ text: v.pipe(v.string(), v.nonEmpty()) }),
              }),
            ),
          }),
        }),
        automationDetails: v.optional(v.object({ id: v.string() })),
        results: v.pipe(
          v.array(
            v.object({
              ruleId: v.string(),
              level: v.picklist(["note", "warning", "error"]),
              message: text,
              locations: v.pipe(v.array(location), v.minLength(1)),
              partialFingerprints: v.object({ primaryLocationLineHash: v.pipe(v.string(), v.nonEmpty()) }),
            }),
          ),
          v.maxLength(25_000),
        ),
      }),
    ),
    v.minLength(1),
    v.maxLength(20),
  ),
});

/** SARIF files for code scanning, gzipped and in base64. */
export const codeScanningRoutes: readonly Route[] = [
  route("post", "/repos/{owner}/{repo}/code-scanning/sarifs", write, upload, async (call) => {
    const { api, repository, body } = call;
    if ((await resolveCommit(repository.gitDir, body.commit_sha)) === undefined)
      throw new ApiError(422, "commit_sha is not a commit of this repository");
    const read = v.safeParse(sarif, unpacked(body.sarif));
    if (!read.success) {
      const places = read.issues.map((issue) => v.getDotPath(issue) ?? "log").join(", ");
      throw new ApiError(400, `Invalid SARIF. ${places}`);
    }
    for (const { tool, results } of read.output.runs) {
      const known = new Set(tool.driver.rules.map(({ id }) => id));
      const stranger = results.find(({ ruleId }) => !known.has(ruleId));
      if (stranger !== undefined) throw new ApiError(400, `Invalid SARIF. No rule ${stranger.ruleId}`);
    }
    const id = randomUUID();
    const log: SarifLog = read.output;
    repository.codeScanning.push({ id, commit: body.commit_sha, ref: body.ref, sarif: log });
    const url = `${api.apiUrl}/repos/${repository.fullName}/code-scanning/sarifs/${id}`;
    return { status: 202, body: { id, url } };
  }),
];

function unpacked(base64: string): unknown {
  try {
    return JSON.parse(gunzipSync(Buffer.from(base64, "base64")).toString("utf8"));
  } catch {
    throw new ApiError(400, "Invalid SARIF. Not gzipped JSON in base64");
  }
}
