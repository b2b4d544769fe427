import fc from "fast-check";
import { expect, test } from "vitest";
import { addressOf, readFilters } from "../../../../pages-plugin/src/host/audit-page/filters.ts";

const now = Date.UTC(2026, 10, 25, 12);
const projects = ["demo", "other", ""];
const read = (query: string) => readFilters(new URLSearchParams(query), projects, now);

test("without anything: seven days of everything", () => {
  expect(read("")).toEqual({
    view: "activity",
    show: "all",
    search: "",
    span: { from: now + 1 - 7 * 86_400_000, to: now + 1 },
    days: "7d",
  });
});

test("what an address says", () => {
  const query =
    "view=previews&site=demo&show=refused&q=+Ada+&from=2026-11-01T08:00&to=2026-11-02&pull=7&before=5.6&as=csv";
  expect(read(query)).toEqual({
    view: "previews",
    site: "demo",
    show: "refused",
    search: "Ada",
    span: { from: Date.UTC(2026, 10, 1, 8), to: Date.UTC(2026, 10, 2) },
    pull: 7,
    before: { time: 5, id: 6 },
    as: "csv",
  });
});

test.each([
  "site=elsewhere",
  "view=constructor&show=__proto__&as=toString",
  "span=1000d",
  "pull=0&before=x",
  "from=2026-13-45T99:99",
])("what it does not know is left out: %s", (query) => {
  expect(read(query)).toEqual(read(""));
});

test("a time that ends before it begins is a day, and no time is longer than anything is kept", () => {
  const { from, to } = read("from=2026-11-02T00:00&to=2026-11-01T00:00").span;
  expect(to - from).toBe(86_400_000);
  expect(read("from=0001-01-01T00:00").span.from).toBeGreaterThan(Date.UTC(2016, 0));
});

test("its own addresses say the same again", () => {
  const known = fc.record({
    view: fc.constantFrom("activity", "previews", "sites"),
    site: fc.constantFrom("demo", "", "*"),
    show: fc.constantFrom("all", "admitted", "refused", "changes"),
    q: fc.string({ maxLength: 120 }),
    span: fc.constantFrom("24h", "7d", "90d"),
    from: fc.constantFrom("", "2026-11-01T00:00", "x"),
    to: fc.constantFrom("", "2026-11-03T10:30"),
    before: fc.constantFrom("", "12.7"),
    pull: fc.constantFrom("", "12", "production"),
    as: fc.constantFrom("", "csv", "ocsf"),
  });
  fc.assert(
    fc.property(known, (values) => {
      const once = readFilters(new URLSearchParams(values), projects, now);
      const whole = { ...once, search: once.search.trim() };
      // A span that has no end is written to the minute.
      fc.pre(values.from === "" || values.to !== "" || values.from === "x");
      expect(readFilters(new URLSearchParams(addressOf(whole)), projects, now)).toEqual(whole);
    }),
  );
});
