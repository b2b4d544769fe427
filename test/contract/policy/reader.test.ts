import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePolicy } from "../../../contract/policy/compile.ts";
import { gateJsonSchema } from "../../../contract/policy/json-schema.ts";
import { parsePolicy } from "../../../contract/policy/parse.ts";
import { readPolicy } from "../../../contract/policy/reader.ts";
import { rulePathProblem } from "../../../contract/policy/rule-path.ts";
import { isRulePath } from "../../../contract/policy/rule-path-form.ts";
import { client, platform, reviewers } from "./fixtures.ts";

type Json = Readonly<Record<string, unknown>>;
const optional = { requiredKeys: [] };
const duration = fc.constantFrom("60s", "5m", "1h", "90m", "24h", "1d");
const names = fc.subarray(["reviewers", "platform"], { minLength: 1 });
const roles = fc.subarray(["Site.Admin", "Preview.Test"], { minLength: 1 });
const scopes = fc.subarray(["Site.Read", "Site.Write"], { minLength: 1 });
const word = fc.constantFrom("anyone", "members", "guests");
const apps = fc.constant([client.toUpperCase()]);

const demands = {
  signedInWithin: duration,
  authContext: fc.constantFrom("c1", "c99"),
  cors: fc.record(
    {
      origins: fc.constantFrom(["https://app.example.com"], ["http://localhost:3000", "https://b.example"]),
      credentials: fc.boolean(),
      methods: fc.subarray(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], { minLength: 1 }),
      headers: fc.subarray(["Authorization", "X-Api-Version"]),
      maxAge: fc.constantFrom("1s", "10m", "24h"),
    },
    { requiredKeys: ["origins"] },
  ),
};
const path = fc.constantFrom("/a", "/a/*", "/B", "/b/*", "/a/b", "/", "/ü");
const allow = fc.oneof(
  fc.constantFrom("members", "guests"),
  fc.record({ groups: names, roles, apps, scopes }, { requiredKeys: ["roles"] }),
);
const rule = fc.oneof(
  fc.record({ path, allow, ...demands }, { requiredKeys: ["path", "allow"] }),
  fc.record({ path, allow: fc.constant("anyone") }),
);
const environment = {
  mode: fc.constant("report"),
  rules: fc.uniqueArray(rule, {
    maxLength: 3,
    selector: ({ path }) => path.replace(/\/\*$/, "").toLowerCase(),
  }),
};
const as = fc.oneof(
  word,
  fc.record({ groups: names, roles, scopes }, optional),
  fc.record({ groups: names, roles, app: fc.constant(client) }, optional),
);

