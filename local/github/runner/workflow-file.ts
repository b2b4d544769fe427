import type { WorkflowTemplate } from "@actions/workflow-parser";
import { parse } from "yaml";
import { workflowParser } from "./json-imports.ts";

export type Yaml = null | boolean | number | string | readonly Yaml[] | { readonly [key: string]: Yaml };
export type YamlMap = { readonly [key: string]: Yaml };

export interface StepFile {
  /** The condition, success() added where it names no status function. */
  readonly condition: string;
  readonly yaml: YamlMap;
}

export interface JobFile {
  readonly id: string;
  readonly needs: readonly string[];
  readonly condition: string;
  readonly yaml: YamlMap;
  readonly steps: readonly StepFile[];
}

export interface WorkflowFile {
  readonly path: string;
  readonly name: string;
  readonly yaml: YamlMap;
  readonly events: WorkflowTemplate["events"];
  readonly jobs: readonly JobFile[];
}

/** What this runner doesn't do is an error, so that no workflow passes here by being read half. */
const unsupportedInJob = ["container", "services", "strategy", "uses", "snapshot", "concurrency"];

/**
 * Reads a workflow file with GitHub's own parser (schema, expressions, contexts) and keeps the YAML beside it,
 * because the parser's template leaves out `permissions`, `with` and a few more.
 * @returns the file, or what GitHub would put on the failed run
 */
export async function readWorkflow(
  path: string,
  text: string,
): Promise<
  { readonly file: WorkflowFile } | { readonly name: string; readonly problems: readonly string[] }
> {
  const { parseWorkflow, convertWorkflowTemplate, NoOperationTraceWriter } = workflowParser;
  const parsed = parseWorkflow({ name: path, content: text }, new NoOperationTraceWriter());
  const problems = parsed.context.errors.getErrors().map(({ message }) => message);
  if (problems.length > 0 || parsed.value === undefined) return { name: path, problems };
  const template = await convertWorkflowTemplate(parsed.context, parsed.value);
  const late = (template.errors ?? []).map(({ Message }) => Message);
  const yaml = parse(text) as YamlMap;
  const name = typeof yaml["name"] === "string" ? yaml["name"] : path;
  const jobs = template.jobs.map((job): JobFile => {
    const id = job.id.value;
    const jobYaml = map(map(yaml["jobs"])[id]);
    for (const key of unsupportedInJob)
      if (key in jobYaml) late.push(`${path}: jobs.${id}.${key}: not done by the local runner`);
    const steps = (jobYaml["steps"] ?? []) as readonly YamlMap[];
    const conditions = job.type === "job" ? job.steps.map((step) => step.if?.expression ?? "success()") : [];
    return {
      id,
      needs: (job.needs ?? []).map(({ value }) => value),
      condition: job.if.expression,
      yaml: jobYaml,
      steps: steps.map((step, index) => ({ condition: conditions[index] ?? "success()", yaml: step })),
    };
  });
  const types = template.events.workflow_run?.types;
  if (types?.some((type) => type !== "completed") === true) {
    late.push(`${path}: on.workflow_run.types: the local runner dispatches 'completed' only`);
  }
  if (late.length > 0) return { name, problems: late };
  return { file: { path, name, yaml, events: template.events, jobs } };
}

/** A mapping, empty where there is none. */
export function map(value: Yaml | undefined): YamlMap {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as YamlMap) : {};
}
