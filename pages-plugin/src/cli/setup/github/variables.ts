import * as v from "valibot";
import type { SetupContext } from "../context.ts";
import { type Call, github, read } from "./client.ts";

/** GitHub gives at most thirty variables a page, and an environment has at most a hundred. */
const perPage = 30;
const mostPages = 4;

const variable = v.object({ name: v.string(), value: v.string() });
const page = v.object({ total_count: v.number(), variables: v.array(variable) });

/** Variables of the environment by name; none where there is no environment. */
export async function variablesOf(context: SetupContext): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (let at = 1; at <= mostPages; at += 1) {
    const call: Call = {
      method: "GET",
      path: `${path(context)}?per_page=${perPage}&page=${at}`,
      name: "/environments/{environment_name}/variables",
      takes: [404],
    };
    const answer = await github(context, call);
    if (answer.status === 404) return found;
    const { variables, total_count: total } = read(answer, call, page);
    for (const { name, value } of variables) found.set(name, value);
    if (variables.length < perPage || found.size >= total) return found;
  }
  return found;
}

/** Makes a variable or gives it another value. */
export async function setVariable(context: SetupContext, name: string, value: string): Promise<void> {
  const one: Call = {
    method: "PATCH",
    path: `${path(context)}/${name}`,
    name: "/environments/{environment_name}/variables/{name}",
    body: { name, value },
    takes: [404],
  };
  const changed = await github(context, one);
  if (changed.status !== 404) return;
  await github(context, {
    method: "POST",
    path: path(context),
    name: "/environments/{environment_name}/variables",
    body: { name, value },
  });
}

export async function deleteVariable(context: SetupContext, name: string): Promise<void> {
  await github(context, {
    method: "DELETE",
    path: `${path(context)}/${name}`,
    name: "/environments/{environment_name}/variables/{name}",
    takes: [404],
  });
}

function path({ names }: SetupContext): string {
  return `/environments/${encodeURIComponent(names.environment)}/variables`;
}
