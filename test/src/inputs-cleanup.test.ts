import { describe, expect, it } from "vitest";
import { ActionError } from "../../src/errors.ts";
import { readCleanupInputs } from "../../src/inputs-cleanup.ts";

function read(given: Record<string, string>) {
  const env = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
  );
  try {
    return readCleanupInputs(env);
  } catch (error) {
    if (error instanceof ActionError) return error;
    throw error;
  }
}

describe("readCleanupInputs", () => {
  it("deletes nothing unless it is told so", () => {
    expect(read({ ungated: "true" })).toMatchObject({
      ungated: true,
      closedPullRequests: false,
      dryRun: true,
    });
    expect(read({ ungated: "true", "dry-run": "false" })).toMatchObject({ dryRun: false });
  });

  it.each([
    ["14d", 14 * 86_400_000],
    ["36h", 36 * 3_600_000],
    ["90m", 90 * 60_000],
  ])("reads the age %s", (age, olderThan) => {
    expect(read({ "older-than": age })).toMatchObject({ olderThan, olderThanText: age });
  });

  it.each([
    [{ "older-than": "0d" }, "older-than"],
    [{ "older-than": "-1d" }, "older-than"],
    [{ "older-than": "2 weeks" }, "older-than"],
    [{ ungated: "yes" }, "ungated"],
    [{ "closed-pull-requests": "true", "dry-run": "FALSE" }, "dry-run"],
    [{}, "cleanup"],
  ])("refuses %j", (given, named) => {
    expect(read(given as Record<string, string>)).toMatchObject({
      code: "inputs-invalid",
      detail: expect.stringMatching(new RegExp(`^${named}: .*give `)),
    });
  });
});
