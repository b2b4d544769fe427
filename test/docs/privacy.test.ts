import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { authenticationEvent } from "../../contract/audit/events.ts";
import { insertNewEvents } from "../../contract/audit/queries.ts";
import { databaseSchema } from "../../contract/sites/row.ts";
import { type Cloudflare, call, start, wrangler } from "../local/cloudflare/fixtures.ts";

const page = readFileSync("docs/privacy.md", "utf8");
const tid = "11111111-1111-4111-8111-111111111111";
const personOf = (index: number) => `00000000-0000-4000-8000-00000000000${index}`;

let cloudflare: Cloudflare;
let uuid: string;
beforeAll(async () => {
  cloudflare = await start();
  uuid = (await call(cloudflare, "POST", "d1/database", { name: "acme-sign-in" })).result.uuid;
  await call(cloudflare, "POST", `d1/database/${uuid}/query`, { sql: databaseSchema.join(";\n") });
  const events = [1, 1, 2].map((person, index) =>
    authenticationEvent({
      context: { role: "host", version: "1.0.0", project: "demo" },
      time: 1_700_000_000_000 + index,
      uid: `u${index}`,
      activity: "ticket",
      success: true,
      code: "admitted",
      service: "https://pr-7.demo.pages.dev",
      visitor: { kind: "user", tid, oid: personOf(person), name: `Person ${person}` },
    }),
  );
  const params = [JSON.stringify(events)];
  await call(cloudflare, "POST", `d1/database/${uuid}/query`, { sql: insertNewEvents, params });
});
afterAll(() => cloudflare?.close());

it("erases a person by the command that docs/privacy.md gives, with the real wrangler", async () => {
  const [, statement = ""] = /```sql\n(DELETE [^`]+;)\n```/.exec(page) ?? [];
  const [, command = ""] = /```sh\nnpx wrangler ([^`]+)\n```/.exec(page) ?? [];
  const sql = statement.replace("<object id>", personOf(1)).replace("<tenant id>", tid);
  const words = command
    .replace("<sign-in host's project>", "acme-sign-in")
    .replace('"DELETE …"', "STATEMENT")
    .split(" ")
    .map((word) => (word === "STATEMENT" ? sql : word));
  expect(words).toEqual(["d1", "execute", "acme-sign-in", "--remote", "--command", sql]);
  const run = await wrangler(cloudflare, words);
  expect(run.code, run.output).toBe(0);
  const select = { sql: "SELECT oid FROM audit_events" };
  const { result } = await call(cloudflare, "POST", `d1/database/${uuid}/query`, select);
  expect(result[0].results).toEqual([{ oid: personOf(2) }]);
});
