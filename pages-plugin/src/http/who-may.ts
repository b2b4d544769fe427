import type { CompiledAllow, CompiledPolicy } from "../../../contract/policy/model.ts";
import type { SiteText } from "../../../contract/texts/site.ts";
import type { PageFact } from "./pages.ts";

/**
 * What a refusal tells about itself: who is signed in, which rule it was, who would be let in by the names that the
 * policy gives them, and whom to ask. Never who is in a group.
 *
 * @param path of the rule, where it was one
 */
export function whoMay(
  { groups = [], roles = [], members, guests }: Partial<CompiledAllow>,
  { groupNames, contact }: Pick<CompiledPolicy, "groupNames" | "contact">,
  name: string,
  path?: string,
): PageFact<SiteText>[] {
  const people: SiteText[] = [];
  if (members) people.push("Members");
  if (guests) people.push("Guests");
  const facts: readonly PageFact<SiteText>[] = [
    ["Signed in as", [name]],
    ["Rule", [path ?? ""]],
    ["Access for", [...groups.map((id) => groupNames[id] ?? id), ...roles], people],
    ["Help", [contact ?? ""]],
  ];
  return facts.filter(([, names, texts = []]) => names.join("") + texts.join(""));
}
