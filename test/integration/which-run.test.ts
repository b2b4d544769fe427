import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { resolveCommit } from "../../local/github/state/git.ts";
import { deleteRef } from "../../local/github/state/git-write.ts";
import { demo } from "../../local/world/demo.ts";
import {
  addresses,
  type Company,
  get,
  living,
  type Ran,
  runLimit,
  startCompany,
  withoutDelays,
} from "./company.ts";
import { packed, paths, quickBuild, smallRepository, smallSite } from "./small-site.ts";
import { untriedCalls } from "./untried-calls.ts";

const nonce = `release-${Date.now().toString(36)}`;
let company: Company;
let before: readonly string[];
let count = 0;

const repository = () => company.world.demo.repository;
const ids = () => company.world.cloudflare.deployments(demo.project).map(({ id }) => id);
const tip = async () => (await resolveCommit(repository().gitDir, "refs/heads/main")) ?? "";

/** A site that differs from every other one. */
async function site() {
  count += 1;
  const page = `<!doctype html><title>${count}</title><p>Page ${count}, ${nonce}</p>`;
  return { [paths.artifact]: await packed({ ...smallSite(nonce), "assets/new.html": page }) };
}

beforeAll(async () => {
  company = await startCompany(nonce);
  withoutDelays(company.world);
  const files = await smallRepository(nonce, { "entra-credential": "certificate" });
  const first = await company.push({ branch: "main", files, wholeTree: true });
  expect(first.gate?.conclusion, first.gate?.log).toBe("success");
}, runLimit);
afterAll(() => company?.close());
beforeEach(() => {
  before = ids();
});

it("a tenant without client secrets: the host that came up proves itself with a certificate", () => {
  const { entra, cloudflare } = company.world;
  const application = entra.directory.application(entra.cast.applications.gate.appId);
  const variables = cloudflare.project(demo.signInHostProject)?.configs.production.env_vars ?? {};
  expect(application?.passwordCredentials).toEqual([]);
  expect(application?.keyCredentials.map(({ keyId }) => keyId)).toEqual([
    variables["GATE_ENTRA_KEY_ID"]?.value,
  ]);
  expect(variables["ENTRA_CLIENT_KEY"]?.type).toBe("secret_text");
  expect(variables["ENTRA_CLIENT_SECRET"]).toBeUndefined();
  // The check of the deployed host's credential, after the deployment: refused for the code, not for the client.
  const said = cloudflare.consoleLines.map(({ line }) => line).join("\n");
  expect(said).toContain("entra-code-refused");
});

/** The gate job ran, had nothing to do, said why, and asked Cloudflare and Entra nothing. */
function expectNothing(ran: Ran, why: string): void {
  expect(ran.gate?.conclusion, ran.gate?.log).toBe("success");
  const notices = ran.gate?.annotations
    .filter(({ level }) => level === "notice")
    .map(({ message }) => message);
  expect(notices).toEqual([expect.stringContaining(`(${why})`)]);
  expect(ran.gate?.outputs).toMatchObject({ "deployment-url": "", "alias-url": "", verified: "false" });
  expect(ran.calls.filter(({ service }) => ["cloudflare", "entra", "graph"].includes(service))).toEqual([]);
  expect(ids()).toEqual(before);
}

