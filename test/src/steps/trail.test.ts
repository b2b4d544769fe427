import { afterAll, beforeAll, expect, it } from "vitest";
import type { AuditEvent } from "../../../contract/audit/model.ts";
import { schemaVersions } from "../../../contract/sites/row.ts";
import type { ActionContext } from "../../../src/context.ts";
import { migrate } from "../../../src/steps/site-row.ts";
import { createTrail } from "../../../src/steps/trail.ts";
import { type Stage, startStage } from "../stage.ts";

let stage: Stage;
let context: ActionContext;
let database: string;
beforeAll(async () => {
  stage = await startStage();
  ({ context } = stage.context({ ...(await stage.buildRun({})), GITHUB_ACTOR: "octocat" }));
  database = (await context.cloudflare.createDatabase("trail")).uuid;
  await migrate(context.cloudflare, database);
});
afterAll(() => stage.close());

const rows = async () =>
  (await context.cloudflare.query(database, "SELECT event, project FROM audit_events ORDER BY id")).map(
    (row) => ({ project: row["project"], event: JSON.parse(String(row["event"])) as AuditEvent }),
  );

it("says who changed what: repository, run and GitHub login", async () => {
  const { trail, cloudflare, runner } = context;
  trail.add({
    activity: "create",
    entity: { type: "deployment", uid: "d1", name: "https://abc.site.pages.dev" },
    project: "site",
    origins: ["https://abc.site.pages.dev"],
    about: { environment: "preview", commit: "c".repeat(40), pullRequest: 7 },
  });
  await trail.write(cloudflare);
  expect(await rows()).toEqual([]);
  trail.belongsInto(database);
  await trail.write(cloudflare);
  const [row] = await rows();
  expect(row).toMatchObject({
    project: "site",
    event: {
      type_uid: 300_401,
      status_code: "created",
      actor: { app_uid: context.inputs.clientId, user: { name: "octocat" } },
      unmapped: { repository: "acme/site", run: runner.runUrl, pull_request: 7, commit: "c".repeat(40) },
    },
  });
});

it("writes each event once, also where an answer was lost, and goes on with what is new", async () => {
  const { cloudflare } = context;
  let lose = true;
  const losing = {
    query: async (...call: Parameters<typeof cloudflare.query>) => {
      const answer = await cloudflare.query(...call);
      if (lose) throw new Error("the answer was lost");
      return answer;
    },
  };
  const before = (await rows()).length;
  const trail = createTrail({ app: "a" }, () => 1_700_000_000_000);
  trail.belongsInto(database);
  const entity = { type: "site", uid: "site" } as const;
  trail.add({ activity: "update", entity });
  trail.add({ activity: "update", entity, failure: "cloudflare-request-refused" });
  await expect(trail.write(losing)).rejects.toThrow("lost");
  lose = false;
  await trail.write(losing);
  await trail.write(losing);
  trail.add({ activity: "delete", entity });
  await trail.write(losing);
  const codes = (await rows()).slice(before).map(({ event }) => event["status_code"]);
  expect(codes).toEqual(["updated", "cloudflare-request-refused", "deleted"]);
});

it("writes many in several calls, since one parameter takes only so much", async () => {
  const sizes: number[] = [];
  const query = async (_: string, __: string, [json = ""]: readonly string[] = []) => {
    sizes.push((JSON.parse(json) as unknown[]).length);
    return [];
  };
  const trail = createTrail({ app: "a" }, () => 1_700_000_000_000);
  trail.belongsInto(database);
  for (let count = 0; count < 1_200; count += 1)
    trail.add({ activity: "delete", entity: { type: "deployment", uid: String(count) } });
  await trail.write({ query });
  await trail.write({ query });
  expect(sizes).toEqual([500, 500, 200]);
});

it("a database of the first version is brought to the newest one, and asked for nothing twice", async () => {
  const { cloudflare } = context;
  const old = (await cloudflare.createDatabase("old")).uuid;
  for (const statement of schemaVersions[0] ?? []) await cloudflare.query(old, statement);
  await cloudflare.query(old, "INSERT INTO audit_events (event) VALUES (?1)", ['{"time":1}']);
  const calls = () => stage.log.count("cloudflare", ({ path }) => path.includes(old));
  await migrate(cloudflare, old);
  const before = calls();
  await migrate(cloudflare, old);
  expect(calls() - before).toBe(2);
  const [count] = await cloudflare.query(old, "SELECT count(*) AS n FROM audit_events");
  const [version] = await cloudflare.query(old, "SELECT max(version) AS n FROM gate_schema");
  const indexes = await cloudflare.query(
    old,
    "SELECT name FROM sqlite_schema WHERE type = 'index' AND name LIKE 'audit_events_%'",
  );
  expect([count?.["n"], version?.["n"], indexes.length]).toEqual([1, schemaVersions.length, 8]);
});
