import { describe, expect, it } from "vitest";
import { compilePolicy } from "../../../../contract/policy/compile.ts";
import { parsePolicy } from "../../../../contract/policy/parse.ts";
import { addressChecks } from "../../../../src/steps/audit/addresses.ts";
import { type AgeFacts, ageChecks } from "../../../../src/steps/audit/ages.ts";
import type { Looked } from "../../../../src/steps/audit/look-at-all.ts";
import { looked, now, type Wanted } from "./fixtures.ts";

const at = new Date(now).toISOString();

describe("the checks of addresses", () => {
  const check = (wanted: readonly Wanted[], complete = true) =>
    addressChecks({
      project: "site",
      listed: { deployments: [], complete },
      looked: wanted.map(looked),
      live: "live",
      at,
    }).flatMap(({ findings }) => findings);

  it("find what is open and what is not proved, and nothing else", () => {
    const found = check([
      { id: "a" },
      { id: "b", verdict: "open" },
      { id: "c", verdict: "unproven" },
      { id: "d", verdict: "public" },
      { id: "e", verdict: "nothing" },
    ]);
    expect(found.map(({ code, severity, subject }) => [code, severity, subject])).toEqual([
      ["address-open", "open", "https://b.site.pages.dev"],
      ["address-unproven", "wrong", "https://c.site.pages.dev"],
    ]);
  });

  it("know that the live production deployment can't be deleted, and what to do instead", () => {
    const [live, other] = check([
      { id: "live", verdict: "open", environment: "production" },
      { id: "b", verdict: "open" },
    ]);
    expect(live?.remedy).toContain("can't be deleted");
    expect(live?.remedy).not.toContain("delete-ungated");
    expect(other?.remedy).toContain("delete-ungated: true");
  });

  it("say that a deployment may have been missed", () => {
    expect(check([], false).map(({ code }) => code)).toEqual(["list-incomplete"]);
  });
});

describe("the checks of ages", async () => {
  const policyOf = async (json: object) => {
    const parsed = parsePolicy(json);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    return {
      preview: await compilePolicy(parsed.policy, "preview"),
      production: await compilePolicy(parsed.policy, "production"),
    };
  };
  const rules = [{ path: "/*", allow: "members" }];
  const policies = await policyOf({ preview: { expires: "14d", rules }, production: { rules } });
  const current = { policy: policies.preview.digest, version: "2.0.0" };
  const codes = (all: readonly Looked[], changes: Partial<AgeFacts> = {}) =>
    ageChecks({
      project: "site",
      policies,
      looked: all,
      live: "live",
      version: "2.0.0",
      signingKey: "20261120_A1B2C3",
      now,
      ...changes,
    }).flatMap(({ findings }) => findings.map(({ code, text }) => `${code}: ${text}`));
  const one = (wanted: Partial<Wanted>) => looked({ id: "a", gate: current, ...wanted });

  it("find nothing where all is as a deployment of today would be", () => {
    expect(codes([one({}), one({ id: "live", environment: "production" })])).toEqual([]);
  });

  it.each<[string, Looked, string]>([
    ["an older policy", one({ gate: { ...current, policy: "old" } }), "policy-old"],
    [
      "an older policy in the live production",
      one({ id: "live", gate: { ...current, policy: "old" } }),
      "live-policy-old",
    ],
    ["another gate", one({ gate: { ...current, version: "1.0.0" } }), "gate-old"],
    ["older keys", one({ age: 6 }), "keys-old"],
    ["a gate of its own", one({ message: "push" }), "not-wrapped"],
  ])("find %s", (_, seen, code) => {
    expect(codes([seen]).map((text) => text.split(":")[0])).toEqual([code]);
  });

  it("find a preview that is older than the policy allows, whatever its gate says", () => {
    expect(codes([one({ age: 15 })], { signingKey: undefined })).toEqual([
      expect.stringMatching(/^preview-expired: .*\(1\): https:\/\/a\.site\.pages\.dev\.$/),
    ]);
    expect(codes([one({ age: 15, environment: "production" })], { signingKey: undefined })).toEqual([]);
  });

  it("name five of many, and how many there are", () => {
    const many = Array.from({ length: 12 }, (_, index) => one({ id: `d${index}`, age: 6 }));
    expect(codes(many)).toEqual([expect.stringMatching(/\(12\): .*d4\.site\.pages\.dev and 7 more\.$/)]);
  });

  it("say loudly that an environment only reports", async () => {
    const reporting = await policyOf({ preview: { mode: "report", rules }, production: { rules } });
    expect(codes([], { policies: reporting }).map((text) => text.split(":")[0])).toEqual(["report-mode"]);
  });
});
