import { describe, expect, it } from "vitest";
import type { Project } from "../../../src/clients/cloudflare-model.ts";
import { ActionError } from "../../../src/errors.ts";
import { alignProject, requireClosedPreviews, settingsPatch } from "../../../src/steps/preflight.ts";
import { failure } from "../support.ts";

const date = "2026-11-01";
const closed = { fail_open: false, compatibility_date: date };
const project = (changes: Partial<Project> = {}): Project => ({
  name: "site",
  subdomain: "site.pages.dev",
  domains: [],
  production_branch: "main",
  deployment_configs: { preview: closed, production: closed },
  ...changes,
});
const git = (config: NonNullable<NonNullable<Project["source"]>["config"]>) => ({
  source: { type: "github", config },
});
const wanted = { productionGated: true, ownBuilds: "refuse", compatibilityDate: date } as const;
const takeOver = { ...wanted, ownBuilds: "take-over" } as const;

function code(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof ActionError ? error.code : String(error);
  }
}

describe("settingsPatch", () => {
  it("has nothing to say of a closed project", () => {
    expect(settingsPatch(project(), wanted)).toBeUndefined();
    const off = { preview_deployment_setting: "none", production_deployments_enabled: false };
    expect(settingsPatch(project(git(off)), wanted)).toBeUndefined();
  });

  it("closes what fails open, also where Cloudflare does not say so", () => {
    const configs = { preview: { ...closed, fail_open: true }, production: { compatibility_date: date } };
    expect(settingsPatch(project({ deployment_configs: configs }), wanted)).toEqual({
      deployment_configs: { preview: { fail_open: false }, production: { fail_open: false } },
    });
  });

  it("leaves an open production's quota alone", () => {
    const configs = { preview: closed, production: { ...closed, fail_open: true } };
    const open = { ...wanted, productionGated: false };
    expect(settingsPatch(project({ deployment_configs: configs }), open)).toBeUndefined();
  });

  it("switches Cloudflare's own builds off where they are to be taken over, and only there", () => {
    const built = project(git({ preview_deployment_setting: "all" }));
    expect(settingsPatch(built, wanted)).toBeUndefined();
    expect(settingsPatch(built, { ...takeOver, productionGated: false })).toEqual(
      settingsPatch(built, takeOver),
    );
    expect(settingsPatch(built, takeOver)).toEqual({
      source: {
        type: "github",
        config: { preview_deployment_setting: "none", production_deployments_enabled: false },
      },
    });
  });
});

describe("requireClosedPreviews", () => {
  it.each([
    ["a closed project", {}, undefined],
    [
      "fail_open",
      { deployment_configs: { preview: { fail_open: true }, production: closed } },
      "project-fails-open",
    ],
    ["fail_open unsaid", { deployment_configs: { preview: {}, production: closed } }, "project-fails-open"],
    ["own builds", git({ preview_deployment_setting: "custom" }), "project-builds-itself"],
    ["own builds unsaid", git({}), "project-builds-itself"],
    ["own builds off", git({ preview_deployment_setting: "none" }), undefined],
    ["a production branch called pr-7", { production_branch: "pr-7" }, "branch-is-production"],
    ["a production branch called PR-7", { production_branch: "PR-7" }, "branch-is-production"],
  ])("%s", (_, changes, expected) => {
    expect(code(() => requireClosedPreviews(project(changes), "pr-7"))).toBe(expected);
  });
});

describe("alignProject", () => {
  const sleep = async () => undefined;
  const fails = { preview: { ...closed, fail_open: true }, production: closed };

  it("writes once and reads back", async () => {
    const calls: string[] = [];
    const told = (method: string, answer: Project) => async () => {
      calls.push(method);
      return answer;
    };
    const cloudflare = {
      project: told("GET", project()),
      patchProject: told("PATCH", project()),
      createProject: told("POST", project({ deployment_configs: fails })),
    };
    const { changes } = await alignProject(cloudflare, "site", undefined, "main", wanted, sleep);
    expect(calls).toEqual(["POST", "PATCH", "GET"]);
    expect(changes).toEqual([
      "project site created, production branch main",
      "project site: deployment_configs.preview.fail_open: true → false",
    ]);
    calls.length = 0;
    expect((await alignProject(cloudflare, "site", project(), "main", wanted, sleep)).changes).toEqual([]);
    expect(calls).toEqual([]);
  });

  it.each([
    ["previews", { production_deployments_enabled: false }, wanted, "project-builds-itself"],
    ["production", { preview_deployment_setting: "none" }, wanted, "project-builds-itself"],
    [
      "a production that is open",
      { preview_deployment_setting: "none" },
      { ...wanted, productionGated: false },
      undefined,
    ],
    [
      "neither",
      { preview_deployment_setting: "none", production_deployments_enabled: false },
      wanted,
      undefined,
    ],
    ["what is looked at only", {}, { ...wanted, ownBuilds: "leave" as const }, undefined],
  ])("writes nothing where Cloudflare builds %s by itself", async (_, config, settings, expected) => {
    const written: string[] = [];
    const told = (method: string) => async () => {
      written.push(method);
      return project();
    };
    const cloudflare = { project: told("GET"), patchProject: told("PATCH"), createProject: told("POST") };
    const found = project({ ...git(config), deployment_configs: { preview: {}, production: {} } });
    const result = alignProject(cloudflare, "site", found, "main", settings, sleep);
    if (expected === undefined) expect((await result).changes.join()).toContain("fail_open");
    else {
      expect((await failure(result)).code).toBe(expected);
      expect(written).toEqual([]);
    }
  });

  it("writes once where what is read afterwards is behind", async () => {
    const answers = [fails, fails, undefined].map((configs) =>
      project(configs === undefined ? {} : { deployment_configs: configs }),
    );
    const patches: unknown[] = [];
    const slept: number[] = [];
    const cloudflare = {
      project: async () => answers.shift(),
      patchProject: async (_: string, patch: unknown) => {
        patches.push(patch);
        return project();
      },
      createProject: async () => project(),
    };
    const found = project({ deployment_configs: fails });
    await alignProject(cloudflare, "site", found, "main", wanted, async (milliseconds) => {
      slept.push(milliseconds);
    });
    expect([patches.length, slept.length]).toEqual([1, 2]);
  });

  it("says so when a setting does not stay", async () => {
    const open = async () => project({ deployment_configs: fails });
    const cloudflare = { project: open, patchProject: open, createProject: open };
    const error = await failure(alignProject(cloudflare, "site", await open(), "main", wanted, sleep));
    expect(error.code).toBe("project-settings-lost");
  });
});
