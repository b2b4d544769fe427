import fc from "fast-check";
import { expect, test } from "vitest";
import { createD1 } from "../../../../local/audit-page/d1.ts";
import { cell, exportEvents, mostExported } from "../../../../pages-plugin/src/host/audit-page/export.ts";
import { readFilters } from "../../../../pages-plugin/src/host/audit-page/filters.ts";
import { add, now, occasion, personOf } from "./support.ts";

const filters = (as: "csv" | "ocsf", query = "") => ({
  ...readFilters(new URLSearchParams(query), ["demo"], now),
  as,
});

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "|cmd", "%0a=1"])(
  "a spreadsheet takes %j for text",
  (text) => {
    expect(cell(text)).toBe(`"'${text}"`);
  },
);

test("any text comes back as it was, and ends its cell nowhere", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const inside = cell(text).slice(1, -1);
      expect(inside.replaceAll('""', "")).not.toContain('"');
      const back = inside.replaceAll('""', '"');
      expect([text, `'${text}`]).toContain(back);
      expect(back).not.toMatch(/^\s*[=+\-@]/);
    }),
  );
});

test("CSV: a header, one line an event, newest first", async () => {
  const database = createD1();
  add(database, [
    occasion({ time: now - 2000, name: '=HYPERLINK("http://evil.example")', pull: 7 }),
    occasion({ time: now - 1000, refused: "entry-refused", reference: "7KQ2M-4XPVE" }),
    occasion({ project: "secret" }),
  ]);
  const { name, type, body } = await exportEvents(database, ["demo"], filters("csv"));
  const lines = body.trimEnd().split("\r\n");
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^"time","type_uid","outcome","code","name",/);
  expect(lines[1]).toContain('"failure","entry-refused"');
  expect(lines[2]).toContain(`"'=HYPERLINK(""http://evil.example"")"`);
  expect(lines[2]).toContain(personOf(1));
  expect(name).toMatch(/^entra-gate-audit_\d{8}T\d{4}Z_\d{8}T\d{4}Z\.csv$/);
  expect(type).toMatch(/^text\/csv/);
});

test("OCSF: the events word for word", async () => {
  const database = createD1();
  const events = [occasion({ time: now - 1000 }), occasion({ time: now - 2000 })];
  add(database, events);
  const { body } = await exportEvents(database, ["demo"], filters("ocsf"));
  expect(body).toBe(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
});

test("more than fits into one file: the newest, and its name says from when on", async () => {
  const database = createD1();
  add(
    database,
    Array.from({ length: mostExported + 20 }, (_, index) => occasion({ time: now - index * 1000 })),
  );
  const { name, body } = await exportEvents(database, ["demo"], filters("csv"));
  expect(body.trimEnd().split("\r\n")).toHaveLength(mostExported + 1);
  const from = new Date(now - (mostExported - 1) * 1000).toISOString().slice(0, 16).replaceAll(/[-:]/g, "");
  expect(name).toContain(`_${from}Z_`);
});
