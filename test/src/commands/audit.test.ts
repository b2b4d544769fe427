import { existsSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { scheduleEvent } from "../../../local/github/index.ts";
import { runAudit } from "../../../src/commands/audit.ts";
import { start } from "../../../src/start.ts";
import { type Stage, startStage } from "../stage.ts";
import { failure } from "../support.ts";

let stage: Stage;
const issues = () => [...stage.repository.issues.values()];

beforeAll(async () => {
  stage = await startStage();
  await stage.cloudflareProject("site");
  stage.cloudflare.seed("site", [{ branch: "one", answer: (_, response) => response.end("hello") }]);
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.faults.clear();
  stage.repository.issues.clear();
});

/** In a repository that only uses a sign-in host, of which there is none yet. */
async function run(inputs: Readonly<Record<string, string>> = {}) {
  const { repository } = stage;
  const event = await scheduleEvent(repository, "17 5 * * *", repository.owner);
  const { context, log } = stage.context({
    ...stage.eventRun(event),
    "INPUT_SIGN-IN-HOST": "use",
    ...inputs,
  });
  return { error: await failure(runAudit(context)), log, context };
}

it("reports everywhere what it found, then fails", async () => {
  const { error, context } = await run();
  expect(error.code).toBe("audit-found");
  expect(error.detail).toContain("address-open: ");
  expect(error.detail).toContain("host-silent: acme-sign-in");
  const { outputs } = stage;
  expect(outputs).toMatchObject({ open: "2", unproven: "0", deleted: "0" });
  const paths = ["evidence-path", "evidence-markdown-path", "findings-path", "sarif-path"];
  expect(paths.filter((name) => !existsSync(outputs[name] ?? ""))).toEqual([]);
  expect(JSON.parse(readFileSync(outputs["evidence-path"] ?? "", "utf8")).result).toContain("2 open");
  expect(outputs["summary"]).toContain("audit");
  expect(issues().map(({ state }) => state)).toEqual(["open"]);
  expect(context.trail.events).toMatchObject([{ status_code: "audit-found" }]);
});

it("still fails for what it found where the issue can't be written, and says so", async () => {
  stage.faults.add({
    service: "github",
    method: "POST",
    path: /\/issues$/,
    what: { kind: "answer", status: 403, body: '{"message":"Resource not accessible by integration"}' },
  });
  const { error, log } = await run();
  expect([error.code, issues()]).toEqual(["audit-found", []]);
  expect(log.lines.filter(({ level }) => level === "warning").map(({ text }) => text)).toEqual([
    expect.stringContaining("github-permission-missing"),
  ]);
});

it("keeps an issue, evidence and SARIF for each of several sites, the SARIF files in one folder", async () => {
  const event = await scheduleEvent(stage.repository, "17 5 * * *", stage.repository.owner);
  const { "INPUT_PROJECT-NAME": _, ...rest } = stage.eventRun(event);
  await stage.cloudflareProject("other");
  const { around } = stage.surroundings({
    ...rest,
    INPUT_PROJECTS: "site: .\nother: .",
    "INPUT_SIGN-IN-HOST": "use",
  });
  const error = await failure(start(around));
  expect(error.detail).toBe("site: audit-found\nother: audit-found");
  const sarif = (stage.outputs["sarif-path"] ?? "").split("\n");
  expect(sarif.map((path) => basename(path))).toEqual(["site.sarif", "other.sarif"]);
  expect(new Set(sarif.map((path) => dirname(path))).size).toBe(1);
  expect(issues().map(({ title }) => title)).toEqual([
    "Entra Gate: audit of site",
    "Entra Gate: audit of other",
  ]);
});

it("takes nothing but true and false for what it may delete", async () => {
  expect((await run({ "INPUT_DELETE-UNGATED": "yes" })).error.code).toBe("inputs-invalid");
});
