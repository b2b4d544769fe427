import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Environment } from "../../../contract/policy/model.ts";
import type { SiteRow } from "../../../contract/sites/row.ts";
import { readAuthorizeParameters } from "../../../pages-plugin/src/host/authorize-parameters.ts";
import { matchSite } from "../../../pages-plugin/src/host/site-match.ts";
import { GateFault } from "../../../pages-plugin/src/http/fault.ts";
import { entryWith } from "./support/world.ts";

const hostOrigin = "https://acme-gate.pages.dev";
const demo: SiteRow = {
  project: "demo",
  subdomain: "demo-7k2.pages.dev",
  origins: ["https://demo-7k2.pages.dev", "https://www.example.com"],
  entries: { preview: entryWith(), production: entryWith({ environment: "production" }) },
};
const local: SiteRow = { ...demo, project: "local", subdomain: "local.localhost:8788", origins: [] };

/** As `/.auth/authorize` does it: the parameter first, then the site. */
function match(
  origin: string,
  environment: Environment = "preview",
  rows: readonly SiteRow[] = [demo, local],
): string {
  const query = new URLSearchParams({ origin, environment, tx: "tx", challenge: "c".repeat(43) });
  try {
    const wanted = readAuthorizeParameters(query);
    return matchSite(rows, wanted.origin, environment, hostOrigin).row.project;
  } catch (error) {
    if (error instanceof GateFault) return error.code;
    throw error;
  }
}

describe("origins that belong to a site", () => {
  test.each([
    ["https://abc123.demo-7k2.pages.dev", "preview", "demo"],
    ["https://pr-7.demo-7k2.pages.dev", "preview", "demo"],
    ["https://abc123.demo-7k2.pages.dev", "production", "demo"],
    ["https://demo-7k2.pages.dev", "production", "demo"],
    ["https://www.example.com", "production", "demo"],
    ["http://pr-1.local.localhost:8788", "preview", "local"],
  ] as const)("%s in %s", (origin, environment, project) => {
    expect(match(origin, environment)).toBe(project);
  });

  test.each(["https://demo-7k2.pages.dev", "https://www.example.com"])("%s is no preview", (origin) => {
    expect(match(origin, "preview")).toBe("site-unknown");
  });

  test("an environment without an entry is closed", () => {
    const rows = [{ ...demo, entries: { production: demo.entries.production } }] as SiteRow[];
    expect(match("https://pr-7.demo-7k2.pages.dev", "preview", rows)).toBe("site-environment-closed");
  });

  test("an entry stored under the wrong environment is none", () => {
    const rows = [{ ...demo, entries: { preview: entryWith({ environment: "production" }) } }];
    expect(match("https://pr-7.demo-7k2.pages.dev", "preview", rows)).toBe("site-environment-closed");
  });

  test("claimed by two sites is refused", () => {
    const twin = { ...demo, project: "twin", origins: [] };
    expect(match("https://pr-7.demo-7k2.pages.dev", "preview", [demo, twin])).toBe("site-ambiguous");
    const thief = { ...local, project: "thief", origins: ["https://www.example.com"] };
    expect(match("https://www.example.com", "production", [demo, thief])).toBe("site-ambiguous");
    const grabber = { ...local, project: "grabber", origins: ["https://pr-7.demo-7k2.pages.dev"] };
    expect(match("https://pr-7.demo-7k2.pages.dev", "production", [demo, grabber])).toBe("site-ambiguous");
  });

  test("the sign-in host and its own deployments are never a site, even if a row says so", () => {
    const itself = { ...demo, project: "self", subdomain: "acme-gate.pages.dev", origins: [hostOrigin] };
    expect(match(hostOrigin, "production", [itself])).toBe("site-unknown");
    expect(match("https://abc.acme-gate.pages.dev", "preview", [itself])).toBe("site-unknown");
  });

  test.each([
    "",
    ".",
    "localhost",
    "dev",
    "pages.dev/",
    "PAGES.dev",
    "*.pages.dev",
    "a@pages.dev",
    "pages.dev:443",
    " pages.dev",
  ])("a row whose subdomain is %j claims nothing", (subdomain) => {
    for (const origin of [
      "https://x.pages.dev",
      "https://x.dev",
      "http://x.localhost",
      "https://x.y.pages.dev",
    ]) {
      expect(match(origin, "preview", [{ ...demo, subdomain, origins: [] }])).toBe("site-unknown");
    }
  });
});

