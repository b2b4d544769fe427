import { lifeOfKey, madeAt, notAfterOf } from "../../contract/keys/key-id.ts";
import { variables } from "../../contract/names/variables.ts";
import type { StoredVariables } from "./sign-in-variables.ts";

const hour = 3_600_000;

/** One kind of the sign-in host's keys: under which names it is kept, and how long one is needed after its last use. */
export interface KeyKind {
  readonly name: string;
  /** Plain variables: the key in use, the one that is published to be used next, and when the first came into use. */
  readonly active: string;
  readonly next: string;
  readonly since: string;
  /** Of the secrets' names; the key's id follows. */
  readonly prefix: string;
  /** Milliseconds that what the key made may still be good: for tickets the longest `recheck`, for sessions the longest `lifetime`. */
  readonly overlap: number;
}

export const signingKind: KeyKind = {
  name: "signing key",
  active: variables.signingActive,
  next: variables.signingNext,
  since: variables.signingSince,
  prefix: variables.signingKeyPrefix,
  overlap: 25 * hour,
};

export const cookieKind: KeyKind = {
  name: "cookie key",
  active: variables.cookieActive,
  next: variables.cookieNext,
  since: variables.cookieSince,
  prefix: variables.cookieKeyPrefix,
  overlap: 31 * 24 * hour,
};

export interface KeyCircumstances {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A new key is wanted whatever the age of the one in use. */
  readonly rotate: boolean;
  /** Ids of keys that the live host has had for long enough for every site to have heard of them. */
  readonly heardOf: ReadonlySet<string>;
}

/** What is to be done about one kind of keys. */
export interface KeyPlan {
  /** Undefined: the one that is made. */
  readonly active: string | undefined;
  /** Published and not in use yet. */
  readonly next: string | undefined;
  /** A key is to be made: it is the active one where there is none, else the next. */
  readonly make: boolean;
  /** ISO time since which the active key is in use. */
  readonly since: string;
  /** Ids of those that what they made still needs. */
  readonly keep: readonly string[];
  /** Ids of those that nothing needs any more. */
  readonly remove: readonly string[];
}

/**
 * Decides by age, in one run after another: a key is two thirds through its life and the next one is published; every
 * site has heard of that one and it comes into use; the last ticket of the old one has ended and it goes. What an
 * administrator deletes is replaced at once, which is how all tickets of a key are ended.
 */
export function planKeys(stored: StoredVariables, kind: KeyKind, circumstances: KeyCircumstances): KeyPlan {
  const { now, rotate, heardOf } = circumstances;
  const text = (name: string): string => stored[name]?.value ?? "";
  const all = Object.keys(stored)
    .filter((name) => name.startsWith(kind.prefix) && stored[name]?.type === "secret_text")
    .map((name) => name.slice(kind.prefix.length));
  const living = all.filter((kid) => now < (notAfterOf(kid) ?? 0) * 1000).toSorted();

  const named = living.find((kid) => kid === text(kind.active));
  const successor = living.find((kid) => kid === text(kind.next) && kid !== named);
  const current = named ?? successor ?? living.at(-1);
  const ready = named !== undefined && successor !== undefined && heardOf.has(successor);
  const active = ready ? successor : current;
  const next = active === successor ? undefined : successor;
  const due =
    current !== undefined && (rotate || now >= ((madeAt(current) ?? 0) + (lifeOfKey * 2) / 3) * 1000);
  const make = active === undefined || (due && !ready && next === undefined);

  const unchanged = active !== undefined && active === text(kind.active);
  const began = Date.parse(text(kind.since));
  const since = unchanged && !Number.isNaN(began) ? began : now;
  const retired = all.filter((kid) => kid !== active && kid !== next);
  const over = (kid: string): boolean => !living.includes(kid) || now >= since + kind.overlap;
  return {
    active,
    next,
    make,
    since: new Date(since).toISOString(),
    keep: retired.filter((kid) => !over(kid)),
    remove: retired.filter(over),
  };
}
