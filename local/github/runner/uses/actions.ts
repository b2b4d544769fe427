import type { StepContext, StepEnd } from "../step-context.ts";
import { attest } from "./attest.ts";
import { checkout } from "./checkout.ts";
import { downloadArtifact } from "./download-artifact.ts";
import { setupNode } from "./setup-node.ts";
import { uploadArtifact } from "./upload-artifact.ts";
import { uploadSarif } from "./upload-sarif.ts";

/** GitHub's own actions that this runner knows, whatever version is asked for. */
export const actions: Readonly<Record<string, (context: StepContext) => Promise<StepEnd>>> = {
  "actions/attest-build-provenance": attest,
  "actions/checkout": checkout,
  "actions/setup-node": setupNode,
  "actions/upload-artifact": uploadArtifact,
  "actions/download-artifact": downloadArtifact,
  "github/codeql-action/upload-sarif": uploadSarif,
};