describe("look-alikes (GHSA-j7px-6hwj-hpjg, GHSA-4mf2-f3wh-gvf2, CVE-2026-7504, CVE-2026-3872)", () => {
  const good = "demo-7k2.pages.dev";
  test.each([
    `https://x${good}`,
    `https://xdemo-7k2.pages.dev`,
    `https://x.${good}.evil.example`,
    `https://x.${good}evil.example`,
    `https://evil.example/x.${good}`,
    `https://evil.example#x.${good}`,
    `https://evil.example?x.${good}`,
    `https://evil.example\\x.${good}`,
    `https://evil.example\\.${good}`,
    `https://x.${good}@evil.example`,
    `https://a@b@x.${good}`,
    `https://evil.example@x.${good}`,
    `https://x.${good}:443@evil.example`,
    `https://x.${good}..;/evil.example`,
    `https://x.${good}/..;/`,
    `https://x.${good}/`,
    `https://x.${good}:443`,
    `https://x.${good}:8443`,
    `https://x.${good}:`,
    `https://x.${good}.`,
    `https://X.${good}`,
    `HTTPS://x.${good}`,
    `https:/x.${good}`,
    `https:x.${good}`,
    `//x.${good}`,
    `http://x.${good}`,
    `ftp://x.${good}`,
    `javascript://x.${good}/%0aalert(1)`,
    `data:text/html,x.${good}`,
    `null`,
    `https://a.b.${good}`,
    `https://.${good}`,
    `https://*.${good}`,
    `https://_.${good}`,
    `https://%78.${good}`,
    `https://x%2e${good}`,
    `https://evil.example%2f.${good}`,
    `https://evil.example%23.${good}`,
    `https://evil.example%00.${good}`,
    `https://x.${good}\t`,
    ` https://x.${good}`,
    `https://x\n.${good}`,
    `https://x。${good}`,
    `https://ｘ.${good}`,
    `https://x.demo-7k2。pages.dev`,
    `https://x.demo-7k2.pages.dev%00.evil.example`,
    `https://[::1].${good}`,
    `https://demo-7k2.pages.dev.evil.example`,
    `https://www.example.com.evil.example`,
    `https://wwwXexample.com`,
    `https://example.com`,
    `http://www.example.com`,
    `https://pr-1.local.localhost:8788`,
    `http://pr-1.local.localhost`,
    `http://pr-1.local.localhost:8789`,
    `http://pr-1.local.localhost.evil.example:8788`,
    `http://127.0.0.1:8788`,
  ])("%s", (origin) => {
    for (const environment of ["preview", "production"] as const) {
      expect(["site-unknown", "authorize-parameters-invalid"]).toContain(match(origin, environment));
    }
  });
});

describe("whatever is asked for", () => {
  const parts = fc.constantFrom(
    ...[
      "https:",
      "http:",
      "/",
      "//",
      "\\",
      "@",
      "#",
      "?",
      ":",
      ".",
      "%2e",
      "%2f",
      "%00",
      "\t",
      "\n",
      " ",
      "x",
      "a-1",
    ],
    ...[
      "demo-7k2.pages.dev",
      "www.example.com",
      "evil.example",
      "local.localhost",
      "8788",
      "443",
      "..;",
      "[::1]",
    ],
  );
  const soup = fc.array(parts, { minLength: 1, maxLength: 9 }).map((list) => list.join(""));

  test("a browser that is sent to a matched origin arrives at that site and nowhere else", () => {
    fc.assert(
      fc.property(fc.oneof(soup, fc.webUrl(), fc.string()), fc.boolean(), (origin, atProduction) => {
        const project = match(origin, atProduction ? "production" : "preview");
        if (project.startsWith("site-") || project === "authorize-parameters-invalid") return;
        for (const reading of [
          origin,
          decodeURIComponent(origin),
          decodeURIComponent(decodeURIComponent(origin)),
        ]) {
          const { protocol, host, username } = new URL(`${reading}/.auth/accept`);
          const ours = /^([a-z0-9-]+\.)?demo-7k2\.pages\.dev$|^www\.example\.com$/.test(host);
          const loopback = protocol === "http:" && /^[a-z0-9-]+\.local\.localhost:8788$/.test(host);
          expect((protocol === "https:" && ours) || loopback).toBe(true);
          expect(username).toBe("");
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("one label below a project's subdomain is always that project's", () => {
    const label = fc
      .stringMatching(/^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/)
      .filter((text) => !text.startsWith("xn--"));
    fc.assert(
      fc.property(label, (text) => {
        expect(match(`https://${text}.demo-7k2.pages.dev`)).toBe("demo");
      }),
    );
  });
});
