import { DatabaseSync } from "node:sqlite";
import { authenticationEvent, entityManagementEvent } from "../contract/audit/events.ts";
import type { AuditEvent } from "../contract/audit/model.ts";
import { insertEvent, type Query, whatOpened, whoSaw } from "../contract/audit/queries.ts";
import { databaseSchema } from "../contract/sites/row.ts";
import { readFilters } from "../pages-plugin/src/host/audit-page/filters.ts";
import { floorOf, listing } from "../pages-plugin/src/host/audit-page/listing.ts";
import {
  deployments,
  pulls,
  siteStates,
  tickets,
} from "../pages-plugin/src/host/audit-page/previews-queries.ts";
import { anythingBefore, barsOf, counts, newcomers } from "../pages-plugin/src/host/audit-page/trends.ts";

/**
 * How long the questions of the audit page take in a database of 1,000,000 events (SQLite in memory, as D1 has it):
 * `node bench/audit.ts`. 10,000 people, 20 sites, 5,000 pull requests, one preview and one person with 20,000 events
 * each, one refusal in a hundred, in 115 days.
 */
const total = 1_000_000;
const busy = 20_000;
const tid = "22222222-2222-4222-8222-222222222222";
const end = Date.UTC(2026, 10, 23);
const personOf = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
const projectOf = (pull: number): string => `site-${pull % 20}`;
const originOf = (pull: number): string => `https://pr-${pull}.${projectOf(pull)}.pages.dev`;
const projects = [...Array.from({ length: 20 }, (_, index) => projectOf(index)), ""];

function eventAt(index: number): AuditEvent {
  const person = index < busy ? 0 : index % 10_000;
  const pull = index >= busy && index < 2 * busy ? 20 : 1 + ((index * 7) % 5_000);
  const occurrence = {
    context: {
      role: "host",
      version: "1.0.0",
      project: projectOf(pull),
      environment: "preview",
      pullRequest: pull,
      bundle: "b".repeat(32),
    },
    time: end - index * 10_000,
    uid: `event-${index}`,
  } as const;
  if (index % 200 === 7)
    return entityManagementEvent({
      ...occurrence,
      activity: "create",
      success: true,
      code: "created",
      entity: { type: "deployment", uid: `d-${index}`, name: originOf(pull).replace("pr-", "h") },
      origins: [originOf(pull).replace("pr-", `${index}-`), originOf(pull)],
      actor: { app: tid, login: "octocat" },
    });
  const success = index % 100 !== 5;
  return authenticationEvent({
    ...occurrence,
    activity: index % 3 === 0 ? "sign-in" : "ticket",
    success,
    code: success ? "admitted" : "entry-refused",
    service: originOf(pull),
    request: {
      method: "GET",
      url: new URL("https://gate.pages.dev/.auth/callback"),
      ray: "8a1b2c3d4e5f-FRA",
    },
    visitor: { kind: "user", tid, oid: personOf(person), name: `Person ${person}` },
    session: { uid: `ticket-${index}`, expires: end / 1000 },
    ...(success ? {} : { reference: "7KQ2M-4XPVE" }),
  });
}

const database = new DatabaseSync(":memory:");
for (const statement of databaseSchema) database.exec(statement);
const insert = database.prepare(insertEvent);
const began = performance.now();
database.exec("BEGIN");
for (let index = 0; index < total; index += 1) insert.run(JSON.stringify(eventAt(index)));
database.exec("COMMIT");
const writtenMs = performance.now() - began;

const span = { from: 0, to: end + 1 };
const ask = (query: string) => readFilters(new URLSearchParams(query), projects, end + 1);
const list = (query: string, of: readonly string[] = projects): Query =>
  listing({ projects: of, filters: ask(query), limit: 51 });
const text = ask("span=90d&q=nowhere+to+be+found");
const floor = Number(Object.values(run(floorOf({ projects, filters: text }))[0] ?? {})[0]);
const all = { from: end - 90 * 86_400_000, to: end + 1 };

const questions: Readonly<Record<string, Query>> = {
  whoSaw: whoSaw({ ...span, origin: originOf(1) }),
  whoSawBusiest: whoSaw({ ...span, origin: originOf(20) }),
  whatOpened: whatOpened({ ...span, tid, oid: personOf(1) }),
  whatBusiestOpened: whatOpened({ ...span, tid, oid: personOf(0) }),
  list: list("span=90d"),
  listOfOneSite: list("span=90d", ["site-3"]),
  listRefused: list("span=90d&show=refused"),
  listChanges: list("span=90d&show=changes"),
  listFarBack: list(`span=90d&before=${end - 80 * 86_400_000}.5`),
  listOfPerson: list(`span=90d&q=${personOf(0)}`),
  listByReference: list("span=90d&q=7KQ2M-4XPVE"),
  listOfPullRequest: list("span=90d&q=%2320"),
  searchFloor: floorOf({ projects, filters: text }),
  searchInVain: listing({
    projects,
    filters: { ...text, span: { ...text.span, from: floor + 1 } },
    limit: 51,
  }),
  picture90Days: counts(projects, barsOf(all)),
  picture7Days: counts(projects, barsOf(ask("").span)),
  newcomers: newcomers(projects, all),
  anythingBefore: anythingBefore(projects, all),
  pullRequests: pulls("site-0", undefined),
  deploymentsOfPull: deployments("site-0", 20),
  ticketsOfBusiest: tickets("site-0", [originOf(20)], span),
  sites: siteStates(projects.slice(0, -1)),
};

function run({ sql, values }: Query) {
  return database.prepare(sql).all(...values);
}

const answers = Object.entries(questions).map(([name, query]) => {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    run(query);
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return [`${name}Ms`, Number((times[2] ?? 0).toFixed(2))];
});
const pages = Number(Object.values(database.prepare("PRAGMA page_count").get() ?? {})[0]);
console.log(
  JSON.stringify(
    {
      events: total,
      ...Object.fromEntries(answers),
      bytesPerEvent: Math.round((pages * 4096) / total),
      insertUs: Number(((writtenMs * 1000) / total).toFixed(1)),
    },
    null,
    process.argv.includes("--json") ? undefined : 2,
  ),
);
