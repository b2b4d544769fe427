import { describe, expect, it } from "vitest";
import { compilePolicy } from "../../../../contract/policy/compile.ts";
import { parsePolicy } from "../../../../contract/policy/parse.ts";
import type { PagesDeployment, Project } from "../../../../src/clients/cloudflare-model.ts";
import { targetsOf } from "../../../../src/steps/audit/targets.ts";

async function policies(json: object) {
  const parsed = parsePolicy(json);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return {
    preview: await compilePolicy(parsed.policy, "preview"),
    production: await compilePolicy(parsed.policy, "production"),
  };
}
const members = { rules: [{ path: "/*", allow: "members" }] };
const project = {
  subdomain: "site.pages.dev",
  domains: ["site.pages.dev", "www.example.org"],
} as unknown as Project;
const deployment = (changes: Partial<PagesDeployment>): PagesDeployment => ({
  id: "1",
  url: "https://1.site.pages.dev",
  environment: "preview",
  created_on: "2026-11-01T00:00:00Z",
  aliases: [],
  ...changes,
});
const message = (text: string) => ({ metadata: { branch: "pr-1", commit_hash: "", commit_message: text } });

describe("what is looked at", () => {
  it("is every domain, every deployment and every alias, each once", async () => {
    const bundle = "0".repeat(32);
    const targets = targetsOf(
      project,
      [
        deployment({
          aliases: ["https://pr-1.site.pages.dev"],
          deployment_trigger: message(`[entra-gate ${bundle}] x`),
        }),
        deployment({
          id: "2",
          url: "https://2.site.pages.dev",
          environment: "production",
          deployment_trigger: message("x [entra-gate y]"),
        }),
        deployment({
          id: "3",
          url: "https://3.site.pages.dev",
          latest_stage: { name: "deploy", status: "failure" },
        }),
      ],
      await policies({ preview: members, production: members }),
    );
    expect(targets.map(({ origin, kind, expected }) => [origin, kind, expected.environment])).toEqual([
      ["https://site.pages.dev", "domain", "production"],
      ["https://www.example.org", "domain", "production"],
      ["https://1.site.pages.dev", "deployment", "preview"],
      ["https://pr-1.site.pages.dev", "alias", "preview"],
      ["https://2.site.pages.dev", "deployment", "production"],
      ["https://3.site.pages.dev", "deployment", "preview"],
    ]);
    expect(targets.map(({ expected }) => expected.bundle)).toMatchObject({
      2: bundle,
      4: undefined,
      5: undefined,
    });
    expect(targets.map(({ expected }) => expected.mayBeEmpty)).toMatchObject({ 2: undefined, 5: true });
  });

  it("is asked at paths that nobody may see, the root first; at none where everybody may see all", async () => {
    const asked = async (json: object) => {
      const { preview, production } = await policies(json);
      const [domain, own] = targetsOf(project, [deployment({})], { preview, production }).filter(
        ({ origin }) => !origin.includes("www"),
      );
      return [domain?.expected.paths, own?.expected.paths];
    };
    const [production, preview] = await asked({
      preview: {
        rules: [
          { path: "/", allow: "anyone" },
          { path: "/assets/*", allow: "anyone" },
          { path: "/admin/*", allow: "members" },
        ],
      },
      production: "open",
    });
    expect(production).toEqual([]);
    expect(preview).toEqual([
      expect.stringMatching(/^\/admin\/entra-gate-probe-[0-9a-f]{8}$/),
      expect.stringMatching(/^\/entra-gate-probe-[0-9a-f]{8}$/),
    ]);
    expect((await asked({ preview: members, production: members }))[0]).toEqual([
      "/",
      expect.stringMatching(/^\/assets\//),
    ]);
    expect((await asked({ preview: { mode: "report", ...members } }))[1]).toEqual([]);
  });
});
