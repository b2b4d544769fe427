import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPathMatcher } from "../../../pages-plugin/src/site/path-matcher.ts";
import { readSiteConfig } from "../../../pages-plugin/src/site/site-config.ts";
import { isForWorker } from "../../../src/pages-runtime/routes.ts";
import { config, key, pin } from "./support.ts";

const full = { ...config, signIn: { ...config.signIn, keys: [pin(key)] }, staticPaths: ["/assets/*"] };

describe("readSiteConfig", () => {
  it("takes what the action bakes", () => {
    expect(readSiteConfig(JSON.parse(JSON.stringify(full)))).toMatchObject({ ok: true, config: full });
  });

  it.each([undefined, null, "", [], 1, {}])("takes %j for no config", (value) => {
    expect(readSiteConfig(value).ok).toBe(false);
  });

  it("names every problem with its place", () => {
    const rule = { ...full.policy.rules[0], path: "open", allow: { anyone: "yes" } };
    const read = readSiteConfig({
      ...full,
      signIn: { origin: "http://gate.example", keys: [{ ...pin(key), alg: "HS256", not_after: "soon" }] },
      policy: { ...full.policy, environment: "staging", rules: [rule] },
    });
    expect(read.ok ? [] : read.problems).toEqual(
      expect.arrayContaining([
        "config.signIn.origin is not an https origin",
        "config.signIn.keys[0].alg is not RS256",
        "config.signIn.keys[0].not_after is not a number of seconds",
        "config.policy.environment is not preview or production",
        "config.policy.rules[0].path is not a path that starts with /",
        "config.policy.rules[0].allow.anyone is not true or false",
        "config.policy.rules[0].allow.groups is no list",
      ]),
    );
  });

  it.each([
    ["report", "yes"],
    ["report", 1],
    ["report", null],
    ["name", 7],
    ["card", "true"],
    ["bearer", "true"],
  ])("takes no policy whose %s is %j", (name, value) => {
    expect(readSiteConfig({ ...full, policy: { ...full.policy, [name]: value } }).ok).toBe(false);
  });

  it.each([
    { origins: "https://a.example" },
    { credentials: "yes" },
    { methods: undefined },
    { headers: {} },
    { maxAge: "10m" },
    undefined,
  ])("takes no rule whose cors isn't whole: %j", (changes) => {
    const cors = { origins: ["https://a.example"], credentials: true, methods: ["GET"], headers: [] };
    const withCors = (value: unknown) => {
      const rules = full.policy.rules.map((rule) => ({ ...rule, cors: value }));
      return readSiteConfig({ ...full, policy: { ...full.policy, rules } }).ok;
    };
    expect(withCors(changes === undefined ? [] : { ...cors, ...changes })).toBe(false);
    expect(withCors(cors)).toBe(true);
  });

  it("notices when any one member is missing or of another type", () => {
    const places: (readonly (string | number)[])[] = [];
    const walk = (value: unknown, path: readonly (string | number)[]): void => {
      if (typeof value !== "object" || value === null) return;
      for (const [name, member] of Object.entries(value)) {
        const place = [...path, Array.isArray(value) ? Number(name) : name];
        const optional = path.length === 0 && ["commit", "pullRequest", "staticPaths"].includes(name);
        if (!optional && path[0] !== "staticPaths") places.push(place);
        walk(member, place);
      }
    };
    walk(full, []);
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.constantFrom(undefined, null, { odd: { no: 1 } }, Number.NaN),
        (place, odd) => {
          const copy = structuredClone(full) as unknown as Record<string | number, unknown>;
          let parent = copy;
          for (const step of place.slice(0, -1)) parent = parent[step] as typeof parent;
          parent[place.at(-1) ?? ""] = odd;
          expect(readSiteConfig(copy).ok).toBe(false);
        },
      ),
    );
  });
});

describe("createPathMatcher", () => {
  it("reads patterns as _routes.json does", () => {
    const isStatic = createPathMatcher(["/assets/*", "/favicon.ico", "/*.css", "/a+b(c)"]);
    const yes = [
      "/assets",
      "/assets/",
      "/assets/x/y.js",
      "/favicon.ico",
      "/favicon.ico/",
      "/x/y.css",
      "/a+b(c)",
    ];
    const no = ["/assets2", "/favicon.icon", "/favicon-ico", "/x/assets/y", "/aab(c)", "/x.cssx", "/"];
    expect(yes.filter((path) => !isStatic(path))).toEqual([]);
    expect(no.filter(isStatic)).toEqual([]);
    expect(createPathMatcher([])("/")).toBe(false);
    expect(["/", "/a", "/a/b"].every(createPathMatcher(["/*"]))).toBe(true);
    expect(["/a", "/a/", "/ab", "/"].map(createPathMatcher(["/a/"]))).toEqual([true, true, false, false]);
    expect(["/", "/a"].map(createPathMatcher(["/"]))).toEqual([true, false]);
  });

  it("reads them as the stand-in of Pages' edge does", () => {
    const segment = fc.constantFrom("a", "b", "*", "a*", "a.b", "");
    const path = fc.array(segment, { maxLength: 3 }).map((segments) => `/${segments.join("/")}`);
    fc.assert(
      fc.property(path, path, (pattern, asked) => {
        // The gate refuses repeated slashes before anybody asks.
        const pathname = asked.replaceAll("*", "x").replace(/\/+/g, "/");
        const routes = { include: [pattern], exclude: [] };
        expect(createPathMatcher([pattern])(pathname)).toBe(isForWorker(routes, pathname));
      }),
    );
  });
});
