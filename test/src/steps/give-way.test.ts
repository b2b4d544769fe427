import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCloudflareClient } from "../../../src/clients/cloudflare.ts";
import type { BuildContext } from "../../../src/context.ts";
import { ActionError } from "../../../src/errors.ts";
import type { DeployDeps } from "../../../src/steps/deploy.ts";
import { giveWay } from "../../../src/steps/give-way.ts";
import type { Deployment } from "../../../src/steps/types.ts";
import {
  accountId,
  type Cloudflare,
  call,
  deploy,
  settle,
  start,
  token,
} from "../../local/cloudflare/fixtures.ts";
import { FakeTime, failure, httpWith } from "../support.ts";

const tip = "a".repeat(40);
let cloudflare: Cloudflare;
let context: BuildContext;
let deps: DeployDeps;
beforeAll(async () => {
  cloudflare = await start();
  const time = new FakeTime();
  const settings = { baseUrl: cloudflare.apiUrl, token, accountId };
  const client = createCloudflareClient(httpWith(time), settings, time.sleep);
  const github = { branchTip: async () => tip };
  context = { cloudflare: client, github, build: { defaultBranch: "main" } } as unknown as BuildContext;
  deps = { cloudflare: client, sleep: time.sleep } as unknown as DeployDeps;
});
afterAll(() => cloudflare.close());

const superseded = async () => {
  throw new ActionError("superseded", "It was closed.");
};

async function made(project: string, branch: string, commit: string): Promise<Deployment> {
  const { result } = await deploy(cloudflare, project, branch, { "index.html": commit });
  const found = cloudflare.deployments(project).at(-1);
  Object.assign(found?.commit ?? {}, { commit_hash: commit });
  cloudflare.clock.advance(1_000);
  settle(cloudflare);
  const environment = branch === "main" ? "production" : "preview";
  return { project, id: result.id, environment } as Deployment;
}

const left = (project: string) =>
  cloudflare.deployments(project).flatMap(({ id, deletedAt }) => (deletedAt === undefined ? [id] : []));

async function project(name: string): Promise<string> {
  await call(cloudflare, "POST", "pages/projects", { name, production_branch: "main" });
  return name;
}

const live = async (name: string) =>
  (await call(cloudflare, "GET", `pages/projects/${name}`)).result.canonical_deployment?.id;

describe("a deployment that is not wanted any more once it is up", () => {
  it("stays where it is wanted, or where that can't be told", async () => {
    const name = await project("stays");
    const one = await made(name, "pr-7", tip);
    await giveWay(context, one, deps, async () => undefined);
    const down = async () => {
      throw new ActionError("service-unreachable");
    };
    expect((await failure(giveWay(context, one, deps, down))).code).toBe("service-unreachable");
    expect(left(name)).toEqual([one.id]);
  });

  it("is deleted where it is a preview, though it has the alias", async () => {
    const name = await project("preview");
    const newer = await made(name, "pr-7", tip);
    const late = await made(name, "pr-7", "b".repeat(40));
    expect((await failure(giveWay(context, late, deps, superseded))).code).toBe("superseded");
    expect(left(name)).toEqual([newer.id]);
  });

  it("gives production back to the newer commit that it has replaced", async () => {
    const name = await project("production");
    const newer = await made(name, "main", tip);
    const late = await made(name, "main", "b".repeat(40));
    expect(await live(name)).toBe(late.id);
    expect((await failure(giveWay(context, late, deps, superseded))).code).toBe("superseded");
    expect(await live(name)).toBe(newer.id);
    expect(left(name)).toEqual([newer.id]);
  });

  it("stays in production until the newer commit's own run comes", async () => {
    const name = await project("first");
    const late = await made(name, "main", "b".repeat(40));
    expect((await failure(giveWay(context, late, deps, superseded))).code).toBe("superseded");
    expect(await live(name)).toBe(late.id);
  });
});
