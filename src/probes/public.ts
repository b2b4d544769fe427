import { readPath } from "../../contract/paths/reading.ts";
import { createDecider } from "../../contract/policy/decide.ts";
import type { CompiledPolicy } from "../../contract/policy/model.ts";
import { servingPath } from "./kinds.ts";

/** Decides for somebody without a session, with the very functions that the gate decides with. */
export interface PathRules {
  /** @param target request target as sent; query and fragment don't count */
  admitsAnyone(target: string): boolean;
}

/** In report mode everybody may see everything, whatever the rules say. */
export function pathRules(policy: CompiledPolicy): PathRules {
  const decide = createDecider(policy);
  return {
    admitsAnyone: (target) => {
      try {
        return decide(readPath(new URL(`https://site.invalid${target}`).pathname)).allowed;
      } catch {
        return false;
      }
    },
  };
}

/** True if the policy lets anyone see this static file. */
export function isPublic(rules: PathRules, path: string): boolean {
  return rules.admitsAnyone(servingPath(path));
}
