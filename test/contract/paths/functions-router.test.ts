import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPath } from "../../../contract/paths/reading.ts";
import { createDecider } from "../../../contract/policy/decide.ts";
import { compiled, visitor } from "../policy/fixtures.ts";
import { requestPath } from "./nasty.ts";

type Match = (route: string, options: { end: boolean }) => (path: string) => false | { params: object };

const fromWrangler = createRequire(createRequire(import.meta.url).resolve("wrangler/package.json"));
const { match } = fromWrangler("path-to-regexp") as { match: Match };

/** As wrangler's templates/pages-template-worker.ts picks the one function that answers. */
function routed(routes: readonly string[], requestUrl: string): string | undefined {
  const { pathname } = new URL(requestUrl);
  return routes.find(
    (route) => match(route.replace(/[.+?^${}()|[\]\\]/g, "\\$&"), { end: true })(pathname) !== false,
  );
}

/** As `wrangler pages functions build` orders them: fixed segments before parameters. */
const routes = [
  "/admin/users",
  "/admin/:path*",
  "/Api/hello",
  "/public/:name",
  "/shop/:page",
  "/index/:x",
  "/:path*",
];
const aims = [
  "/admin/users",
  "/admin/x",
  "/Api/hello",
  "/public/a",
  "/public/admin/users",
  "/other",
  "/admin.html",
];

const decide = createDecider(
  compiled([
    ["/public/*", { anyone: true }],
    ["/Api/*", { roles: ["Api"] }],
    ["/admin/users", { roles: ["Users"] }],
    ["/admin/*", { roles: ["Admin"] }],
    ["/", { anyone: true }],
    ["/shop", { anyone: true }],
    ["/shop/*", { roles: ["Admin"] }],
    ["/*", { roles: ["Site"] }],
  ]),
);

/** Who may run which function, by the rule that its own address has. */
const mayRun: Readonly<Record<string, readonly string[]>> = {
  "/admin/users": ["Users"],
  "/admin/:path*": ["Admin", "Users"],
  "/Api/hello": ["Api"],
  "/public/:name": ["Admin", "Api", "Site", "Users", "nobody"],
  "/shop/:page": ["Admin"],
  "/index/:x": ["Admin", "Api", "Site", "Users"],
  "/:path*": ["Admin", "Api", "Site", "Users"],
};

/** Below an open path the function that catches everything is open, too. */
function isPublic(path: string): boolean {
  return /^\/public(?:\/|$)|^\/(?:shop(?:\.html)*)?\/?$/i.test(path);
}

describe("against the functions router's matching", () => {
  test("nobody runs a function by a spelling of an address that he may not ask", () => {
    let ran = 0;
    const property = fc.property(
      requestPath(aims),
      fc.constantFrom("Users", "Admin", "Api", "Site", "nobody"),
      (path, role) => {
        const url = `https://site.example${path}`;
        const who = role === "nobody" ? undefined : visitor({ kind: "unknown", roles: [role] });
        if (!decide(readPath(new URL(url).pathname), who).allowed) return;
        const route = routed(routes, url);
        if (route === undefined || (route === "/:path*" && isPublic(new URL(url).pathname))) return;
        ran++;
        expect(mayRun[route], `${path} ran ${route}`).toContain(role);
      },
    );
    fc.assert(property, { numRuns: 5000 });
    expect(ran).toBeGreaterThan(200);
  });

  test.each(["/ADMIN/users", "/Admin/Users", "/api/hello", "/API/HELLO"])(
    "%s is not open by its case",
    (path) => {
      expect(routed(routes, `https://site.example${path}`)).toBeDefined();
      const who = visitor({ kind: "unknown", roles: ["Site"] });
      expect(decide(readPath(path), who)).toMatchObject({ allowed: false, reason: "ambiguous-path" });
    },
  );
});