/** Policies of which most are valid: every key of the language, alone and together. */
const policies: fc.Arbitrary<Json> = fc.record(
  {
    $schema: fc.constant("gate.schema.json"),
    name: fc.constantFrom("Handbook", "ハンドブック"),
    groups: fc.constant({ reviewers: reviewers.toUpperCase(), platform }),
    roles: fc.constant(["Site.Admin", "Preview.Test"]),
    session: fc.record({ lifetime: fc.constantFrom("5m", "8h", "30d"), recheck: duration }, optional),
    audit: fc.record(
      {
        keep: fc.constantFrom("1d", "3650d"),
        viewers: fc.record({ groups: names, roles }, { requiredKeys: ["groups"] }),
      },
      optional,
    ),
    preview: fc.record(
      { ...environment, expires: fc.constantFrom("1h", "365d"), card: fc.boolean() },
      { requiredKeys: ["rules"] },
    ),
    production: fc.oneof(
      { weight: 1, arbitrary: fc.constant("open") },
      {
        weight: 4,
        arbitrary: fc.record({ ...environment, bearer: fc.boolean() }, { requiredKeys: ["rules"] }),
      },
    ),
    contact: fc.constant("#help"),
    tests: fc.array(
      fc.record(
        {
          in: fc.constantFrom("preview", "production"),
          as,
          get: fc.constantFrom("/", "/a?b"),
          expect: fc.constantFrom("allow", "deny"),
        },
        { requiredKeys: ["in", "get", "expect"] },
      ),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: ["groups", "roles"] },
);

/** Around the ends of every range, and what is no duration. */
const durations =
  "0s 1s 2s 59s 60s 61s 299s 300s 301s 3599s 3600s 3601s 86399s 86400s 86401s 721h 30d 31d 365d 366d 3650d 3651d 08h 8H";
const rulePaths = "/ /* // /a/* /A /b /B/x /a/b /a.html /index /%61 /.auth/x /x/../y a /a* /u\u0308";
const words = `open anyone report reviewers Site.Admin GET * c0 c1 c100 ${reviewers} ${reviewers}0 ${client}`;
const origins = [
  "https://a.example/",
  "http://a.example",
  "https://*.example",
  "https://A.example",
  "http://x.localhost",
];
const texts = [
  "",
  " 8h",
  "a b",
  ".a",
  "a\u202eb",
  ...[60, 61, 64, 65, 120, 121, 200, 201].map((size) => "n".repeat(size)),
];
const oddTexts = [...texts, ...origins, ...[durations, rulePaths, words].flatMap((list) => list.split(" "))];
const oddLists = [
  ...["TRACE", "POST", "nobody", "__proto__", "Site.Read", "X-A", "https://a.example"],
  ...oddTexts,
];
/** What may be found anywhere by mistake. */
const oddValues: readonly unknown[] = [
  ...[null, undefined, true, false, 0, 1, [], [[]], [1], {}, { a: 1 }, { 0: reviewers }],
  ...oddTexts,
  ...oddLists.map((text) => [text]),
  ...[20, 21].flatMap((size) => [Array(size).fill("https://a.example"), Array(size).fill("X-A")]),
];
const odd = fc.constantFrom(...oddValues);
const oddKeys =
  "extra card bearer mode cors groups roles app apps scopes audit allow rules signedInWithin authContext __proto__ constructor prototype x.y".split(
    " ",
  );
const key = fc.constantFrom(...oddKeys);

/** Together they don't fit into a cookie. */
const manyRoles = Array.from({ length: 20 }, (_, index) => `Role.${index}`.padEnd(100, "x"));

type Place = readonly (string | number)[];

function placesIn(value: unknown, at: Place = []): Place[] {
  if (typeof value !== "object" || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([name, member]) => placesIn(member, [...at, name]))];
}

