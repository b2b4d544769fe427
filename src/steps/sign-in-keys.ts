import { makeCookieKey, makeSigningKey, type NewKey } from "../../contract/keys/make.ts";
import type { Log } from "../log.ts";
import { cookieKind, type KeyCircumstances, type KeyKind, planKeys, signingKind } from "./key-plan.ts";
import type { StoredVariables } from "./sign-in-variables.ts";

/** Keys of the sign-in host as they are to be written. */
export interface ArrangedKeys {
  /** Which key is in use, which is next, since when. */
  readonly plain: Readonly<Record<string, string>>;
  /** Made now: value by name. Masked. */
  readonly newSecrets: Readonly<Record<string, string>>;
  /** Names of all secrets that must be there. */
  readonly secretNames: readonly string[];
  /** Names that are to go. */
  readonly remove: readonly string[];
  readonly changes: readonly string[];
}

/**
 * Brings the keys of both kinds a step further: made, published, used, removed.
 * @param stored variables of the host's project
 */
export async function arrangeKeys(
  log: Pick<Log, "mask">,
  stored: StoredVariables,
  circumstances: KeyCircumstances,
): Promise<ArrangedKeys> {
  const { now } = circumstances;
  const signing = await arrange(log, stored, signingKind, circumstances, () => makeSigningKey(now));
  const cookie = await arrange(log, stored, cookieKind, circumstances, async () => makeCookieKey(now));
  return {
    plain: { ...signing.plain, ...cookie.plain },
    newSecrets: { ...signing.newSecrets, ...cookie.newSecrets },
    secretNames: [...signing.secretNames, ...cookie.secretNames],
    remove: [...signing.remove, ...cookie.remove],
    changes: [...signing.changes, ...cookie.changes],
  };
}

async function arrange(
  log: Pick<Log, "mask">,
  stored: StoredVariables,
  kind: KeyKind,
  circumstances: KeyCircumstances,
  makeKey: () => Promise<NewKey>,
): Promise<ArrangedKeys> {
  const plan = planKeys(stored, kind, circumstances);
  const made = plan.make ? await makeKey() : undefined;
  for (const part of made?.privateParts ?? []) log.mask(part);
  const active = plan.active ?? made?.kid ?? "";
  const next = plan.next ?? (made?.kid === active ? undefined : made?.kid);
  const wasActive = stored[kind.active]?.value ?? "";
  const nameOf = (kid: string): string => kind.prefix + kid;
  const goes = next === undefined && stored[kind.next] != null ? [kind.next] : [];
  return {
    plain: {
      [kind.active]: active,
      [kind.since]: plan.since,
      ...(next === undefined ? {} : { [kind.next]: next }),
    },
    newSecrets: made === undefined ? {} : { [nameOf(made.kid)]: made.secret },
    secretNames: [active, ...(next === undefined ? [] : [next]), ...plan.keep].map(nameOf),
    remove: [...plan.remove.map(nameOf), ...goes],
    changes: [
      ...(made === undefined || made.kid === active
        ? []
        : [`${kind.name} ${made.kid} published; a later run brings it into use`]),
      ...(active === wasActive
        ? []
        : [`${kind.name} ${active} in use${wasActive && `, after ${wasActive}`}`]),
      ...plan.remove.map((kid) => `${kind.name} ${kid} removed`),
    ],
  };
}
