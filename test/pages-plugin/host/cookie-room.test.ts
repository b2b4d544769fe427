import fc from "fast-check";
import { expect, test } from "vitest";
import { compilePolicy } from "../../../contract/policy/compile.ts";
import { ticketRoom } from "../../../contract/policy/cookie-room.ts";
import { entryOf } from "../../../contract/policy/entry.ts";
import { parsePolicy } from "../../../contract/policy/parse.ts";
import { reviewer } from "./support/provider.ts";
import { authorizeUrl, Browser, codeOf, createWorld, formOf, rowWith, verifier } from "./support/world.ts";

const id = (index: number) => `9b000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
const others = Array.from({ length: 250 }, (_, index) => id(1000 + index));
/** Four bytes of UTF-8 each, and as many as are kept of a name. */
const longName = "\u{1f6a2}".repeat(100);

/** A policy that names so many groups, and roles of these lengths while there is room for them. */
function policyOf(groups: number, lengths: readonly number[]) {
  let room = ticketRoom - groups * 39;
  const roles = lengths.flatMap((length, index) => {
    const role = `R${index}.`.padEnd(length, "x");
    room -= role.length + 3;
    return room < 0 ? [] : [role];
  });
  const names = Array.from({ length: groups }, (_, index) => `g${index}`);
  const json = {
    groups: Object.fromEntries(names.map((name, index) => [name, id(index)])),
    roles,
    preview: { rules: [{ path: "/a/*", allow: { groups: names, roles: roles.slice(0, 3) } }] },
    production: { rules: [{ path: "/*", allow: { groups: names.slice(0, 1), roles } }] },
  };
  const { preview, production } = json;
  const kept = [preview, production].map(({ rules }) => ({
    rules: rules.filter(({ allow }) => allow.groups.length + allow.roles.length > 0),
  }));
  const parsed = parsePolicy({ ...json, preview: kept[0], production: kept[1] });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return { policy: parsed.policy, roles };
}

test("oauth2-proxy#1902: whoever is in everything that a policy may name gets in, by cookies that browsers keep", async () => {
  const world = await createWorld();
  const cases = fc.tuple(
    fc.integer({ min: 0, max: 50 }),
    fc.array(fc.integer({ min: 5, max: 120 }), { maxLength: 200 }),
  );
  const property = fc.asyncProperty(cases, async ([groups, lengths]) => {
    const { policy, roles } = policyOf(groups, lengths);
    if (groups + roles.length === 0) return;
    const [preview, production] = await Promise.all(
      (["preview", "production"] as const).map(async (environment) =>
        entryOf(await compilePolicy(policy, environment)),
      ),
    );
    if (preview === undefined || production === undefined) return;
    world.rows = [rowWith({ entries: { preview, production } })];
    world.clock.now += 61_000;
    const all = [...Array.from({ length: groups }, (_, index) => id(index)), ...others];
    world.provider.visitor = {
      ...{ oid: reviewer.oid, name: longName, acct: 0, hasgroups: true, roles },
      login_hint: `O.${"x".repeat(390)}`,
    };
    world.provider.answerGraph = () => Response.json({ value: all });
    for (const [environment, origin] of [
      ["preview", "http://a1b2c3d4e5f6.demo.localhost:8788"],
      ["production", "https://www.example.com"],
    ] as const) {
      const browser = new Browser(world);
      const answer = await browser.signIn(await authorizeUrl({ origin }, environment));
      const form = await formOf(answer);
      const named = environment === "preview" ? preview : production;
      if (named.groups.length + named.roles.length === 0) continue;
      expect([codeOf(answer), form === undefined]).toEqual([null, false]);
      const claims = JSON.parse(Buffer.from(form?.ticket.split(".")[1] ?? "", "base64url").toString());
      expect([claims.groups.length, claims.roles.length]).toEqual([named.groups.length, named.roles.length]);
      const session = `__Host-entra-gate-session=${form?.ticket}.${verifier}`;
      expect(session.length).toBeLessThanOrEqual(4096);
      for (const [name, value] of browser.cookies) expect(name.length + value.length).toBeLessThan(4096);
    }
  });
  await fc.assert(property, {
    numRuns: 20,
    examples: [[[50, [10, 10, 10]]], [[0, new Array(200).fill(7)]], [[0, new Array(20).fill(120)]]],
  });
}, 60_000);

test("a policy that names more is refused as a whole", () => {
  const rules = (roles: string[]) => ({ roles, preview: { rules: [{ path: "/*", allow: { roles } }] } });
  const long = Array.from({ length: 17 }, (_, index) => `R${index}`.padEnd(120, "x"));
  expect(parsePolicy(rules(long.slice(1))).ok).toBe(true);
  const result = parsePolicy(rules(long));
  expect(result).toMatchObject({ ok: false, problems: [{ place: "" }] });
});
