import { describe, expect, it } from "vitest";
import type { PagesDeployment } from "../../../src/clients/cloudflare-model.ts";
import type { CleanupInputs } from "../../../src/inputs-cleanup.ts";
import type { Gating } from "../../../src/steps/gated.ts";
import { chooseDoomed, doomedTable, type SweepFacts } from "../../../src/steps/sweep.ts";

const now = Date.UTC(2026, 10, 25);
const day = 86_400_000;

const made = (
  id: string,
  days: number,
  branch: string,
  more: Partial<PagesDeployment> = {},
): PagesDeployment => ({
  id,
  url: `https://${id}.site.pages.dev`,
  environment: branch === "main" ? "production" : "preview",
  created_on: new Date(now - days * day).toISOString(),
  aliases: [],
  latest_stage: { name: "deploy", status: "success" },
  deployment_trigger: {
    metadata: { branch, commit_hash: "a".repeat(40), commit_message: `[entra-gate ${"0".repeat(32)}] x` },
  },
  ...more,
});

const nothing: CleanupInputs = {
  olderThanText: "",
  closedPullRequests: false,
  ungated: false,
  dryRun: false,
};
const facts: SweepFacts = {
  now,
  open: new Set([8]),
  gating: new Map<string, Gating>([
    ["new", "gated"],
    ["old", "ungated"],
    ["vague", "unclear"],
    ["live", "ungated"],
    ["main", "ungated"],
  ]),
  productionOpen: false,
  live: "live",
};
const list = [
  made("live", 1, "main"),
  made("new", 2, "pr-8"),
  made("vague", 3, "pr-9"),
  made("main", 20, "main"),
  made("old", 30, "pr-7"),
];
const chosen = (wanted: Partial<CleanupInputs>, known: Partial<SweepFacts> = {}, all = list) =>
  chooseDoomed(all, { ...nothing, ...wanted }, { ...facts, ...known }).map(({ deployment, why }) => [
    deployment.id,
    ...why,
  ]);

describe("chooseDoomed", () => {
  it("chooses nothing that was not asked for", () => {
    expect(chosen({})).toEqual([]);
  });

  it("takes what is older, oldest first", () => {
    expect(chosen({ olderThan: 14 * day, olderThanText: "14d" })).toEqual([
      ["old", "older than 14d"],
      ["main", "older than 14d"],
    ]);
    expect(chosen({ olderThan: 30 * day, olderThanText: "30d" })).toEqual([]);
  });

  it("takes what is of closed pull requests, but only what this action made", () => {
    expect(chosen({ closedPullRequests: true })).toEqual([
      ["old", "pull request 7 is closed"],
      ["vague", "pull request 9 is closed"],
    ]);
    const trigger = { metadata: { branch: "pr-7", commit_hash: "", commit_message: "by hand" } };
    expect(
      chosen({ closedPullRequests: true }, {}, [made("x", 1, "pr-7", { deployment_trigger: trigger })]),
    ).toEqual([]);
    for (const branch of ["pr-07", "pr-7x", "PR-7", "pr--7", "pr-"])
      expect(chosen({ closedPullRequests: true }, {}, [made("x", 1, branch)])).toEqual([]);
  });

  it("takes what has no gate, and leaves what gave no clear answer", () => {
    expect(chosen({ ungated: true })).toEqual([
      ["old", "not gated"],
      ["main", "not gated"],
    ]);
    expect(chosen({ ungated: true }, { productionOpen: true })).toEqual([["old", "not gated"]]);
  });

  it("never takes the live production, and names every reason", () => {
    const everything = { olderThan: 0, olderThanText: "0", closedPullRequests: true, ungated: true };
    const all = chosen(everything);
    expect(all.map(([id]) => id)).toEqual(["old", "main", "vague", "new"]);
    expect(all[0]).toEqual(["old", "older than 0", "pull request 7 is closed", "not gated"]);
  });
});

describe("doomedTable", () => {
  it("has a row for each, and lets no branch out of its cell", () => {
    const nasty = made("x", 1, "a|b\n<script>@everyone");
    const text = doomedTable([{ deployment: nasty, why: ["not gated"] }]);
    expect(text.split("\n")).toHaveLength(3);
    expect(text.split("\n")[2]?.split("|")).toHaveLength(7);
    expect(text).not.toContain("<script>");
    expect(text).not.toContain("@everyone");
  });

  it("stays within what a summary holds", () => {
    const many = Array.from({ length: 10_000 }, () => ({
      deployment: made("x", 1, "pr-7"),
      why: ["not gated"],
    }));
    expect(doomedTable(many).length).toBeLessThan(1024 * 1024);
    expect(doomedTable(many)).toContain("and 9500 more");
  });
});
