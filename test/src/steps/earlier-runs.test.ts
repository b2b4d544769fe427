import { describe, expect, it } from "vitest";
import type { PagesDeployment } from "../../../src/clients/cloudflare-model.ts";
import { listUpload } from "../../../src/steps/deployed.ts";
import { putAwayEarlier } from "../../../src/steps/earlier-runs.ts";
import type { Bundle, DeployTarget } from "../../../src/steps/types.ts";

const commit = "c".repeat(40);
const target: DeployTarget = {
  project: "site",
  branch: "pr-7",
  productionBranch: "main",
  environment: "preview",
  commit,
  message: "pull request 7",
};
const bundle = { id: "b".repeat(32) } as Bundle;
const ours = `[entra-gate ${bundle.id}] pull request 7`;

function listed(id: string, at: string, changes: { message?: string; branch?: string; hash?: string } = {}) {
  const { message = "[entra-gate x] pull request 7", branch = "pr-7", hash = commit } = changes;
  return {
    id,
    url: `https://${id}.site.pages.dev`,
    environment: "preview",
    created_on: at,
    aliases: [],
    deployment_trigger: { metadata: { branch, commit_hash: hash, commit_message: message } },
  } as PagesDeployment;
}

describe("listUpload", () => {
  it("names what earlier runs made of the same commit, and nothing else", async () => {
    const all = [
      listed("later", "2026-11-25T10:02:00Z"),
      listed("ours", "2026-11-25T10:01:00Z", { message: ours }),
      listed("earlier", "2026-11-25T10:00:00Z"),
      listed("undated", ""),
      listed("of another commit", "2026-11-25T10:00:00Z", { hash: "d".repeat(40) }),
      listed("of another branch", "2026-11-25T10:00:00Z", { branch: "pr-8" }),
      listed("of somebody else", "2026-11-25T10:00:00Z", { message: "by hand" }),
    ];
    const cloudflare = { deployments: async () => all, deleteDeployment: async () => {} };
    const found = await listUpload(bundle, target, 0, { cloudflare, sleep: async () => {} });
    expect(found.ours.map(({ id }) => id)).toEqual(["ours"]);
    expect(found.earlier.map(({ id }) => id)).toEqual(["earlier"]);
  });
});

describe("putAwayEarlier", () => {
  const setting = (attempt: number) => {
    const done: string[] = [];
    const cloudflare = { deleteDeployment: async (_: string, id: string) => done.push(`deleted ${id}`) };
    const github = {
      deploymentsOf: async () => [1, 2],
      setDeploymentStatus: async (id: number, { state }: { state: string }) => done.push(`${id} ${state}`),
    };
    const context = { cloudflare, github, runner: { attempt }, sleep: async () => {} };
    const subject = { project: "site", environment: "preview", commit, runUrl: "" } as const;
    const draft = { subject, githubDeployment: 2, changes: [] };
    return { done, run: (earlier: string[]) => putAwayEarlier(context as never, earlier, draft) };
  };

  it("asks nothing where nothing ran before", async () => {
    const { done, run } = setting(1);
    await run([]);
    expect(done).toEqual([]);
  });

  it("deletes what they deployed and ends their GitHub deployments, not its own", async () => {
    const { done, run } = setting(1);
    await run(["a", "b"]);
    expect(done).toEqual(["deleted a", "deleted b", "1 inactive"]);
  });

  it("looks for GitHub deployments when a run is run again", async () => {
    const { done, run } = setting(2);
    await run([]);
    expect(done).toEqual(["1 inactive"]);
  });
});
