import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Repository, secondaryRateLimit } from "../../../../local/github/index.ts";
import { actionsBot } from "../../../../local/github/state/store.ts";
import { readPermissions } from "../../../../local/github/tokens/permissions.ts";
import { createGitHubClient } from "../../../../src/clients/github.ts";
import type { Finding } from "../../../../src/findings.ts";
import { controls, evidenceFor } from "../../../../src/steps/audit/controls.ts";
import { controlRows, writeFiles } from "../../../../src/steps/audit/evidence.ts";
import { issueMarker, keepIssue } from "../../../../src/steps/audit/issue.ts";
import type { Audited } from "../../../../src/steps/audit/result.ts";
import { sarifOf } from "../../../../src/steps/audit/sarif.ts";
import { summaryMarkdown } from "../../../../src/steps/audit/words.ts";
import { type Setting, startSetting } from "../../../local/github/support.ts";
import { FakeTime, failure, httpWith } from "../../support.ts";
import { audited, finding, looked, now } from "./fixtures.ts";

const hostile = "|`<img src=x>@acme/all #1 [a](https://evil.example) \u202e";

describe("the one issue", () => {
  let setting: Setting;
  let repository: Repository;
  beforeAll(async () => {
    setting = await startSetting();
    ({ repository } = await setting.github.createRepository({
      owner: "acme",
      name: "site",
      files: { a: "a" },
    }));
  });
  afterAll(() => setting.github.close());
  beforeEach(() => repository.issues.clear());

  const client = (permissions: object = { issues: "write" }) => {
    const kind = { kind: "job", repository, account: actionsBot } as const;
    const token = setting.github.tokens.issue({ ...kind, permissions: readPermissions(permissions) });
    const apiUrl = setting.github.apiUrl;
    return createGitHubClient(httpWith(new FakeTime()), { apiUrl, token, owner: "acme", repo: "site" });
  };
  const keep = async (findings: readonly Finding[]) => (await keepIssue(client(), audited(findings))).kind;
  const state = () => [...repository.issues.values()].map((issue) => issue.state);

  it("is opened, written over, closed and opened again; nothing is opened for nothing", async () => {
    expect([await keep([]), state()]).toEqual(["none", []]);
    expect([await keep([finding()]), state()]).toEqual(["opened", ["open"]]);
    expect([await keep([finding({ subject: "https://2.site.pages.dev" })]), state()]).toEqual([
      "updated",
      ["open"],
    ]);
    expect([await keep([]), state()]).toEqual(["closed", ["closed"]]);
    expect([await keep([]), state()]).toEqual(["none", ["closed"]]);
    expect([await keep([finding()]), state()]).toEqual(["reopened", ["open"]]);
  });

  it("is the bot's own: one that imitates it stays as it is", async () => {
    const body = `${issueMarker("site")}\nmine`;
    const mine = { id: 1, number: 1, user: setting.github.store.account("mona"), title: "x", body } as const;
    const times = { createdAt: now, updatedAt: now, closedAt: undefined };
    repository.issues.set(1, { ...mine, ...times, state: "open", stateReason: null, labels: new Set() });
    expect(await keep([finding()])).toBe("opened");
    expect(repository.issues.get(1)?.body).toBe(body);
    expect(repository.issues.size).toBe(2);
  });

  it("is not made twice where the answer is lost", async () => {
    setting.faults.add({
      service: "github",
      method: "POST",
      path: /\/issues$/,
      what: { kind: "drop-after" },
      times: 1,
    });
    expect(await keep([finding()])).toBe("updated");
    expect(repository.issues.size).toBe(1);
  });

  it("waits for GitHub's patience, is done without where issues are off, and names a missing permission", async () => {
    setting.faults.add({ service: "github", method: "POST", what: secondaryRateLimit(30), times: 1 });
    expect(await keep([finding()])).toBe("opened");
    repository.hasIssues = false;
    expect(await keep([finding()])).toBe("off");
    repository.hasIssues = true;
    const refused = await failure(keepIssue(client({ contents: "read" }), audited([finding()])));
    expect(refused.code).toBe("github-permission-missing");
  });

  it("fits GitHub's limit, whatever was found, and obeys nothing of it", async () => {
    const many = Array.from({ length: 2_000 }, (_, index) =>
      finding({ subject: `https://${index}.site.pages.dev`, text: hostile, remedy: hostile }),
    );
    await keep(many);
    const body = [...repository.issues.values()][0]?.body ?? "";
    expect(body.length).toBeLessThanOrEqual(65_536);
    expect(body).toMatch(/and \d+ more in the evidence file/);
    expect(body).not.toMatch(/<img|@acme|`|\]\(|\u202e/);
  });
});

describe("SARIF", () => {
  interface Run {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly level: string;
      readonly message: { readonly text: string };
      readonly partialFingerprints: object;
      readonly locations: readonly [
        { readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } } },
      ];
    }[];
  }
  const runsOf = (found: Audited) => (sarifOf(found, "1.2.3") as { readonly runs: readonly [Run] }).runs;

  it("files each finding under the policy, by severity, with a fingerprint that stays", () => {
    const found = [finding(), finding({ code: "keys-old", severity: "soon", subject: "site" })];
    const [run] = runsOf(audited(found));
    const [other] = runsOf(audited([finding({ text: "Other words." })]));
    expect(run.tool.driver.rules.map(({ id }) => id)).toEqual(["address-open", "keys-old"]);
    expect(run.results.map(({ level }) => level)).toEqual(["error", "note"]);
    expect(run.results[0]?.locations[0].physicalLocation.artifactLocation.uri).toBe("gate.json");
    expect(other.results[0]?.partialFingerprints).toEqual(run.results[0]?.partialFingerprints);
  });

  it("has no more results than are shown, and no text that is a link or a placeholder", () => {
    const many = Array.from({ length: 6_000 }, () => finding({ text: `${hostile} {0}` }));
    const [run] = runsOf(audited(many));
    expect(run.results).toHaveLength(5_000);
    expect(run.results[0]?.message.text).not.toMatch(/[[\]{}\u202e]/);
  });
});

describe("evidence", () => {
  const folder = mkdtempSync(join(tmpdir(), "audit-evidence-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("says of every address and every check what came out, and for which controls", async () => {
    const at = new Date(now).toISOString();
    const seen = [looked({ id: "a" }), looked({ id: "b", verdict: "open", message: hostile })];
    const notChecked = { why: hostile, remedy: "Grant it.", who: "entra" } as const;
    const files = await writeFiles(
      folder,
      audited([finding({ text: hostile })], {
        looked: seen,
        checks: [
          { code: "addresses-closed", subject: "site", at, findings: [finding({ text: hostile })] },
          { code: "host-answers", subject: "acme-sign-in", at, findings: [] },
          { code: "new-check", subject: "gate", at, findings: [], notChecked },
        ],
      }),
      "1.2.3",
      [],
    );
    const json = JSON.parse(readFileSync(files.evidence, "utf8"));
    expect(json.addresses.map((one: { result: string }) => one.result)).toEqual(["closed", "open"]);
    expect(json.checks.map((one: { result: string }) => one.result)).toEqual([
      "finding",
      "as wanted",
      "not checked",
    ]);
    const control = (id: string) => json.controls.find((one: { id: string }) => one.id === id).checks;
    expect(control("CC6.6")).toEqual([{ code: "addresses-closed", result: "finding", at }]);
    expect(control("CC7.2")).toContainEqual({ code: "new-check", result: "not checked", at });
    const markdown =
      readFileSync(files.markdown, "utf8") + summaryMarkdown(audited([finding({ text: hostile })]));
    expect(markdown).not.toMatch(/<img|@acme|`|\]\(|\u202e/);
    expect(JSON.parse(readFileSync(files.findings, "utf8"))).toHaveLength(1);
  });

  it("names SOC 2's and ISO 27001's controls that are asked for, each with a check", () => {
    const named = new Set(Object.values(evidenceFor).flatMap(({ of }) => of));
    expect(Object.keys(controls)).toEqual(
      expect.arrayContaining(["CC6.1", "CC6.2", "CC6.3", "CC6.6", "CC7.2", "A.5.15", "A.8.3", "A.8.16"]),
    );
    expect(Object.keys(controls).filter((id) => !named.has(id as never))).toEqual([]);
  });

  it("has every check on its page", () => {
    const page = readFileSync(join(import.meta.dirname, "../../../../docs/auditing.md"), "utf8");
    expect(Object.keys(evidenceFor).filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
  });

  it("counts the worst of several subjects", () => {
    const at = new Date(now).toISOString();
    const check = (subject: string, findings: readonly Finding[]) => ({
      code: "host-answers",
      subject,
      at,
      findings,
    });
    const rows = controlRows([check("a", []), check("b", [finding()]), check("c", [])]);
    expect(rows.find(({ id }) => id === "CC6.1")?.results).toEqual([
      { code: "host-answers", result: "finding", at },
    ]);
  });
});
