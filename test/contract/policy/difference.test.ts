import { describe, expect, it } from "vitest";
import { policyDifference } from "../../../contract/policy/difference.ts";
import { parsePolicy } from "../../../contract/policy/parse.ts";

const reviewers = "b3d5a1f0-6c2e-4f7a-8e19-2a4c6d8f0b11";
const base = {
  groups: { reviewers },
  roles: ["Site.Admin"],
  preview: {
    rules: [
      { path: "/admin/*", allow: { roles: ["Site.Admin"] } },
      { path: "/*", allow: { groups: ["reviewers"] } },
    ],
  },
  production: { rules: [{ path: "/*", allow: "members" }] },
};

function policyOf(json: object) {
  const parsed = parsePolicy(json);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

const between = (after: object) => policyDifference(policyOf(base), policyOf({ ...base, ...after }));

describe("the difference between two policies", () => {
  it("is nothing where they mean the same, however they are written", async () => {
    const preview = {
      rules: [
        { path: "/admin/*", allow: { roles: ["Site.Admin"] } },
        { path: "/docs/*", allow: { groups: ["reviewers"] } },
        { path: "/*", allow: { groups: ["reviewers"] } },
      ],
    };
    expect(await between({ preview })).toEqual({ rules: [], entra: [] });
  });

  it("tells what opens first", async () => {
    const preview = {
      rules: [
        { path: "/admin/*", allow: "members" },
        { path: "/docs/*", allow: "anyone" },
        { path: "/*", allow: { groups: ["reviewers"] } },
      ],
    };
    const { rules } = await between({ preview });
    expect(rules).toEqual([
      "/docs/* in preview: for anyone; it was for group reviewers",
      "/admin/* in preview: for members; it was for role Site.Admin",
    ]);
  });

  it("puts what closes below what opens, whatever groups are called", async () => {
    const groups = { report: reviewers };
    const open = { path: "/a/*", allow: "anyone" };
    const before = policyOf({ groups, preview: { rules: [open, { path: "/*", allow: "members" }] } });
    const after = policyOf({
      groups,
      preview: {
        rules: [
          { path: "/a/*", allow: { groups: ["report"] } },
          { path: "/b/*", allow: "anyone" },
          { path: "/*", allow: "members" },
        ],
      },
    });
    expect((await policyDifference(before, after)).rules).toEqual([
      "/b/* in preview: for anyone; it was for members",
      "/a/* in preview: for group report; it was for anyone",
    ]);
  });

  it("sees a rule that is hidden by one put above it", async () => {
    const preview = { rules: [{ path: "/*", allow: { groups: ["reviewers"] } }] };
    expect((await between({ preview })).rules).toEqual([
      "/admin/* in preview: for group reviewers; it was for role Site.Admin",
    ]);
  });

  it.each([
    [{ production: "open" }, /^production is not gated/],
    [{ production: { mode: "report", rules: base.production.rules } }, /^production only reports/],
    [{ preview: { ...base.preview, expires: "14d" } }, /expire after 14d/],
    [{ session: { recheck: "5m" } }, /^session\.recheck is 5m; it was 1h/],
    [
      { groups: { reviewers: "c7e9f2a4-1b3d-4c5e-9f60-8d7b6a5c4e22" } },
      /^the group name reviewers stands for c7e9/,
    ],
    [
      { production: { rules: [{ path: "/*", allow: "members", signedInWithin: "15m", authContext: "c1" }] } },
      /for members, signed in within 15m, having met c1; it was for members$/,
    ],
    [
      {
        production: {
          rules: [
            {
              path: "/*",
              allow: "members",
              cors: { origins: ["https://app.example"], credentials: true },
            },
          ],
        },
      },
      /by scripts of https:\/\/app\.example with the visitor's session; it was for members$/,
    ],
  ])("tells %j", async (after, expected) => {
    expect((await between(after)).rules.join("\n")).toMatch(expected);
  });

  it("tells what would be changed in Entra", async () => {
    expect((await between({ roles: ["Site.Admin", "Docs.Reader"] })).entra).toEqual([
      "app role Docs.Reader is added",
    ]);
    const { entra } = await policyDifference(
      policyOf({ ...base, groups: {}, preview: { rules: [] } }),
      policyOf(base),
    );
    expect(entra).toEqual(["group claims are asked for"]);
  });
});
