import type { BearerConfig, PinnedKey, SiteConfig } from "../../../contract/config/site.ts";
import type {
  CompiledAllow,
  CompiledCors,
  CompiledPolicy,
  CompiledRule,
} from "../../../contract/policy/model.ts";
import { parseOrigin } from "../http/origin.ts";

/** A check that notes what is wrong and where. */
type Check = (value: unknown, place: string, problems: string[]) => void;

/**
 * Checks a baked configuration once per isolate. It was written by the action, so this finds what was truncated,
 * edited or made by another version; it is done by hand to keep a schema library out of every site's bundle.
 *
 * @returns the same object, or every problem with its place
 */
export function readSiteConfig(
  value: unknown,
): { ok: true; config: SiteConfig } | { ok: false; problems: string[] } {
  const problems: string[] = [];
  object({ signIn, policy, project: text, bundle: text }, value, "config", problems);
  const { expires, bearer, policy: rules } = isRecord(value) ? value : {};
  const { expires: lives, bearer: tokens } = isRecord(rules) ? rules : {};
  if (tokens) object(bearerFields, bearer, "config.bearer", problems);
  if (lives !== undefined || expires !== undefined) {
    seconds(lives, "config.policy.expires", problems);
    seconds(expires, "config.expires", problems);
  }
  for (const name of ["staticPaths", "workerPaths"]) {
    const list = isRecord(value) ? value[name] : undefined;
    if (list !== undefined) listOf(text)(list, `config.${name}`, problems);
  }
  return problems.length === 0 ? { ok: true, config: value as SiteConfig } : { ok: false, problems };
}

/** Checks pinned keys in the form that `GATE_SIGN_IN_KEYS` and config.js share. */
export function readPinnedKeys(value: unknown, place: string, problems: string[]): readonly PinnedKey[] {
  const before = problems.length;
  listOf(pinnedKey)(value, place, problems);
  return problems.length === before ? (value as readonly PinnedKey[]) : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function object(
  checks: Readonly<Record<string, Check>>,
  value: unknown,
  place: string,
  problems: string[],
): void {
  if (!isRecord(value)) {
    problems.push(`${place} is no object`);
    return;
  }
  for (const [name, check] of Object.entries(checks)) check(value[name], `${place}.${name}`, problems);
}

function listOf(check: Check): Check {
  return (value, place, problems) => {
    if (!Array.isArray(value)) problems.push(`${place} is no list`);
    else
      value.forEach((item, index) => {
        check(item, `${place}[${index}]`, problems);
      });
  };
}

const is =
  (expected: string, test: (value: unknown) => boolean): Check =>
  (value, place, problems) => {
    if (!test(value)) problems.push(`${place} is not ${expected}`);
  };

const text = is("text", (value) => typeof value === "string");
const flag = is("true or false", (value) => typeof value === "boolean");
const seconds = is(
  "a number of seconds",
  (value) => typeof value === "number" && Number.isFinite(value) && value > 0,
);
const path = is("a path that starts with /", (value) => typeof value === "string" && value.startsWith("/"));
const origin = is(
  "an https origin",
  (value) => typeof value === "string" && parseOrigin(value) !== undefined,
);
const only = (...values: readonly unknown[]): Check =>
  is(values.join(" or "), (value) => values.includes(value));
const names = is(
  "an object of names",
  (value) => isRecord(value) && Object.values(value).every((name) => typeof name === "string"),
);

/** A field that need not be there. */
const maybe =
  (check: Check): Check =>
  (value, place, problems) => {
    if (value !== undefined) check(value, place, problems);
  };

type Fields<T> = { readonly [Name in keyof T]-?: Check };

const bearerFields: Fields<BearerConfig> = { tenantId: text, clientId: text, authority: origin };

const pinnedKey: Check = (value, place, problems) => {
  const fields: Fields<PinnedKey> = {
    kid: text,
    kty: only("RSA"),
    n: is("a modulus of 2048 bits or more", (n) => typeof n === "string" && /^[\w-]{342,}$/.test(n)),
    e: text,
    alg: only("RS256"),
    use: only("sig"),
    not_after: seconds,
  };
  object(fields, value, place, problems);
};

const signIn: Check = (value, place, problems) => {
  object({ origin, keys: listOf(pinnedKey) }, value, place, problems);
};

const allow: Check = (value, place, problems) => {
  const list = listOf(text);
  const fields: Fields<CompiledAllow> = {
    anyone: flag,
    members: flag,
    guests: flag,
    groups: list,
    roles: list,
    apps: list,
    scopes: maybe(list),
  };
  object(fields, value, place, problems);
};

const cors: Check = (value, place, problems) => {
  const list = listOf(text);
  const fields: Fields<CompiledCors> = {
    origins: list,
    credentials: flag,
    methods: list,
    headers: list,
    maxAge: maybe(seconds),
  };
  object(fields, value, place, problems);
};

const rule: Check = (value, place, problems) => {
  const fields: Fields<CompiledRule> = {
    id: text,
    path,
    allow,
    signedInWithin: maybe(seconds),
    authContext: maybe(text),
    cors: maybe(cors),
  };
  object(fields, value, place, problems);
};

const policy: Check = (value, place, problems) => {
  const fields: Fields<CompiledPolicy> = {
    environment: only("preview", "production"),
    digest: text,
    open: flag,
    rules: listOf(rule),
    groupNames: names,
    lifetime: seconds,
    recheck: seconds,
    expires: maybe(seconds),
    contact: maybe(text),
    name: maybe(text),
    report: maybe(flag),
    card: maybe(flag),
    bearer: maybe(flag),
  };
  object(fields, value, place, problems);
};
