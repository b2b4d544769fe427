import { expect, it } from "vitest";
import { failureOf } from "../../../../src/steps/audit/failure.ts";
import { audited, finding } from "./fixtures.ts";

const soon = finding({ code: "keys-old", severity: "soon" });
const wrong = finding({ code: "address-unproven", severity: "wrong" });
const renewal = finding({ code: "renewal-failed", severity: "wrong" });

it.each([
  ["nothing", [], undefined],
  ["what is only out of date", [soon], undefined],
  ["something open", [soon, finding()], "audit-found"],
  ["something that was not proved", [wrong], "audit-found"],
  ["a renewal that failed", [soon, renewal], "renewal-failed"],
  ["a renewal that failed, and something open", [renewal, finding()], "audit-found"],
])("an audit that found %s", (_, findings, code) => {
  expect(failureOf(audited(findings))?.code).toBe(code);
});

it("names what was found, the worst first, as much as can be read", () => {
  const many = [wrong, ...Array.from({ length: 30 }, (_, index) => finding({ subject: String(index) }))];
  const lines = failureOf(audited(many))?.detail.split("\n") ?? [];
  expect([lines.length, lines[0], lines.at(-1)]).toEqual([
    21,
    "address-open: 0: Shows something.",
    "and 11 more",
  ]);
});
