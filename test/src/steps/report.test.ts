import { describe, expect, it } from "vitest";
import { ActionError } from "../../../src/errors.ts";
import type { Outcome } from "../../../src/steps/report-model.ts";
import { commentMarker, reportMarkdown, statusLine } from "../../../src/steps/report-text.ts";
import type { ProbeReport, ProbeResult } from "../../../src/steps/types.ts";

const probe = (changes: Partial<ProbeResult>): ProbeResult => ({
  origin: "https://abc.site.pages.dev",
  method: "GET",
  target: "/",
  kind: "page",
  outcome: "closed",
  status: 401,
  reason: "the gate refused",
  ...changes,
});

function reportOf(...results: ProbeResult[]): ProbeReport {
  const count = (outcome: string) => results.filter((result) => result.outcome === outcome).length;
  const [open, inconclusive, broken] = [count("open"), count("inconclusive"), count("broken")];
  return { total: results.length, open, inconclusive, broken, ok: open === 0, results };
}

const good: Outcome = {
  subject: {
    project: "site",
    environment: "preview",
    commit: "c".repeat(40),
    pullRequest: 7,
    runUrl: "https://github.com/acme/site/actions/runs/1",
  },
  gated: true,
  verified: true,
  deployment: {
    id: "id",
    project: "site",
    url: "https://abc.site.pages.dev",
    aliases: ["https://pr-7.site.pages.dev"],
    environment: "preview",
    branch: "pr-7",
    bundle: "b",
  },
  verification: reportOf(probe({}), probe({ outcome: "public", status: 200 })),
  changes: ["row of site"],
};

describe("the comment", () => {
  it("links preview and commit, shows the card, counts the probes", () => {
    const text = reportMarkdown(good, { changes: false });
    expect(text).toContain('href="https://pr-7.site.pages.dev"');
    expect(text).toContain('src="https://abc.site.pages.dev/.auth/card.png"');
    expect(text).toMatch(/2 probes.*1 closed, 1 public by policy, 0 open/);
    expect(text).not.toContain("row of site");
    expect(reportMarkdown(good, { changes: true })).toContain("row of site");
  });

  it("says loudly that production has no gate, and never that it was verified", () => {
    const { verification: _, ...rest } = good;
    const text = reportMarkdown({ ...rest, gated: false, verified: false }, { changes: false });
    expect(text).toContain("⚠️");
    expect(text).toContain("leaves production open");
    expect(statusLine({ ...rest, gated: false, verified: false })).not.toContain("closed");
  });

  it("says as loudly that report mode closes nothing", () => {
    const reported = { ...good, gated: false, verified: false, mode: "report" } as const;
    const text = reportMarkdown(reported, { changes: false });
    expect(text).toContain("⚠️");
    expect(text).toContain("**report mode**");
    expect(text).not.toContain("🔒");
    expect(statusLine(reported)).toContain("report mode");
    expect(statusLine(reported)).toMatch(/not closed/i);
  });

  it("names what was open, and links nothing that failed", () => {
    const report = reportOf(probe({ outcome: "open", target: "/secret", status: 200 }), probe({}));
    const error = new ActionError("verify-open", "2 probes: 1 open");
    const text = reportMarkdown({ ...good, verification: report, error, gated: false }, { changes: false });
    expect(text).toContain("verify-open");
    expect(text).toContain("secret");
    expect(text).not.toContain('href="https://pr-7.site.pages.dev"');
    expect(text).not.toContain("card.png");
    expect(statusLine({ ...good, error })).toBe("Failed: verify-open");
  });

  it("escapes whatever comes from outside", () => {
    const nasty = "</td>|![x](https://evil.example)<script>alert(1)</script>@everyone\n# Heading\u202e";
    const results = [probe({ outcome: "open", target: nasty, kind: nasty, reason: nasty })];
    const error = new ActionError("verify-open", nasty);
    const text = reportMarkdown(
      { ...good, error, verification: reportOf(...results), changes: [nasty] },
      { changes: true },
    );
    expect(text).not.toContain("<script>");
    expect(text).not.toContain("![x]");
    expect(text).not.toContain("@everyone");
    expect(text).not.toContain("\u202e");
    expect(text).not.toContain("\n# Heading");
    expect(text.split("\n").filter((line) => line.startsWith("| **open**"))).toHaveLength(1);
  });

  it("has a marker for each project", () => {
    expect(commentMarker("a")).not.toBe(commentMarker("b"));
  });
});
