import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromBufferPromise } from "yauzl";
import {
  type RunResult,
  type StepResult,
  scheduleEvent,
  workflowDispatchEvent,
} from "../../local/github/index.ts";
import { demo } from "../../local/world/demo.ts";
import { evidenceFor } from "../../src/steps/audit/controls.ts";
import { addresses, type Company, living, runLimit, startCompany, withoutDelays } from "./company.ts";
import { smallRepository } from "./small-site.ts";
import { untriedCalls } from "./untried-calls.ts";

const nonce = `audit-${Date.now().toString(36)}`;
const workflow = ".github/workflows/entra-gate-audit.yml";
const file = readFileSync(join(import.meta.dirname, "..", "..", "examples", "demo", workflow));
const cron = "17 5 * * *";

interface Audit {
  readonly run: RunResult | undefined;
  readonly step: StepResult | undefined;
  readonly errors: readonly (string | undefined)[];
}

let company: Company;
let found: Audit;
let deleted: Audit;
let clean: Audit;
let open: { readonly shortId: string; readonly origin: string };
const repository = () => company.world.demo.repository;

function auditOf([run]: readonly RunResult[]): Audit {
  const step = run?.jobs[0]?.steps.find(({ id }) => id === "audit");
  const errors = (step?.annotations ?? []).filter(({ level }) => level === "error");
  return { run, step, errors: errors.map(({ properties }) => properties["title"]) };
}
async function scheduled(): Promise<Audit> {
  const { world } = company;
  return auditOf(await world.runner.run([await scheduleEvent(repository(), cron, repository().owner)]));
}
const issueTexts: { state: string; body: string | null }[] = [];
const noteIssue = () => issueTexts.push({ ...(issues()[0] as (typeof issueTexts)[number]) });
const issues = () => [...repository().issues.values()];

/** A file of what a run uploaded, the first run's at 0. */
async function fileOf(run: number, name: string): Promise<string> {
  const artifact = repository().artifacts.filter((one) => one.name === "entra-gate-audit")[run];
  const zip = await fromBufferPromise(Buffer.from(artifact?.zip ?? []));
  for await (const entry of zip.eachEntry())
    if (entry.fileName.endsWith(name)) return text(await zip.openReadStreamPromise(entry));
  throw new RangeError(`no ${name}`);
}

/** What stands in the host's database about checks of the site: success or failure, and why. */
async function readings() {
  const { results } = await company.world.cloudflare.sql(
    demo.signInHostProject,
    "SELECT event FROM audit_events ORDER BY time",
  );
  const events = (results as { event: string }[]).map(({ event }) => JSON.parse(event));
  return events
    .filter(({ entity, activity_id: activity }) => entity?.type === "site" && activity === 2)
    .map(({ status_id: status, status_code: code }) => [status, code]);
}

beforeAll(async () => {
  company = await startCompany(nonce);
  const { world } = company;
  withoutDelays(world);
  const files = { ...(await smallRepository(nonce)), [workflow]: file };
  const first = await company.push({ branch: "main", files, wholeTree: true });
  expect(first.gate?.conclusion, first.gate?.log).toBe("success");
  world.cloudflare.seed(demo.project, [
    { branch: "feature", answer: (_, response) => response.end(`<p>open ${nonce}</p>`) },
  ]);
  const shortId = world.cloudflare.deployments(demo.project).at(-1)?.shortId ?? "";
  open = { shortId, origin: addresses(world).deployment(shortId) };
  found = await scheduled();
  noteIssue();
  const dispatched = await workflowDispatchEvent(world.github, repository(), {
    path: workflow,
    ref: "refs/heads/main",
    inputs: { "delete-ungated": true },
    actor: repository().owner,
  });
  deleted = auditOf(await world.runner.run([dispatched]));
  noteIssue();
  clean = await scheduled();
  noteIssue();
}, 3 * runLimit);
afterAll(() => company?.close());

describe("an audit on schedule, with one open deployment among gated ones", () => {
  it("fails, and names its address and its branch's", () => {
    expect([found.step?.conclusion, found.step?.exitCode]).toEqual(["failure", 1]);
    expect(found.errors).toContain("Entra Gate: audit-found");
    expect(found.step?.outputs).toMatchObject({ closed: "2", open: "2", unproven: "0", deleted: "0" });
    const named = found.step?.annotations.find(({ message }) => message.includes("address-open"))?.message;
    expect(named).toContain(`address-open: ${open.origin}:`);
    expect(named).not.toContain(addresses(company.world).production);
  });

  it("opens one issue, as the job's own account", () => {
    expect(found.step?.outputs["issue-url"]).toMatch(/\/acme\/harbour\/issues\/\d+$/);
    expect(issues().map(({ user, title }) => [user.login, title])).toEqual([
      ["github-actions[bot]", "Entra Gate: audit of harbour"],
    ]);
    expect(issueTexts[0]).toMatchObject({ state: "open", body: expect.stringContaining("address&#45;open") });
  });

  it("hands its findings to code scanning, in a form that it takes", () => {
    const [first] = repository().codeScanning;
    expect(first?.ref).toBe("refs/heads/main");
    expect(first?.sarif.runs[0]?.results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ["address-open", "error"],
      ["address-open", "error"],
    ]);
    expect(first?.sarif.runs[0]?.results[0]?.message.text).toContain(open.origin);
  });

  it("uploads evidence with every address, and the controls that it is for", async () => {
    const evidence = JSON.parse(await fileOf(0, "evidence.json"));
    expect(evidence.addresses.map((one: { result: string }) => one.result).toSorted()).toEqual([
      "closed",
      "closed",
      "open",
      "open",
    ]);
    const boundary = evidence.controls.find(({ id }: { id: string }) => id === "CC6.6");
    expect(boundary.checks).toContainEqual(
      expect.objectContaining({ code: "addresses-closed", result: "finding" }),
    );
    const checks = evidence.checks.map(({ code }: { code: string }) => code);
    expect(new Set(checks)).toEqual(new Set(Object.keys(evidenceFor)));
    expect(await fileOf(0, "evidence.md")).toContain("| ISO 27001:2022 | A.8.3 |");
  });

  it("tells the sign-in host's audit page", async () => {
    expect(await readings()).toEqual([
      [2, "audit-found"],
      [1, "read"],
      [1, "read"],
    ]);
  });
});

describe("an audit by hand that may delete", () => {
  it("deletes what is open, asks until it shows nothing, and succeeds", () => {
    expect([deleted.step?.conclusion, deleted.errors], deleted.step?.log).toEqual(["success", []]);
    expect(deleted.step?.outputs).toMatchObject({ closed: "2", open: "0", deleted: "1" });
    expect(living(company.world).map(({ shortId }) => shortId)).not.toContain(open.shortId);
    expect(issueTexts[1]).toMatchObject({
      state: "open",
      body: expect.stringContaining("deleted by this run"),
    });
  });

  it("has the issue closed by the next run, which finds nothing", () => {
    expect([clean.step?.conclusion, clean.errors]).toEqual(["success", []]);
    expect(issueTexts[2]).toMatchObject({ state: "closed" });
    expect(issues()).toHaveLength(1);
    expect(repository().codeScanning.at(-1)?.sarif.runs[0]?.results).toEqual([]);
  });
});

it("makes no call at which no fault is tried", () => {
  expect(untriedCalls(company.world.log.calls)).toEqual([]);
});
