import * as v from "valibot";
import type { SetupContext } from "../context.ts";
import type { Look, StepWork } from "../step.ts";
import { type Call, github, read } from "./client.ts";
import { requireRepository } from "./repository.ts";

/** As the action calls it; that of a site among several has the site's name behind it. */
const status = /^Entra Gate( \(.+\))?$/;

const named = v.array(v.object({ context: v.string() }));
const rulesSchema = v.array(
  v.object({
    type: v.string(),
    parameters: v.optional(v.object({ required_status_checks: v.optional(named, []) })),
  }),
);
const branchSchema = v.object({
  protection: v.optional(
    v.object({ required_status_checks: v.optional(v.object({ contexts: v.array(v.string()) })) }),
  ),
});

/** Whether the default branch requires the action's status. Rules are the repository's own affair: nothing is changed. */
export const statusWork: StepWork = {
  async look(context): Promise<Look> {
    await requireRepository(context);
    const required = [...(await byRuleset(context)), ...(await byProtection(context))];
    if (required.some((name) => status.test(name))) return { state: "done" };
    return {
      state: "waiting",
      detail: "require it in Settings > Rules, once the first pull request has had it",
    };
  },
  apply: async () => [],
  made: async () => [],
  remove: async () => {},
};

async function byRuleset(context: SetupContext): Promise<readonly string[]> {
  const call: Call = {
    method: "GET",
    path: `/rules/branches/${branchOf(context)}`,
    name: "/rules/branches/{branch}",
  };
  return read(await github(context, call), call, rulesSchema).flatMap(({ type, parameters }) =>
    type === "required_status_checks"
      ? (parameters?.required_status_checks ?? []).map((one) => one.context)
      : [],
  );
}

/** Before the first push there is no branch. */
async function byProtection(context: SetupContext): Promise<readonly string[]> {
  const call: Call = {
    method: "GET",
    path: `/branches/${branchOf(context)}`,
    name: "/branches/{branch}",
    takes: [404],
  };
  const answer = await github(context, call);
  if (answer.status === 404) return [];
  return read(answer, call, branchSchema).protection?.required_status_checks?.contexts ?? [];
}

function branchOf({ names }: SetupContext): string {
  return names.defaultBranch.split("/").map(encodeURIComponent).join("/");
}
