import { rmSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { faultOf } from "../../../local/fault-kinds.ts";
import { type Cloudflare, start, token } from "../../local/cloudflare/fixtures.ts";
import { type FakeWrangler, fakeDeploys } from "./fake-wrangler.ts";
import { scratchFolder } from "./fixtures.ts";

const scratch = scratchFolder();
let cloudflare: Cloudflare;
let count = 0;

beforeAll(async () => {
  cloudflare = await start();
});
afterAll(async () => {
  await cloudflare.close();
  scratch.remove();
});
afterEach(() => cloudflare.faults.clear());

const setting = async (kind: Partial<FakeWrangler>, productionBranch = "main") => {
  count += 1;
  return fakeDeploys(cloudflare, scratch, { name: `demo-${count}`, productionBranch, ...kind });
};

describe("a wrangler that", () => {
  it("is missing leaves nothing and is told with its own words", async () => {
    const { run, left, log } = await setting({});
    // Gone between its installation and its use.
    rmSync(scratch.at(`demo-${count}.mjs`));
    await expect(run()).rejects.toMatchObject({
      code: "deploy-failed",
      detail: expect.stringContaining("Cannot find module"),
    });
    expect([left(), log.lines]).toEqual([[], []]);
  });

  it("is too old to know an argument is told with its own words", async () => {
    const says = "Unknown arguments: no-bundle, noBundle";
    const { run, left } = await setting({ posts: 0, code: 1, says });
    await expect(run()).rejects.toMatchObject({ code: "deploy-failed", detail: says });
    expect(left()).toEqual([]);
  });

  it("exits 0 and has posted nothing is not believed", async () => {
    const { run } = await setting({ posts: 0 });
    await expect(run()).rejects.toMatchObject({ code: "deploy-failed" });
  });

  it("exits 0 without a status is waited for in Cloudflare's own list", async () => {
    const { run, left } = await setting({
      says: "we couldn't ascertain the final status of your deployment",
    });
    cloudflare.meet(`demo-${count}`, { kind: "late", ms: 6_000 });
    expect(await run()).toMatchObject({ branch: "pr-7", environment: "preview" });
    expect(left()).toHaveLength(1);
  });

  it("fails although it has deployed is not believed either", async () => {
    const { run, left } = await setting({ code: 1, says: "fetch failed" });
    expect(await run()).toMatchObject({ branch: "pr-7" });
    expect(left()).toHaveLength(1);
  });

  it("deploys twice leaves the newer one", async () => {
    const { run, left } = await setting({ posts: 2 });
    const { id } = await run();
    expect(left()).toHaveLength(1);
    expect(cloudflare.deployments(`demo-${count}`).at(-1)?.id).toBe(id);
  });

  it("prints its token is masked", async () => {
    const { run } = await setting({ posts: 0, code: 1, says: "Authorization: Bearer TOKEN" });
    const error = await run().catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: "deploy-failed", detail: "Authorization: Bearer ***" });
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain(token);
  });
});

describe("what came of an upload", () => {
  it("is covered where it came out in production, whose branch was renamed meanwhile", async () => {
    const { run, left } = await setting({}, "pr-7");
    await expect(run()).rejects.toMatchObject({ code: "deploy-wrong-environment" });
    expect(left()).toEqual([expect.stringMatching(/\] closed /)]);
  });

  const list = { service: "cloudflare", method: "GET", path: /deployments$/, agent: /^entra-gate/ } as const;

  it("is taken back where Cloudflare's list could not be read, whose error it stays", async () => {
    const { run, left, wrapUps } = await setting({});
    cloudflare.faults.add(faultOf("failing", { ...list, times: 6 }));
    await expect(run()).rejects.toMatchObject({ code: "service-failing", asked: { service: "Cloudflare" } });
    expect(left()).toEqual([expect.stringMatching(/\] closed /)]);
    expect(wrapUps).toHaveLength(1);
  });

  it("is left alone where nothing came of it", async () => {
    const { run, left, log } = await setting({ posts: 0 });
    cloudflare.faults.add(faultOf("failing", { ...list, times: 6 }));
    await expect(run()).rejects.toMatchObject({ code: "service-failing" });
    expect([left(), log.lines]).toEqual([[], []]);
  });

  it("is told how to be found by hand where even that can't be learnt", async () => {
    const { run, log } = await setting({});
    cloudflare.faults.add(faultOf("failing", list));
    await expect(run()).rejects.toMatchObject({ code: "service-failing" });
    expect(log.lines).toEqual([{ level: "warning", text: expect.stringContaining(`demo-${count}`) }]);
  });
});
