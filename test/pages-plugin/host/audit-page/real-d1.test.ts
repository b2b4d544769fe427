import { afterAll, beforeAll, expect, test } from "vitest";
import { insertNewEvents, type Query } from "../../../../contract/audit/queries.ts";
import { databaseSchema } from "../../../../contract/sites/row.ts";
import { createD1 } from "../../../../local/audit-page/d1.ts";
import { sampleEvents, projects as sites } from "../../../../local/audit-page/events.ts";
import { D1Host } from "../../../../local/cloudflare/d1/host.ts";
import { readFilters } from "../../../../pages-plugin/src/host/audit-page/filters.ts";
import { floorOf, listing } from "../../../../pages-plugin/src/host/audit-page/listing.ts";
import {
  credentialMade,
  deployments,
  pulls,
  siteStates,
  tickets,
} from "../../../../pages-plugin/src/host/audit-page/previews-queries.ts";
import {
  anythingBefore,
  barsOf,
  counts,
  newcomers,
} from "../../../../pages-plugin/src/host/audit-page/trends.ts";

/** D1 allows less than SQLite does: terms of a compound SELECT, lengths of patterns, functions. */
const end = Date.UTC(2026, 10, 25, 15, 20);
const projects = [...sites, ""];
const person = "0b7d3c1e-52a4-4f0e-9d11-000000000012";
const week = { from: end - 7 * 86_400_000, to: end };
const real = new D1Host();
const memory = createD1();

beforeAll(async () => {
  const events = JSON.stringify(sampleEvents(end));
  memory.sqlite.prepare(insertNewEvents).run(events);
  const schema = databaseSchema.map((sql) => ({ sql, params: [] }));
  await real.run("d", [...schema, { sql: insertNewEvents, params: [events] }], "objects");
});
afterAll(() => real.close());

const filters = (query: string) => readFilters(new URLSearchParams(query), projects, end);
const list = (query: string, whole?: true): Query =>
  listing({ projects, filters: filters(query), limit: 50, ...(whole ? { whole } : {}) });

const queries: Readonly<Record<string, Query>> = {
  everything: list("span=30d"),
  "the events themselves": list("span=30d", true),
  refusals: list("show=refused"),
  "let in": list("show=admitted"),
  "sign-ins": list("show=sign-ins"),
  changes: list("span=30d&show=changes"),
  text: list("span=30d&q=tanaka"),
  "a long text": list(`span=30d&q=${"x".repeat(100)}`),
  "a person": list(`span=30d&q=${person}`),
  "a pull request": list("span=30d&q=%2345"),
  "a reference": list("span=30d&q=7KQ2M-4XPVE"),
  "a later page": list(`span=30d&before=${end - 86_400_000}.500`),
  "how far back": floorOf({ projects, filters: filters("span=30d&q=tanaka") }),
  "the picture": counts(projects, barsOf(week)),
  "the picture of a person": counts(projects, barsOf(week), person),
  newcomers: newcomers(projects, week),
  "anything before": anythingBefore(projects, week),
  "pull requests": pulls("harbour", undefined),
  "deployments of one": deployments("harbour", 45),
  "deployments of production": deployments("harbour", "production"),
  tickets: tickets("harbour", ["https://pr-45.harbour.pages.dev", "https://harbour.pages.dev"], week),
  sites: siteStates(sites),
  credential: credentialMade("7B1C6D1E-9a2f-4c55-8a10-6f0e2b7d9c31"),
};

test.each(Object.entries(queries))("real D1 answers as SQLite does: %s", async (name, { sql, values }) => {
  const [answer] = await real.run("d", [{ sql, params: values }], "objects");
  const expected = memory.sqlite.prepare(sql).all(...values);
  expect(answer?.results).toEqual(expected.map((row) => ({ ...row })));
  if (!["a long text", "a reference", "how far back"].includes(name))
    expect(expected.length).toBeGreaterThan(0);
});