describe("deploys nothing for", () => {
  it(
    "a tag that is called like the default branch, on a commit of somebody's own",
    async () => {
      const { activities } = company.world.github;
      const { sha } = await activities.push(repository(), { branch: "mine", files: await site() });
      const { events } = await activities.tag(repository(), "main", sha, "mallory");
      const ran = await company.run(events);
      await deleteRef(repository().gitDir, "refs/tags/main");
      expect(ran.runs[0]).toMatchObject({ workflow: "Build", event: "push", conclusion: "success" });
      expectNothing(ran, "superseded");
    },
    runLimit,
  );

  it(
    "such a tag on the very tip of the default branch",
    async () => {
      const { events } = await company.world.github.activities.tag(
        repository(),
        "main",
        await tip(),
        "mallory",
      );
      const ran = await company.run(events);
      await deleteRef(repository().gitDir, "refs/tags/main");
      expectNothing(ran, "tag");
    },
    runLimit,
  );

  it(
    "a push to another branch",
    async () => expectNothing(await company.push({ branch: "feature", files: await site() }), "other-branch"),
    runLimit,
  );

  it(
    "a run of another workflow: the gate does not even start",
    async () => {
      const other = Buffer.from(quickBuild.replace("name: Build", "name: Bulid"));
      const { activities } = company.world.github;
      await activities.push(repository(), {
        branch: "bulid",
        files: { ...(await site()), [paths.build]: other },
      });
      const ran = await company.run(
        (await activities.openPullRequest(repository(), { branch: "bulid" })).events,
      );
      expect(ran.runs.map(({ workflow, conclusion }) => [workflow, conclusion])).toEqual([
        ["Bulid", "success"],
      ]);
      expect(ids()).toEqual(before);
    },
    runLimit,
  );

  it(
    "a fork's pull request from its branch main, until its commit is approved",
    async () => {
      const { github } = company.world;
      const fork = await github.fork(repository(), "mallory");
      await github.activities.push(fork, { branch: "main", files: await site(), by: "mallory" });
      const { pull, events } = await github.activities.openPullRequest(repository(), {
        branch: "main",
        from: fork,
        by: "mallory",
      });
      const ran = await company.run(events);
      expect(ran.runs[0]).toMatchObject({ workflow: "Build", event: "pull_request", conclusion: "success" });
      expectNothing(ran, "fork");
      repository().collaborators.set("mona", "write");
      const approved = await company.run(
        await github.activities.labelPullRequest(repository(), pull.number, "entra-gate", "mona"),
      );
      expect(approved.gate?.conclusion, approved.gate?.log).toBe("success");
      const made = company.world.cloudflare
        .deployments(demo.project)
        .filter(({ id }) => !before.includes(id));
      expect(made.map(({ alias, commit }) => [alias, commit.commit_hash])).toEqual([
        [`pr-${pull.number}`, pull.headSha],
      ]);
      expect((await get(`${addresses(company.world).preview(pull.number)}/new`)).status).toBe(401);
    },
    runLimit,
  );

  it(
    "an older commit than the tip",
    async () => {
      const { activities } = company.world.github;
      const older = await activities.push(repository(), { branch: "main", files: await site() });
      await activities.push(repository(), { branch: "main", files: await site() });
      expectNothing(await company.run(older.events), "superseded");
    },
    runLimit,
  );

  it(
    "an older commit of a pull request",
    async () => {
      const { activities } = company.world.github;
      await activities.push(repository(), { branch: "twice", files: await site() });
      const opened = await activities.openPullRequest(repository(), { branch: "twice" });
      await activities.push(repository(), { branch: "twice", files: await site() });
      expectNothing(await company.run(opened.events), "superseded");
    },
    runLimit,
  );

  it(
    "a build that failed after it had uploaded its artifact",
    async () => {
      const failing = `${quickBuild}      - run: exit 1\n`;
      const ran = await company.pullRequest("fails", {
        ...(await site()),
        [paths.build]: Buffer.from(failing),
      });
      expect(ran.runs[0]).toMatchObject({ workflow: "Build", conclusion: "failure" });
      expect(repository().artifacts.at(-1)?.run.id).toBe(ran.runs[0]?.runId);
      expectNothing(ran, "not-successful");
    },
    runLimit,
  );

  it(
    "a pull request that is closed while its deployment is uploaded: it goes again",
    async () => {
      const { activities } = company.world.github;
      await activities.push(repository(), { branch: "closing", files: await site() });
      const { pull, events } = await activities.openPullRequest(repository(), { branch: "closing" });
      const watch = setInterval(() => {
        if (ids().length > before.length) pull.state = "closed";
      }, 20);
      const ran = await company.run(events);
      clearInterval(watch);
      expect(ran.gate?.conclusion, ran.gate?.log).toBe("success");
      expect(ran.gate?.outputs).toMatchObject({ "deployment-url": "", verified: "false" });
      expect(living(company.world).map(({ alias }) => alias)).not.toContain(`pr-${pull.number}`);
      expect(ids()).toHaveLength(before.length + 1);
      const [made] = repository().deployments.filter(
        ({ sha, task }) => sha === pull.headSha && task === "deploy",
      );
      expect(made?.statuses.at(-1)?.state).toBe("inactive");
    },
    runLimit,
  );

  it(
    "a pull request that was closed meanwhile",
    async () => {
      const { activities } = company.world.github;
      await activities.push(repository(), { branch: "closed", files: await site() });
      const { pull, events } = await activities.openPullRequest(repository(), { branch: "closed" });
      await activities.closePullRequest(repository(), pull.number);
      expectNothing(await company.run(events), "no-pull-request");
    },
    runLimit,
  );
});

