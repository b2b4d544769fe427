import { DatabaseSync } from "node:sqlite";
import { authenticationEvent } from "../contract/audit/events.ts";
import { insertEvent, whatOpened, whoSaw } from "../contract/audit/queries.ts";
import { databaseSchema } from "../contract/sites/row.ts";

/**
 * How long the two questions take in a database of 1,000,000 audit events (SQLite in memory, as D1 has it):
 * `node bench/audit.ts`. 10,000 people, 5,000 previews, one preview and one person with 20,000 events each.
 */
const total = 1_000_000;
const busy = 20_000;
const tid = "22222222-2222-4222-8222-222222222222";
const end = Date.UTC(2026, 10, 23);
const personOf = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
const originOf = (index: number) => `https://pr-${index}.demo.pages.dev`;

const database = new DatabaseSync(":memory:");
for (const statement of databaseSchema) database.exec(statement);
const insert = database.prepare(insertEvent);
const began = performance.now();
database.exec("BEGIN");
for (let index = 0; index < total; index += 1) {
  const person = index < busy ? 0 : index % 10_000;
  const site = index >= busy && index < 2 * busy ? 0 : (index * 7) % 5_000;
  const event = authenticationEvent({
    context: {
      role: "host",
      version: "1.0.0",
      project: "demo",
      environment: "preview",
      bundle: "b".repeat(32),
    },
    time: end - index * 10_000,
    uid: `event-${index}`,
    activity: "ticket",
    success: true,
    code: "admitted",
    service: originOf(site),
    request: {
      method: "GET",
      url: new URL("https://gate.pages.dev/.auth/callback"),
      ray: "8a1b2c3d4e5f-FRA",
    },
    visitor: { kind: "user", tid, oid: personOf(person), name: `Person ${person}` },
    session: { uid: `ticket-${index}`, expires: end / 1000 },
  });
  insert.run(JSON.stringify(event));
}
database.exec("COMMIT");
const writtenMs = performance.now() - began;

const span = { from: 0, to: end + 1 };
const questions = {
  whoSaw: whoSaw({ ...span, origin: originOf(1) }),
  whoSawBusiest: whoSaw({ ...span, origin: originOf(0) }),
  whatOpened: whatOpened({ ...span, tid, oid: personOf(1) }),
  whatBusiestOpened: whatOpened({ ...span, tid, oid: personOf(0) }),
};
const answers = Object.entries(questions).map(([name, { sql, values }]) => {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    database.prepare(sql).all(...values);
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return [`${name}Ms`, Number((times[2] ?? 0).toFixed(2))];
});
const pages = Number(Object.values(database.prepare("PRAGMA page_count").get() ?? {})[0]);
console.log(
  JSON.stringify({
    events: total,
    ...Object.fromEntries(answers),
    bytesPerEvent: Math.round((pages * 4096) / total),
    insertUs: Number(((writtenMs * 1000) / total).toFixed(1)),
  }),
);
