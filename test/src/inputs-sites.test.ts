import { describe, expect, it } from "vitest";
import { readSites } from "../../src/inputs-sites.ts";

const table = (text: string, more: Readonly<Record<string, string>> = {}) =>
  readSites({ INPUT_PROJECTS: text, ...more });
/** The inputs that mistakes are about. */
const wrong = (text: string, more: Readonly<Record<string, string>> = {}) =>
  table(text, more).mistakes.map((line) => line.split(":")[0]);

describe("projects", () => {
  it("names a project and its folder on each line, with policy, artifact and status of its own", () => {
    const { sites, mistakes } = table(
      "# what we serve\nacme-docs: sites/docs\n\r\n  acme-shop:  ./sites/shop/\nacme: .\n",
    );
    expect(mistakes).toEqual([]);
    expect(sites).toEqual([
      {
        projectName: "acme-docs",
        workingDirectory: "sites/docs",
        policyPath: "sites/docs/gate.json",
        artifact: "entra-gate-acme-docs",
        statusName: "Entra Gate (acme-docs)",
      },
      {
        projectName: "acme-shop",
        workingDirectory: "sites/shop",
        policyPath: "sites/shop/gate.json",
        artifact: "entra-gate-acme-shop",
        statusName: "Entra Gate (acme-shop)",
      },
      {
        projectName: "acme",
        workingDirectory: ".",
        policyPath: "gate.json",
        artifact: "entra-gate-acme",
        statusName: "Entra Gate (acme)",
      },
    ]);
  });

  it("takes another name of the policies and artifacts", () => {
    const { sites } = table("docs: sites/docs", { INPUT_POLICY: "who.json", INPUT_ARTIFACT: "packed" });
    expect(sites).toMatchObject([{ policyPath: "sites/docs/who.json", artifact: "packed-docs" }]);
  });

  it.each([
    "acme-docs",
    "acme-docs sites/docs",
    "acme-docs:sites/docs",
    "acme-docs:",
    "Acme_Docs: sites/docs",
    "docs: ../docs",
    "docs: /docs",
    "docs: a\\b",
    "docs: sites/docs\ndocs: sites/other",
    "# nothing",
  ])("refuses %j", (text) => expect(wrong(text)).toEqual(["projects"]));

  it("tells every mistake at once", () => {
    expect(wrong("a: ..\nB: x\nc: sites/c", { INPUT_ARTIFACT: "a/b" })).toEqual([
      "artifact",
      "projects",
      "projects",
    ]);
  });

  it("stands in the place of project-name and working-directory", () => {
    const more = { "INPUT_PROJECT-NAME": "docs", "INPUT_WORKING-DIRECTORY": "sites/docs" };
    expect(wrong("docs: sites/docs", more)).toEqual(["project-name", "working-directory"]);
    expect(wrong("docs: sites/docs", { "INPUT_WORKING-DIRECTORY": "." })).toEqual([]);
    expect(readSites({}).mistakes.map((line) => line.split(":")[0])).toEqual(["project-name"]);
  });
});
