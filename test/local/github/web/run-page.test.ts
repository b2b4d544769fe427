import { describe, expect, it } from "vitest";
import type { Repository, WorkflowRun } from "../../../../local/github/state/model.ts";
import { runPage } from "../../../../local/github/web/run-page.ts";

const repository = { fullName: "acme/harbour" } as Repository;

function runWith(shown: WorkflowRun["shown"]): WorkflowRun {
  return {
    workflow: { id: 1, path: ".github/workflows/gate.yml", name: "Gate <b>" },
    event: "workflow_run",
    headSha: "0123456789abcdef",
    status: "completed",
    conclusion: "failure",
    ...(shown === undefined ? {} : { shown }),
  } as WorkflowRun;
}

describe("a workflow run's page", () => {
  it("shows each step's summary and log, and nothing of theirs as markup", () => {
    const steps = [
      { name: "Run gate", conclusion: "failure", log: "<script>x</script>", summary: "## Told" },
    ];
    const page = runPage(repository, runWith([{ name: "gate", conclusion: "failure", steps }]));
    expect(page).toContain("&lt;script&gt;x&lt;/script&gt;");
    expect(page).not.toContain("<script>");
    expect(page).toContain("Gate &lt;b&gt;");
    expect(page).toMatch(/<h2[^>]*>Told<\/h2>/);
  });

  it("says where no job has ended yet", () => {
    expect(runPage(repository, runWith(undefined))).toContain("No job of it has ended");
  });
});