describe("a merge group", () => {
  const queue = async (branch: string, files: Readonly<Record<string, string | Uint8Array>>) => {
    const { activities } = company.world.github;
    await activities.push(repository(), { branch, files });
    const { pull } = await activities.openPullRequest(repository(), { branch });
    const { sha, events } = await activities.enqueue(repository(), pull.number);
    const ran = await company.run(events);
    // The queue's branch is pushed, too; that build's run has nothing to do.
    const gate = ran.runs
      .flatMap(({ jobs }) => jobs)
      .filter(({ id, conclusion }) => id === "gate" && conclusion !== "skipped")
      .map(({ steps }) => steps.find(({ id }) => id === "gate"))
      .at(-1);
    const said = repository().statuses.filter((status) => status.sha === sha);
    return { gate, calls: ran.calls, said: said.map(({ context, state }) => [context, state]) };
  };

  it(
    "is rehearsed and gets its status, and nothing is deployed",
    async () => {
      const { gate, calls, said } = await queue("queued", await site());
      expect(gate?.conclusion, gate?.log).toBe("success");
      expect(said).toEqual([
        ["Entra Gate", "pending"],
        ["Entra Gate", "success"],
      ]);
      expect(gate?.outputs).toMatchObject({ "deployment-url": "", verified: "false", gated: "false" });
      expect(gate?.summary).toContain("nothing is deployed before");
      expect(ids()).toEqual(before);
      expect(calls.filter(({ service, method }) => service === "cloudflare" && method !== "GET")).toEqual([]);
    },
    runLimit,
  );

  it(
    "is refused by the policy that it would bring, and where its build failed",
    async () => {
      const broken = { [paths.policy]: Buffer.from('{"production":{"rules":"none"}}') };
      const failing = { [paths.build]: Buffer.from(`${quickBuild}      - run: exit 1\n`) };
      for (const [branch, files, code] of [
        ["breaks", broken, "policy-invalid"],
        ["fails-queued", failing, "merge-build-failed"],
      ] as const) {
        const { gate, said } = await queue(branch, { ...(await site()), ...files });
        const titles = gate?.annotations.map(({ properties }) => properties["title"]);
        expect(titles).toContain(`Entra Gate: ${code}`);
        expect(said.at(-1)).toEqual(["Entra Gate", "failure"]);
      }
      expect(ids()).toEqual(before);
    },
    runLimit,
  );
});

describe("a pull request has a preview of its number, whatever its branch is called:", () => {
  it.each([
    ["pr-7", undefined],
    [`$(touch$IFS/tmp/${nonce});"'&|<!--`, undefined],
    ["main", "release"],
  ] as const)(
    "%s",
    async (branch, base) => {
      const live = living(company.world).findLast(({ environment }) => environment === "production");
      if (base !== undefined)
        await company.world.github.activities.push(repository(), { branch: base, files: {} });
      const ran = await company.pullRequest(branch, await site(), base);
      expect(ran.gate?.conclusion, ran.gate?.log).toBe("success");
      const made = company.world.cloudflare
        .deployments(demo.project)
        .filter(({ id }) => !before.includes(id));
      expect(made).toHaveLength(1);
      expect(made[0]).toMatchObject({
        environment: "preview",
        alias: `pr-${ran.number}`,
        commit: { branch: `pr-${ran.number}`, commit_hash: ran.sha },
      });
      const { preview, production } = addresses(company.world);
      expect(ran.gate?.outputs["alias-url"]).toBe(preview(ran.number));
      const { body } = await get(`${production}/.auth/status`);
      expect(JSON.parse(body.toString())).toMatchObject({ environment: "production" });
      expect(living(company.world).findLast(({ environment }) => environment === "production")?.id).toBe(
        live?.id,
      );
    },
    runLimit,
  );
});

it("makes no call at which no fault is tried", () => {
  expect(untriedCalls(company.world.log.calls)).toEqual([]);
});
