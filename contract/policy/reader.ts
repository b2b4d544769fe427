import {
  corsHeaders,
  corsMethods,
  day,
  isOrigin,
  mostGroups,
  patterns,
  reservedNames,
  secondsOf,
  shownPattern,
  simpleMethods,
} from "./patterns.ts";
import { contradictions } from "./reader-meaning.ts";
import { isRulePath } from "./rule-path-form.ts";
import type { Policy } from "./schema.ts";

/** Reads a value as the schema does, or notes its place where the schema would refuse it. */
type Read = (value: unknown, place: string, wrong: string[]) => unknown;
/** One that must be there, that may be left out, or that stands for something else where it is. */
type Field = Read | readonly [Read] | readonly [Read, standard: unknown];

const where =
  (test: (value: unknown) => boolean): Read =>
  (value, place, wrong) => {
    if (!test(value)) wrong.push(place);
    return value;
  };

const oneOf = (...values: readonly unknown[]): Read => where((value) => values.includes(value));
const textWhere = (test: (text: string) => boolean): Read =>
  where((value) => typeof value === "string" && test(value));
const text = (pattern: RegExp): Read => textWhere((value) => pattern.test(value));
const anyText = textWhere(() => true);
const flag = oneOf(true, false);
const guid: Read = (value, ...rest) => String(text(patterns.guid)(value, ...rest)).toLowerCase();

const duration =
  (least: number, most: number): Read =>
  (value, place, wrong) => {
    const seconds = patterns.duration.test(String(value)) ? secondsOf(String(value)) : 0;
    if (typeof value !== "string" || !(seconds >= least && seconds <= most)) wrong.push(place);
    return seconds;
  };

const list =
  (read: Read, least = 0, most = Number.POSITIVE_INFINITY): Read =>
  (value, place, wrong) => {
    if (Array.isArray(value) && value.length >= least && value.length <= most)
      return value.map((item, index) => read(item, `${place}[${index}]`, wrong));
    wrong.push(place);
    return [];
  };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const object =
  (fields: Readonly<Record<string, Field>>): Read =>
  (value, place, wrong) => {
    const result: Record<string, unknown> = {};
    if (!isObject(value)) {
      wrong.push(place);
      return result;
    }
    const at = (key: string): string => (place === "" ? key : `${place}.${key}`);
    const foreign = (key: string): boolean => !Object.hasOwn(fields, key);
    wrong.push(...Object.keys(value).filter(foreign).map(at));
    for (const [key, field] of Object.entries(fields)) {
      const [read, ...standard] = typeof field === "function" ? [field] : field;
      const given = value[key] === undefined && standard.length > 0 ? standard[0] : value[key];
      if (typeof field === "function" || standard.length > 0 || key in value)
        result[key] = read(given, at(key), wrong);
    }
    return result;
  };

const objectOr =
  (words: Read, read: Read): Read =>
  (value, ...rest) =>
    (isObject(value) ? read : words)(value, ...rest);

const groups: Read = (value, place, wrong) => {
  const entries = isObject(value) ? Object.entries(value) : [];
  if (!isObject(value) || entries.length > mostGroups) wrong.push(place);
  return Object.fromEntries(
    entries.map(([name, id]) => {
      const at = `${place}[${JSON.stringify(name)}]`;
      if (!patterns.groupName.test(name) || reservedNames.includes(name)) wrong.push(at);
      return [name, guid(id, at, wrong)];
    }),
  );
};

const who = oneOf("anyone", "members", "guests");
const named = { groups: [list(anyText)], roles: [list(anyText)] } as const;
const scopes = [list(text(patterns.scope))] as const;

const cors = object({
  origins: list(textWhere(isOrigin), 1, 20),
  credentials: [flag, false],
  methods: [list(oneOf(...corsMethods), 1), simpleMethods],
  headers: [list(text(patterns.header), 0, 20), corsHeaders],
  maxAge: [duration(1, day)],
});

const rule = object({
  path: textWhere(isRulePath),
  allow: objectOr(who, object({ ...named, apps: [list(guid)], scopes })),
  signedInWithin: [duration(60, day)],
  authContext: [text(patterns.authContext)],
  cors: [cors],
});

const environment = { mode: [oneOf("report")], rules: list(rule) } as const;

const test = object({
  in: oneOf("preview", "production"),
  as: [objectOr(who, object({ ...named, app: [guid], scopes })), "anyone"],
  get: text(patterns.testPath),
  expect: oneOf("allow", "deny"),
});

const policy = object({
  $schema: [anyText],
  name: [text(shownPattern(60))],
  groups: [groups, {}],
  roles: [list(text(patterns.role)), []],
  session: [object({ lifetime: [duration(300, 30 * day), "8h"], recheck: [duration(60, day), "1h"] }), {}],
  audit: [object({ keep: [duration(day, 3650 * day)], viewers: [object(named)] })],
  preview: [object({ ...environment, expires: [duration(3600, 365 * day)], card: [flag] })],
  production: [objectOr(oneOf("open"), object({ ...environment, bearer: [flag] }))],
  contact: [text(shownPattern(200))],
  tests: [list(test), []],
});

export type ReadPolicy =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly places: readonly string[] };

/**
 * Reads gate.json where it is enforced: what `parsePolicy` accepts, as `parsePolicy` reads it, and nothing else, but
 * without its texts and its schema library, which are for people and would be a third of the gate. A property test
 * holds the two against each other; a key that is added to one of them has to be added to the other.
 *
 * @param json gate.json's content as parsed JSON
 * @returns the policy, or the places of all mistakes; `entra-gate test` says what is wrong there
 */
export function readPolicy(json: unknown): ReadPolicy {
  const wrong: string[] = [];
  const read = policy(json, "", wrong) as Policy;
  if (wrong.length === 0) wrong.push(...contradictions(read));
  return wrong.length === 0 ? { ok: true, policy: read } : { ok: false, places: wrong };
}
