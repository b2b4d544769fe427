import * as v from "valibot";
import type { CloudflareClient } from "../clients/cloudflare.ts";

/** What the sites of one sign-in host need of Entra, and where they live. */
export interface Known {
  readonly roles: ReadonlySet<string>;
  /** Object ids. */
  readonly groups: ReadonlySet<string>;
  /** Production origins, by project. */
  readonly origins: ReadonlyMap<string, readonly string[]>;
  /** False where a site may be missing in it: then nothing can be called unused. */
  readonly complete: boolean;
}

const entrySchema = v.object({ groups: v.array(v.string()), roles: v.array(v.string()) });
const rowSchema = v.object({
  origins: v.array(v.string()),
  entries: v.object({ preview: v.optional(entrySchema), production: v.optional(entrySchema) }),
  viewers: v.optional(entrySchema),
});

/**
 * Reads the host's table of sites, in which a role stands that some rule names.
 * @param declared roles that this repository's policy has the action make, named by a rule or not
 * @throws ActionError cloudflare-*, service-*
 */
export async function knownSites(
  cloudflare: Pick<CloudflareClient, "query">,
  database: string,
  declared: readonly string[],
): Promise<Known> {
  const rows = await cloudflare.query(database, "SELECT project, data FROM sites ORDER BY project");
  const known = {
    roles: new Set<string>(declared),
    groups: new Set<string>(),
    origins: new Map<string, string[]>(),
  };
  let complete = true;
  for (const { project, data } of rows) {
    const row = readRow(data);
    if (row === undefined) {
      complete = false;
      continue;
    }
    known.origins.set(String(project), row.origins);
    for (const part of [row.entries.preview, row.entries.production, row.viewers]) {
      for (const role of part?.roles ?? []) known.roles.add(role);
      for (const group of part?.groups ?? []) known.groups.add(group);
    }
  }
  return { ...known, complete };
}

type Row = v.InferOutput<typeof rowSchema>;

function readRow(data: unknown): Row | undefined {
  try {
    const parsed = v.safeParse(rowSchema, JSON.parse(String(data)));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
