import type { CompiledPolicy } from "../../../contract/policy/model.ts";
import type { Policy } from "../../../contract/policy/schema.ts";
import type { Project } from "../../clients/cloudflare-model.ts";
import type { ActionContext } from "../../context.ts";
import type { Check } from "../../findings.ts";
import { inspectDrift } from "../../inspect/drift.ts";

/** What an audit has read before anything is inspected. */
export interface Inspected {
  readonly policy: Policy;
  readonly preview: CompiledPolicy;
  readonly production: CompiledPolicy;
  readonly site: Project;
  readonly host: Project | undefined;
}

export type Inspection = (context: ActionContext, inspected: Inspected) => Promise<readonly Check[]>;

/** What else an audit looks at, beside addresses: settings, registrations, credentials. Each reads only. */
export const inspections: readonly Inspection[] = [
  (context, { site, host, policy }) => inspectDrift(context, { site, host, policy }),
];
