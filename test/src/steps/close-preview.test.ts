import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createCloudflareClient } from "../../../src/clients/cloudflare.ts";
import type { Project } from "../../../src/clients/cloudflare-model.ts";
import { type Closing, closePreview, coverMessage } from "../../../src/steps/close-preview.ts";
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
import { FakeTime, httpWith } from "../support.ts";

const denyAll = { "404.html": "closed" };
const page = { "index.html": "<p>secret of the harbour</p>" };
let cloudflare: Cloudflare;
let closing: Closing;
const said: string[] = [];

beforeEach(async () => {
  await cloudflare?.close();
  cloudflare = await start({ timing: { deploy: 0, propagation: 0, linger: 9_000 } });
  said.length = 0;
  const project = (
    await call(cloudflare, "POST", "pages/projects", { name: "site", production_branch: "main" })
  ).result as Project;
  const wait = async (milliseconds: number) => cloudflare.clock.advance(milliseconds);
  closing = {
    cloudflare: createCloudflareClient(
      httpWith(new FakeTime()),
      { baseUrl: cloudflare.apiUrl, token, accountId },
      wait,
    ),
    log: { info: (line) => said.push(line) },
    patience: { timeout: 5_000, attempts: 5, pause: 4_000, wait },
    project,
    pullRequest: 7,
    since: 0,
    stillClosed: async () => true,
    cover: async () => {
      await made("pr-7", denyAll, `[entra-gate ${"0".repeat(32)}] ${coverMessage(7)}`);
      return { id: newest()?.id ?? "" } as Deployment;
    },
  };
});
afterAll(() => cloudflare.close());

/** Uploads what wrangler would upload. */
async function made(
  branch: string,
  files: Readonly<Record<string, string>>,
  message = "a change",
): Promise<void> {
  await deploy(cloudflare, "site", branch, files);
  const commit = newest()?.commit as { commit_message: string } | undefined;
  if (commit !== undefined) commit.commit_message = message;
  cloudflare.clock.advance(1_000);
  settle(cloudflare);
}

const all = () => cloudflare.deployments("site");
const newest = () => all().at(-1);
const left = () => all().filter(({ deletedAt }) => deletedAt === undefined);
const branches = () => left().map(({ commit }) => commit.branch);
const deletions = () => cloudflare.log.calls.filter(({ method }) => method === "DELETE");

async function shown(label: string): Promise<number> {
  const { port } = cloudflare;
  return (
    await fetch(`http://127.0.0.1:${port}/`, { headers: { host: `${label}.site.localhost:${port}` } }).catch(
      () => ({ status: 0 }),
    )
  ).status;
}

describe("closing a preview", () => {
  it("deletes every deployment of the branch, over all pages, and nothing of any other", async () => {
    cloudflare.timing.linger = 0;
    for (const branch of ["main", "pr-70", "other"]) await made(branch, page);
    for (let index = 0; index < 27; index += 1) await made("pr-7", page);
    await made("pr-70", page);
    const { deleted, open, reopened } = await closePreview(closing);
    expect([deleted.length, open, reopened]).toEqual([27, [], false]);
    expect(branches()).toEqual(["main", "pr-70", "other", "pr-70"]);
    expect(said).toEqual(["27 deployments of pr-7.", "Deleted 25 of 27."]);
    // The cover came before the first deletion, and went last.
    const [cover] = all().filter(({ commit }) => commit.commit_message.endsWith(coverMessage(7)));
    const ends = all().flatMap(({ deletedAt }) => deletedAt ?? []);
    expect(cover?.createdAt).toBeLessThan(Math.min(...ends));
    expect(cover?.deletedAt).toBe(Math.max(...ends));
    for (const { id } of deleted) expect(await shown(id.slice(0, 8))).not.toBe(200);
  });

  it("has nothing to do where there is nothing, and says so by deleting nothing", async () => {
    await made("main", page);
    expect(await closePreview(closing)).toEqual({ deleted: [], open: [], reopened: false });
    expect(branches()).toEqual(["main"]);
  });

  it("goes on where an interrupted run has ended, with the cover that is there", async () => {
    await made("pr-7", page);
    await made("pr-7", page);
    await closing.cover();
    const before = all().length;
    expect((await closePreview(closing)).deleted).toHaveLength(2);
    expect([all().length, left().length]).toEqual([before, 0]);
    await closing.cover();
    expect(await closePreview(closing)).toMatchObject({ deleted: [], open: [] });
    expect(left()).toEqual([]);
  });

  it("takes a cover that is not the newest for no cover", async () => {
    await closing.cover();
    await made("pr-7", page);
    const before = all().length;
    expect((await closePreview(closing)).deleted).toHaveLength(2);
    expect([all().length, left().length]).toEqual([before + 1, 0]);
  });

  it("leaves a pull request alone that is open again", async () => {
    await made("pr-7", page);
    expect(await closePreview({ ...closing, stillClosed: async () => false })).toMatchObject({
      reopened: true,
    });
    expect(deletions()).toEqual([]);
    let asked = 0;
    const reopening = { ...closing, stillClosed: async () => ++asked === 1 };
    expect(await closePreview(reopening)).toMatchObject({ reopened: true, deleted: [] });
    // Only its own cover is gone again, so that the alias shows the preview.
    expect(branches()).toEqual(["pr-7"]);
    expect(all()).toHaveLength(2);
  });

  it("also takes what a run that was under way has deployed meanwhile", async () => {
    await made("pr-7", page);
    const { deleteDeployment } = closing.cloudflare;
    let raced = false;
    const racing = {
      ...closing.cloudflare,
      async deleteDeployment(project: string, id: string) {
        await deleteDeployment(project, id);
        if (!raced) await made("pr-7", page);
        raced = true;
      },
    };
    expect((await closePreview({ ...closing, cloudflare: racing })).deleted).toHaveLength(2);
    expect(left()).toEqual([]);
  });

  it("waits until nothing is shown, and names what goes on", async () => {
    await made("pr-7", page);
    const { shortId } = newest() ?? { shortId: "" };
    expect((await closePreview(closing)).open).toEqual([]);
    expect(await shown(shortId)).not.toBe(200);
    cloudflare.timing.linger = 3_600_000;
    await made("pr-7", page);
    const origin = `http://${newest()?.shortId}.site.localhost:${cloudflare.port}`;
    expect((await closePreview(closing)).open).toEqual([origin]);
    expect(left()).toEqual([]);
  });

  it("reads no further back than the pull request", async () => {
    for (let index = 0; index < 60; index += 1) await made("other", page);
    const since = cloudflare.clock.now();
    await made("pr-7", page);
    cloudflare.log.calls.length = 0;
    await closePreview({ ...closing, since });
    const lists = cloudflare.log.calls.filter(
      ({ method, path }) => method === "GET" && path.endsWith("/deployments"),
    );
    // Two pages of three, before and after.
    expect(lists).toHaveLength(4);
    expect(left().map(({ commit }) => commit.branch)).not.toContain("pr-7");
  });

  it("never touches production, however its branch is called", async () => {
    const project = { ...closing.project, production_branch: "PR-7" };
    await expect(closePreview({ ...closing, project })).rejects.toMatchObject({
      code: "branch-is-production",
    });
  });
});
