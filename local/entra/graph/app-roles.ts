import type { AppRole } from "../directory/model.ts";
import { GraphError } from "./errors.ts";

/**
 * Rules for replacing an application's roles: ids and values are unique, and a role that is enabled can neither go nor
 * get another value.
 * Source: learn.microsoft.com, "appRole resource type", "Add app roles to your application".
 * @throws GraphError 400
 */
export function checkAppRoles(before: readonly AppRole[], after: readonly AppRole[]): void {
  const repeated = (values: readonly string[]): boolean => new Set(values).size !== values.length;
  const values = after.flatMap(({ value }) => (value === null ? [] : [value.toLowerCase()]));
  if (repeated(after.map(({ id }) => id.toLowerCase())) || repeated(values)) {
    throw new GraphError(400, "DuplicateValue", "Request contains a property with duplicate values.");
  }
  for (const role of before.filter(({ isEnabled }) => isEnabled)) {
    const next = after.find(({ id }) => id === role.id);
    if (next?.value === role.value) continue;
    throw new GraphError(
      400,
      "CannotDeleteOrUpdateEnabledEntitlement",
      "Permission (scope or role) cannot be deleted or updated unless disabled first.",
    );
  }
}
