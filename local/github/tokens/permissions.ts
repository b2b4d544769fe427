/** What a job's token may do: GitHub's `permissions` keys and their levels. */
export type Level = "none" | "read" | "write";

export const scopes = [
  "actions",
  "artifact-metadata",
  "attestations",
  "checks",
  "contents",
  "deployments",
  "discussions",
  "id-token",
  "issues",
  "models",
  "packages",
  "pages",
  "pull-requests",
  "security-events",
  "statuses",
] as const;
export type Scope = (typeof scopes)[number];
export type Permissions = Readonly<Record<Scope, Level>>;

const rank: Readonly<Record<Level, number>> = { none: 0, read: 1, write: 2 };

function all(level: Level): Record<Scope, Level> {
  return Object.fromEntries(scopes.map((scope) => [scope, level])) as Record<Scope, Level>;
}

/** A new repository's default: read access to contents and packages. */
const restricted: Permissions = { ...all("none"), contents: "read", packages: "read" };

/**
 * The permissions of a job, from the workflow file.
 * Once `permissions` is written, whatever it leaves out is none; a job's replace the workflow's.
 * @param yaml the value of `permissions:` as the YAML has it, undefined where it isn't there
 * @throws Error for a scope or level that GitHub doesn't know
 */
export function readPermissions(yaml: unknown): Permissions {
  if (yaml === undefined) return restricted;
  if (yaml === "read-all") return { ...all("read"), "id-token": "none" };
  if (yaml === "write-all") return all("write");
  if (yaml === null || typeof yaml !== "object")
    throw new Error("permissions: neither a mapping, read-all nor write-all");
  const granted = all("none");
  for (const [scope, level] of Object.entries(yaml)) {
    if (!scopes.includes(scope as Scope)) throw new Error(`permissions: GitHub knows no scope '${scope}'`);
    const levels = scope === "id-token" ? ["none", "write"] : ["none", "read", "write"];
    if (!levels.includes(level as string))
      throw new Error(`permissions.${scope}: '${String(level)}' is not a level`);
    granted[scope as Scope] = level as Level;
  }
  return granted;
}

/** What is left for a pull request from a fork or for Dependabot: reading, and no ID token. */
export function withoutWrites(permissions: Permissions): Permissions {
  const left = Object.entries(permissions).map(([scope, level]) => [
    scope,
    level === "write" ? "read" : level,
  ]);
  return { ...Object.fromEntries(left), "id-token": "none" } as Permissions;
}

export function allows(permissions: Permissions, scope: Scope, level: Level): boolean {
  return rank[permissions[scope]] >= rank[level];
}
