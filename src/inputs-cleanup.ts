import * as v from "valibot";
import { ActionError } from "./errors.ts";
import { givenFor, mistakesOf, type Variables } from "./inputs-read.ts";

/** Which deployments `cleanup` takes away when it is started by hand. */
export interface CleanupInputs {
  /** Milliseconds; absent where age does not count. */
  readonly olderThan?: number;
  /** As it was written: `14d`. */
  readonly olderThanText: string;
  readonly closedPullRequests: boolean;
  readonly ungated: boolean;
  /** Shows the table and deletes nothing. */
  readonly dryRun: boolean;
}

const units = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const flag = v.pipe(
  v.picklist(["true", "false"], "is neither true nor false; give"),
  v.transform((text) => text === "true"),
);

const schema = v.object({
  "older-than": v.pipe(v.string(), v.regex(/^(|[1-9]\d{0,4}[mhd])$/, "is no age; give")),
  "closed-pull-requests": flag,
  ungated: flag,
  "dry-run": flag,
});

type Name = keyof v.InferInput<typeof schema>;

const defaults: Readonly<Record<Name, string>> = {
  "older-than": "",
  "closed-pull-requests": "false",
  ungated: "false",
  "dry-run": "true",
};

const remedies: Readonly<Record<Name, string>> = {
  "older-than": "a number and m, h or d, such as 14d, or nothing",
  "closed-pull-requests": "true or false",
  ungated: "true or false",
  "dry-run": "false once the table shows what is meant",
};

/**
 * Reads what only `command: cleanup` by hand has in its `with:`.
 * @throws ActionError inputs-invalid naming every mistake; also where nothing is chosen
 */
export function readCleanupInputs(env: Variables): CleanupInputs {
  const raw = Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [name, givenFor(env, name) || value]),
  );
  const parsed = v.safeParse(schema, raw);
  if (!parsed.success)
    throw new ActionError("inputs-invalid", mistakesOf(parsed.issues, remedies).join("\n"));
  const { "older-than": age, "closed-pull-requests": closedPullRequests, ungated } = parsed.output;
  if (age === "" && !closedPullRequests && !ungated)
    throw new ActionError(
      "inputs-invalid",
      "cleanup: nothing is chosen; give older-than, closed-pull-requests or ungated.",
    );
  return {
    ...(age === ""
      ? {}
      : { olderThan: Number(age.slice(0, -1)) * units[age.slice(-1) as keyof typeof units] }),
    olderThanText: age,
    closedPullRequests,
    ungated,
    dryRun: parsed.output["dry-run"],
  };
}
