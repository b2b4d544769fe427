import * as v from "valibot";
import { parse } from "yaml";

/** One job that uses the action, as far as it matters who may run it with what. */
export interface ActionUse {
  readonly file: string;
  readonly job: string;
  /** Names of the events that start the workflow. */
  readonly triggers: readonly string[];
  /** The `command` input; empty where the event decides. */
  readonly command: string;
  /** What the job's token may do; undefined where neither job nor workflow says, and the repository's default counts. */
  readonly permissions: Readonly<Record<string, string>> | "read-all" | "write-all" | undefined;
  /** Name of the job's environment; empty where it has none. May be an expression. */
  readonly environment: string;
}

const permissions = v.union([
  v.picklist(["read-all", "write-all"]),
  v.record(v.string(), v.string()),
  // `permissions:` with nothing behind it is none of them.
  v.pipe(
    v.null(),
    v.transform(() => ({})),
  ),
]);
const step = v.object({
  uses: v.fallback(v.optional(v.string()), undefined),
  with: v.fallback(v.nullish(v.record(v.string(), v.unknown())), undefined),
});
const job = v.object({
  permissions: v.optional(permissions),
  environment: v.fallback(v.optional(v.union([v.string(), v.object({ name: v.string() })])), undefined),
  steps: v.fallback(v.array(step), []),
});
const workflow = v.object({
  on: v.union([v.string(), v.array(v.string()), v.record(v.string(), v.unknown())]),
  permissions: v.optional(permissions),
  jobs: v.record(v.string(), v.unknown()),
});

/**
 * The jobs of a workflow file that use the action. What is no workflow has none.
 * Source: GitHub, "Workflow syntax for GitHub Actions".
 * @param action its repository, `owner/name`; empty where the runner does not say: then every action of that name counts
 */
export function actionUses(file: string, text: string, action: string): ActionUse[] {
  const read = v.safeParse(workflow, yamlOf(text));
  if (!read.success) return [];
  const { on, permissions: ofWorkflow, jobs } = read.output;
  const triggers = typeof on === "string" ? [on] : Array.isArray(on) ? on : Object.keys(on);
  return Object.entries(jobs).flatMap(([name, yaml]) => {
    const parsed = v.safeParse(job, yaml);
    if (!parsed.success) return [];
    const { permissions: ofJob, environment = "", steps } = parsed.output;
    return steps
      .filter(({ uses }) => isAction(uses, action))
      .map((one) => ({
        file,
        job: name,
        triggers,
        command: String(one.with?.["command"] ?? ""),
        permissions: ofJob ?? ofWorkflow,
        environment: typeof environment === "string" ? environment : environment.name,
      }));
  });
}

function isAction(uses: string | undefined, action: string): boolean {
  const [path = ""] = (uses ?? "").split("@");
  const [owner = "", name = ""] = path.toLowerCase().split("/");
  return action === "" ? name === "entra-gate" : `${owner}/${name}` === action.toLowerCase();
}

function yamlOf(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