/** A copy in which what stands at one place is another value, is gone, or has a member more. */
function changed(json: unknown, place: Place, change: (old: unknown, gone: symbol) => unknown): unknown {
  const gone = Symbol("gone");
  const [first, ...rest] = place;
  if (first === undefined) {
    const value = change(json, gone);
    return value === gone ? undefined : value;
  }
  // Spread and not assigned: a key of its own that is called __proto__ must stay one.
  const copy = (Array.isArray(json) ? [...json] : { ...(json as object) }) as Record<string, unknown>;
  const inner = rest.length > 0 ? changed(copy[first], rest, change) : change(copy[first], gone);
  if (inner === gone && Array.isArray(copy)) copy.splice(Number(first), 1);
  else if (inner === gone) delete copy[first];
  else
    Object.defineProperty(copy, first, {
      value: inner,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  return copy;
}

const change = fc.record({
  at: fc.nat(),
  does: fc.constantFrom("replace", "remove", "add"),
  key,
  value: odd,
});
const mutated = fc
  .tuple(policies, fc.array(change, { minLength: 1, maxLength: 2 }))
  .map(([policy, changes]) =>
    changes.reduce<unknown>((json, { at, does, key, value }) => {
      const places = placesIn(json);
      const place = places[at % places.length] ?? [];
      return changed(json, place, (old, gone) => {
        if (does === "replace") return value;
        if (does === "remove") return place.length === 0 ? {} : gone;
        if (Array.isArray(old)) return [...old, value];
        return typeof old === "object" && old !== null ? changed(old, [key], () => value) : value;
      });
    }, policy),
  );

function expectSame(json: unknown): boolean {
  const [parsed, read] = [parsePolicy(json), readPolicy(json)];
  if (parsed.ok) expect(read).toEqual({ ok: true, policy: parsed.policy });
  else expect(read).toMatchObject({ ok: false });
  return parsed.ok;
}

/** Everything that a policy can say, in as few words. */
const whole: Json = {
  $schema: "gate.schema.json",
  name: "Handbook",
  groups: { reviewers, platform },
  roles: ["Site.Admin"],
  session: { lifetime: "8h", recheck: "1h" },
  audit: { keep: "90d", viewers: { groups: ["platform"], roles: [] } },
  preview: {
    mode: "report",
    expires: "14d",
    rules: [
      { path: "/open", allow: "anyone" },
      { path: "/B/*", allow: { roles: ["Site.Admin"], apps: [client], scopes: ["Site.Read"] } },
      {
        path: "/c/*",
        allow: { groups: ["reviewers"] },
        signedInWithin: "15m",
        authContext: "c1",
        cors: {
          origins: ["https://a.example"],
          credentials: true,
          methods: ["PUT"],
          headers: ["X-A"],
          maxAge: "10m",
        },
      },
    ],
  },
  production: { rules: [{ path: "/*", allow: "members" }] },
  contact: "#help",
  tests: [
    {
      in: "preview",
      as: { groups: ["reviewers"], roles: ["Site.Admin"], scopes: [] },
      get: "/",
      expect: "allow",
    },
    { in: "production", as: { app: client }, get: "/", expect: "deny" },
    { in: "production", get: "/", expect: "deny" },
  ],
};

describe("the gate's reader of gate.json", () => {
  it("agrees with parsePolicy on every single change: another value, a member less, a member more", () => {
    expect(expectSame(whole)).toBe(true);
    let valid = 0;
    for (const place of placesIn(whole)) {
      const changes: unknown[] = oddValues.map((value) => changed(whole, place, () => value));
      if (place.length > 0) changes.push(changed(whole, place, (_, gone) => gone));
      changed(whole, place, (old) => {
        if (typeof old !== "object" || Array.isArray(old)) return old;
        for (const name of oddKeys)
          for (const value of [undefined, "1h", "c1", client, [], ["Site.Read"]])
            changes.push(changed(whole, [...place, name], () => value));
        return old;
      });
      for (const json of changes) valid += expectSame(json) ? 1 : 0;
    }
    expect(valid).toBeGreaterThan(300);
  });

  it("reads every valid policy as parsePolicy does, and knows every key of the language", async () => {
    const seen = new Set<string>();
    let valid = 0;
    await fc.assert(
      fc.asyncProperty(policies, async (json) => {
        for (const place of placesIn(json)) seen.add(String(place.at(-1)));
        if (!expectSame(json)) return;
        valid += 1;
        const [parsed, read] = [parsePolicy(json), readPolicy(json)];
        if (!parsed.ok || !read.ok) return;
        for (const name of ["preview", "production"] as const)
          expect(await compilePolicy(read.policy, name)).toEqual(await compilePolicy(parsed.policy, name));
      }),
      { numRuns: 300 },
    );
    expect(valid).toBeGreaterThan(150);
    expect([...keysOf(gateJsonSchema())].filter((name) => !seen.has(name))).toEqual([]);
  });

  it("refuses what parsePolicy refuses, and nothing else", () => {
    fc.assert(
      fc.property(mutated, (json) => {
        expectSame(json);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    undefined,
    null,
    [],
    "",
    1,
    { groups: [] },
    { groups: [reviewers] },
    { preview: { rules: [{ path: "/*", allow: [] }] } },
    { roles: manyRoles, production: { rules: [{ path: "/*", allow: { roles: manyRoles } }] } },
    JSON.parse('{"__proto__":{}}'),
  ])("refuses %j", (json) => {
    expect(expectSame(json)).toBe(false);
  });

  it("names the places of all mistakes", () => {
    const json = { nope: 1, preview: { rules: [{ path: "a", allow: "all" }, { path: "/b" }] } };
    expect(readPolicy(json)).toEqual({
      ok: false,
      places: ["nope", "preview.rules[0].path", "preview.rules[0].allow", "preview.rules[1].allow"],
    });
  });

  it("takes those paths for rules in which rulePathProblem finds nothing", () => {
    const piece = fc.constantFrom(
      "/",
      "/",
      "a",
      "B",
      "*",
      ".",
      "..",
      "%",
      ";",
      "?",
      "\\",
      "index",
      ".html",
      ".auth",
      "ü",
      "u\u0308",
      "\u0001",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 7 }), (pieces) => {
        const path = pieces.join("");
        expect(isRulePath(path)).toBe(rulePathProblem(path) === undefined);
      }),
      { numRuns: 3000 },
    );
  });
});

/** Names of all members that a JSON Schema speaks of. */
function keysOf(schema: unknown): Set<string> {
  const found = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { properties } = value as { properties?: object };
    for (const name of Object.keys(properties ?? {})) found.add(name);
    for (const member of Object.values(value)) walk(member);
  };
  walk(schema);
  return found;
}
