import * as v from "valibot";
import { CommandFault } from "../../fault.ts";
import type { SetupContext } from "../context.ts";
import { guid } from "../names.ts";
import type { StepWork } from "../step.ts";
import { graphOf } from "./graph.ts";
import { readGroups, writeGroups } from "./policy-file.ts";

const groupSchema = v.object({
  id: v.string(),
  displayName: v.nullish(v.string()),
  description: v.nullish(v.string()),
  securityEnabled: v.nullish(v.boolean()),
});
type Group = v.InferOutput<typeof groupSchema>;
const select = "$select=id,displayName,description,securityEnabled";

/** Groups are found by their names in Entra, and stand in gate.json by their ids: a name can be given to another group. */
export const groupsWork: StepWork = {
  async look(context) {
    const wanted = await wantedIds(context);
    if (wanted === undefined)
      return { state: "waiting", detail: "there is no gate.json yet: `entra-gate init` writes it" };
    const present = readGroups(context.policyFile)?.ids ?? {};
    const open = Object.keys(wanted).filter((name) => present[name]?.toLowerCase() !== wanted[name]);
    if (open.length === 0)
      return { state: "done", detail: Object.keys(present).join(", ") || "it names none" };
    const replaced = open.filter((name) => present[name] !== undefined);
    return replaced.length === 0
      ? { state: "missing", detail: open.join(", ") }
      : { state: "differs", detail: replaced.map((name) => `${name} is ${present[name]}`).join(", ") };
  },

  async apply(context) {
    const wanted = (await wantedIds(context)) ?? {};
    writeGroups(context.policyFile, wanted);
    return Object.entries(wanted).map(([name, id]) => `${name} is ${id} in gate.json`);
  },

  // The file is the repository's, and its history knows what was there before.
  made: async () => [],
  remove: async () => {},
};

/** Ids by the policy's names. @returns undefined where there is no policy */
async function wantedIds(context: SetupContext): Promise<Record<string, string> | undefined> {
  const policy = readGroups(context.policyFile);
  if (policy === undefined) return undefined;
  const asked = context.names.groups ?? [];
  const named = policy.unknown
    .filter((name) => !asked.some((one) => one.name === name))
    .map((name) => ({ name, is: name }));
  const entries: [string, string][] = [];
  for (const { name, is } of [...asked, ...named]) entries.push([name, await idOf(context, name, is)]);
  for (const [name, id] of Object.entries(policy.ids))
    if (!entries.some(([other]) => other === name)) await groupById(context, id);
  return Object.fromEntries(entries);
}

async function idOf(context: SetupContext, name: string, is: string): Promise<string> {
  if (guid.test(is)) return (await groupById(context, is)).id;
  const filter = encodeURIComponent(`displayName eq '${is.replaceAll("'", "''")}'`);
  const found = await graphOf(context).list(
    { path: `/groups?$filter=${filter}&${select}`, name: "/groups" },
    groupSchema,
  );
  const groups = found.filter(({ securityEnabled }) => securityEnabled === true);
  const [group, ...more] = groups;
  if (group !== undefined && more.length === 0) return group.id;
  if (group === undefined)
    throw new CommandFault(
      "group-unknown",
      `${found.length === 0 ? `No group is called “${is}”` : `“${is}” is no security group, which tokens would list`}. Give its object id: --group ${name}=<object id>.`,
    );
  throw new CommandFault(
    "group-ambiguous",
    [
      `Several groups are called “${is}”. Say which one: --group ${name}=<object id>.`,
      ...groups.map(({ id, description }) => `  ${id}${description ? `  ${description}` : ""}`),
    ].join("\n"),
  );
}

async function groupById(context: SetupContext, id: string): Promise<Group> {
  const group = await graphOf(context).get(
    { path: `/groups/${id}?${select}`, name: "/groups/{id}" },
    groupSchema,
  );
  if (group?.securityEnabled === true) return group;
  throw new CommandFault(
    "group-unknown",
    `${id} is ${group === undefined ? "no group of this tenant" : "no security group, which tokens would list"}.`,
  );
}
