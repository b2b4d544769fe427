import type { CompiledAllow, CompiledPolicy, Visitor } from "../../../contract/policy/model.ts";

export const tenant = "11111111-1111-4111-8111-111111111111";
export const reviewers = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
export const platform = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb";
export const client = "cccccccc-cccc-4ccc-8ccc-cccccccccccc";

const nobody: CompiledAllow = {
  anyone: false,
  members: false,
  guests: false,
  groups: [],
  roles: [],
  apps: [],
};

export function allowing(some: Partial<CompiledAllow>): CompiledAllow {
  return { ...nobody, ...some };
}

/** A compiled preview policy from paths and who is let in. */
export function compiled(
  rules: readonly (readonly [path: string, allow: Partial<CompiledAllow>])[],
): CompiledPolicy {
  return {
    environment: "preview",
    digest: "0".repeat(32),
    open: false,
    rules: rules.map(([path, allow], index) => ({
      id: `preview.rules[${index}]`,
      path,
      allow: allowing(allow),
    })),
    groupNames: {},
    lifetime: 28_800,
    recheck: 3600,
  };
}

export function visitor(some: Partial<Visitor> = {}): Visitor {
  return {
    kind: "user",
    tid: tenant,
    oid: "99999999-9999-4999-8999-999999999999",
    name: "Somebody",
    groups: [],
    roles: [],
    ...some,
  };
}
