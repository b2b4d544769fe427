import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { setupSteps } from "../../pages-plugin/src/cli/setup/steps.ts";

it("docs/setup.md says of every step what it does, who may and what it does not, in its order", () => {
  const steps = setupSteps({
    ...{ repository: "OWNER/REPO", defaultBranch: "main", environment: "entra-gate", project: "SITE" },
    ...{ signInHostProject: "HOST", accountId: "0".repeat(32), assignmentRequired: true, testRole: "ROLE" },
  });
  const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "setup.md"), "utf8");
  const rows = page.split("\n").filter((line) => /^\|.*\|.*\|.*\|$/.test(line));
  expect(rows.slice(2)).toEqual(steps.map(({ title, role, wont }) => `| ${title} | ${role} | ${wont} |`));
});
