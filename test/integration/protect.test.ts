import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callName, isActionsOwn } from "../../local/call-name.ts";
import { demo } from "../../local/world/demo.ts";
import {
  addresses,
  type Company,
  get,
  living,
  type Ran,
  runLimit,
  settings,
  startCompany,
} from "./company.ts";
import { type MachineWatch, watchMachine } from "./machine-watch.ts";
import { everythingDeployed, everythingSaid, secretsOf, watchJobTokens } from "./secrets.ts";
import { runToken } from "./token-step.ts";
import { untriedCalls } from "./untried-calls.ts";

const nonce = `release-${Date.now().toString(36)}`;
/** What an administrator had entered at the gate's registration long before. */
const earlier = {
  redirectUri: "https://intranet.contoso.example/callback",
  role: {
    id: "0a9b8c7d-6e5f-4a3b-8c2d-1e0f9a8b7c6d",
    value: "Archive.Reader",
    displayName: "Archive reader",
    description: "Reads the archive.",
    isEnabled: true,
    allowedMemberTypes: ["User"],
  },
  claim: { name: "email", source: null, essential: false, additionalProperties: [] },
} as const;

let company: Company;
let production: Ran;
let preview: Ran;
let pushedAgain: Ran;
let unchanged: Ran;
let closed: Ran;
let before: { readonly settings: string; readonly row: unknown };
let commits: { readonly first: string; readonly second: string };
let commentsAfterFirst: readonly { readonly id: number; readonly body: string }[];
let jobTokens: readonly string[];
let machine: MachineWatch;

const application = () => {
  const { entra } = company.world;
  return entra.directory.application(entra.cast.applications.gate.appId);
};
const row = () =>
  company.world.cloudflare.sql(demo.signInHostProject, "SELECT project, data, updated_at FROM sites");
const comments = () => company.world.demo.repository.comments.map(({ id, body }) => ({ id, body }));
const statuses = (sha: string) =>
  company.world.demo.repository.statuses.filter((status) => status.sha === sha).map(({ state }) => state);

beforeAll(async () => {
  machine = watchMachine();
  company = await startCompany(nonce);
  const { entra, demo: site, github } = company.world;
  jobTokens = watchJobTokens(company.world);
  const found = application();
  if (found === undefined) throw new Error("the gate's registration is not there");
  entra.directory.writeApplication(found.id, {
    ...found,
    web: { ...found.web, redirectUris: [earlier.redirectUri] },
    appRoles: [earlier.role],
    optionalClaims: { idToken: [earlier.claim], accessToken: [], saml2Token: [] },
  });

  production = await company.run(site.firstPush);
  const opened = await site.openPullRequest("summer");
  preview = await company.run(opened.events);
  commentsAfterFirst = comments();
  const first = site.repository.pulls.get(opened.number)?.headSha ?? "";
  const page = Buffer.from(`<!doctype html><title>Tides</title><p>Tides of ${nonce}</p>`);
  const { events, sha: second } = await github.activities.push(site.repository, {
    branch: "summer",
    files: { "site/tides/index.html": page },
  });
  commits = { first, second };
  pushedAgain = await company.run(events);
  before = { settings: settings({ ...company.world }), row: await row() };
  unchanged = await company.push({ branch: "main", files: {} });
}, 2 * runLimit);
afterAll(async () => {
  machine?.stop();
  await company?.close();
});

describe("a push to the default branch", () => {
  it("deploys production behind the gate and says where", () => {
    const { production: address, deployment } = addresses(company.world);
    const [made] = company.world.cloudflare.deployments(demo.project);
    expect(production.gate?.conclusion, production.gate?.log).toBe("success");
    expect(production.gate?.outputs).toEqual({
      "deployment-url": deployment(made?.shortId ?? ""),
      "alias-url": address,
      "deployment-id": made?.id,
      verified: "true",
      gated: "true",
      "evidence-path": expect.stringMatching(/evidence-harbour\.json$/),
    });
    expect(made?.environment).toBe("production");
  });

  it("brings the registration to what the policy needs and removes nothing of it", () => {
    const { host } = addresses(company.world);
    const found = application();
    expect(found?.web.redirectUris).toEqual([earlier.redirectUri, `${host}/.auth/callback`]);
    expect(found?.appRoles.map(({ value }) => value)).toEqual([
      "Archive.Reader",
      "Preview.Test",
      "Site.Admin",
    ]);
    expect(found?.appRoles[0]).toEqual(earlier.role);
    expect(found?.optionalClaims?.idToken.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["email", "acct", "auth_time", "login_hint", "sid"]),
    );
    expect(found?.groupMembershipClaims).toBe("SecurityGroup");
    expect(found?.passwordCredentials).toHaveLength(1);
    expect(found?.passwordCredentials[0]?.displayName).toMatch(
      /^entra-gate acme-sign-in \d{4}-\d\d-\d\d run \d+$/,
    );
  });

  it("tells the sign-in host who the site is", async () => {
    const { results } = (await row()) as { results: { project: string; data: string }[] };
    expect(results.map(({ project }) => project)).toEqual([demo.project]);
    const data = JSON.parse(results[0]?.data ?? "") as Record<string, unknown>;
    const { production: address } = addresses(company.world);
    expect(data).toMatchObject({ project: demo.project, origins: [address] });
    expect(Object.keys(data["entries"] as object).sort()).toEqual(["preview", "production"]);
  });

  it("closes both environments of the project for the day the quota is spent", () => {
    const configs = company.world.cloudflare.project(demo.project)?.configs;
    expect([configs?.preview.fail_open, configs?.production.fail_open]).toEqual([false, false]);
  });
});

describe("a pull request", () => {
  it("is deployed to an alias of its number, and says where", () => {
    const { preview: alias } = addresses(company.world);
    expect(preview.gate?.conclusion, preview.gate?.log).toBe("success");
    expect(preview.gate?.outputs).toMatchObject({ "alias-url": alias(1), verified: "true", gated: "true" });
    const id = preview.gate?.outputs["deployment-id"];
    const made = company.world.cloudflare.deployments(demo.project).find((one) => one.id === id);
    expect(made).toMatchObject({
      environment: "preview",
      alias: "pr-1",
      commit: { commit_hash: commits.first },
    });
  });

  it("has its content behind the gate, and the page that anyone may see", async () => {
    const alias = addresses(company.world).preview(1);
    const closed = await get(`${alias}/about/`);
    expect([closed.status, closed.headers["x-entra-gate-code"]]).toEqual([401, "sign-in-required"]);
    expect(closed.body.toString()).not.toContain(nonce);
    const open = await get(`${alias}/.well-known/security.txt`);
    expect([open.status, open.body.toString()]).toEqual([200, expect.stringContaining("Contact:")]);
  });

  it("shows a card of 1200 by 630 to anyone", async () => {
    const { status, headers, body } = await get(`${addresses(company.world).preview(1)}/.auth/card.png`);
    expect([status, headers["content-type"]]).toEqual([200, "image/png"]);
    expect(body.subarray(0, 8)).toEqual(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]));
    expect([body.toString("latin1", 12, 16), body.readUInt32BE(16), body.readUInt32BE(20)]).toEqual([
      "IHDR",
      1200,
      630,
    ]);
    expect(body.subarray(-8, -4).toString("latin1")).toBe("IEND");
  });

  it("has one comment, rewritten by the next push", () => {
    expect(commentsAfterFirst).toHaveLength(1);
    expect(comments().map(({ id }) => id)).toEqual(commentsAfterFirst.map(({ id }) => id));
    const [first] = commentsAfterFirst;
    const [last] = comments();
    expect(first?.body).toContain(commits.first.slice(0, 12));
    expect(last?.body).toContain(commits.second.slice(0, 12));
    expect(last?.body).not.toContain(commits.first.slice(0, 12));
    expect(last?.body).toContain(`${pushedAgain.gate?.outputs["deployment-url"]}/.auth/card.png`);
    const [comment] = company.world.demo.repository.comments;
    expect([comment?.issue, comment?.user.login]).toEqual([1, "github-actions[bot]"]);
  });

  it("has a deployment with an address and a status on its head commit, not on the merge commit", () => {
    const { repository } = company.world.demo;
    const made = repository.deployments.filter(({ environment }) => environment === "harbour (preview)");
    expect(made.map(({ sha }) => sha)).toEqual([commits.first, commits.second]);
    const alias = addresses(company.world).preview(1);
    expect(made.at(-1)?.statuses.map(({ state }) => state)).toEqual(["success"]);
    expect(made.at(-1)?.statuses.at(-1)?.environmentUrl).toBe(alias);
    for (const sha of [commits.first, commits.second]) expect(statuses(sha)).toEqual(["pending", "success"]);
    const merge = repository.pulls.get(1)?.mergeCommit ?? "";
    expect(statuses(merge)).toEqual([]);
  });

  it("asks Graph nothing, Entra for tokens only, and writes no setting of a project and no row", () => {
    for (const { calls, gate } of [preview, pushedAgain]) {
      expect(gate?.conclusion).toBe("success");
      expect(
        calls.filter(
          ({ service, path }) => service === "graph" || (service === "entra" && !/\/token$/.test(path)),
        ),
      ).toEqual([]);
      // The audit event that tells which commit stands at which address.
      expect(calls.filter(({ path }) => path.includes("/d1/")).map(({ method }) => method)).toEqual(["POST"]);
    }
    expect([...writes(preview), ...writes(pushedAgain)]).toEqual([]);
  });

  it("leaves evidence of every file and every request", async () => {
    const path = pushedAgain.gate?.outputs["evidence-path"] ?? "";
    const evidence = JSON.parse(readFileSync(path, "utf8")) as Evidence;
    expect(evidence).toMatchObject({
      format: 1,
      repository: "acme/harbour",
      project: demo.project,
      environment: "preview",
      commit: commits.second,
      pullRequest: 1,
      gated: true,
      verified: true,
      policyPath: "gate.json",
      events: [
        {
          class_uid: 3004,
          status_code: "created",
          entity: { type: "deployment", uid: pushedAgain.gate?.outputs["deployment-id"] },
          actor: { user: { name: expect.stringMatching(/./), domain: "github.com" } },
          unmapped: { repository: "acme/harbour", pull_request: 1, commit: commits.second },
        },
      ],
    });
    const bundled = evidence.bundle.files.map(({ path: name }) => name);
    expect(bundled).toEqual(
      expect.arrayContaining([
        "_worker.js/index.js",
        "_worker.js/gate.js",
        "tides/index.html",
        ".auth/card.png",
      ]),
    );
    expect(evidence.bundle.files.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256))).toBe(true);
    const { rehearsed, uploaded, same } = evidence.bundle.modules;
    expect([same, uploaded]).toEqual([true, rehearsed]);
    expect(Object.keys(rehearsed)).toEqual(bundled.filter((name) => name.startsWith("_worker.js/")));
    const { total, open, results } = evidence.verification;
    expect([open, results.length]).toEqual([0, total]);
    expect(total).toBeGreaterThanOrEqual(20);
    const { body } = await get(`${addresses(company.world).preview(1)}/.auth/status`);
    expect(JSON.parse(body.toString())).toMatchObject({
      bundle: evidence.bundle.id,
      policy: evidence.policyDigest,
      environment: "preview",
    });
  });

  it("has a summary with the result of the check", () => {
    expect(pushedAgain.gate?.summary).toMatch(/Checked from outside \| \d+ probes\S* \d+ closed/);
    expect(pushedAgain.gate?.summary).toContain(addresses(company.world).preview(1));
  });

  it("left production as it was", () => {
    const made = living(company.world).filter(({ environment }) => environment === "production");
    const ids = [production, unchanged].map(({ gate }) => gate?.outputs["deployment-id"]);
    expect(made.map(({ id }) => id)).toEqual(ids);
  });
});

describe("another push, with nothing to change", () => {
  it("succeeds and writes nothing to Entra and no setting", async () => {
    expect(unchanged.gate?.conclusion, unchanged.gate?.log).toBe("success");
    expect(writes(unchanged)).toEqual([]);
    expect(unchanged.gate?.log).not.toContain("Changed:");
    expect(await row()).toEqual({ ...(before.row as object), meta: expect.anything() });
  });

  it("asks outside 25 times, and five times more for the two machines that try to get in", () => {
    const own = unchanged.calls.filter(isActionsOwn).map(callName);
    const tokens = own.filter((name) => name.endsWith("/oauth2/v2.0/token"));
    const machines = [...tokens.slice(1), ...own.filter((name) => name === "site POST /.auth/session")];
    expect(machines.length, own.join("\n")).toBeLessThanOrEqual(5);
    expect(own.length - machines.length, own.join("\n")).toBeLessThanOrEqual(25);
    expect(own.length).toBeGreaterThan(15);
  });

  it("makes one deployment of the site and none of the sign-in host", () => {
    const known = JSON.parse(before.settings) as { projects: { deployments: string[] }[] };
    const now = JSON.parse(settings(company.world)) as typeof known;
    const added = now.projects.map(
      ({ deployments }, at) => deployments.length - (known.projects[at]?.deployments.length ?? 0),
    );
    expect(added).toEqual([1, 0]);
  });
});

describe("a machine", () => {
  it("asked with a session: the test application was let in, the automation, which has no role, was not", () => {
    const { automation, testClient } = company.world.entra.cast.applications;
    const path = pushedAgain.gate?.outputs["evidence-path"] ?? "";
    const { machines } = JSON.parse(readFileSync(path, "utf8")) as { machines: unknown };
    expect(machines).toEqual([
      { app: testClient.appId, roles: ["Preview.Test"], admitted: true, saw: expect.stringMatching(/^\//) },
      { app: automation.appId, roles: [], admitted: false },
    ]);
    expect(pushedAgain.gate?.summary).toContain("1 applications let in, 1 kept out");
  });

  it("gets a session at one preview by the built action's token, and opens it", async () => {
    const preview = addresses(company.world).preview(1);
    const { code, said, masked, outputs } = await runToken(
      company.world,
      demo.testEnvironment,
      `${preview}/about`,
    );
    expect(code, said).toBe(0);
    const cookie = outputs["cookie"] ?? "";
    const page = await get(`${preview}/`, { cookie });
    expect([page.status, page.body.toString()]).toEqual([200, expect.stringContaining("<h1")]);
    expect((await get(`${preview}/admin/`, { cookie })).status).toBe(403);
    const other = await get(preview.replace("pr-1.", `${living(company.world).at(-1)?.shortId}.`), {
      cookie,
    });
    expect(other.headers["x-entra-gate-code"]).toBe("session-invalid");
    const value = cookie.slice(cookie.indexOf("=") + 1);
    expect(JSON.parse(outputs["state"] ?? "").cookies[0]).toMatchObject({ value, secure: true });
    expect(masked).toContain(value);
    for (const secret of masked) expect(said).not.toContain(secret);
  });

  it("gets none in production, whose rules name no such role", async () => {
    const { production: site } = addresses(company.world);
    const refused = await runToken(company.world, demo.testEnvironment, site);
    expect([refused.code, refused.said]).toEqual([1, expect.stringContaining("entry-refused")]);
  });
});

describe("the pull request is closed", () => {
  const ofPreview = () => living(company.world).filter(({ alias }) => alias === "pr-1");
  let interrupted: readonly string[];

  it(
    "and its cleanup killed at the second deletion: the preview is covered, the rest is left",
    async () => {
      const { world } = company;
      const { repository } = world.demo;
      const events = await world.github.activities.closePullRequest(repository, 1);
      world.faults.add({ service: "cloudflare", method: "DELETE", times: 1, what: { kind: "delay", ms: 0 } });
      world.faults.add({ service: "cloudflare", method: "DELETE", what: { kind: "delay", ms: 60_000 } });
      const killer = new AbortController();
      const deleted = () =>
        world.cloudflare.deployments(demo.project).some(({ deletedAt }) => deletedAt !== undefined);
      const watch = setInterval(() => deleted() && killer.abort(), 20);
      const runs = await world.runner.run(events, { signal: killer.signal });
      clearInterval(watch);
      world.faults.clear();
      expect(runs.map(({ conclusion }) => conclusion)).toContain("cancelled");
      interrupted = ofPreview().map(({ id }) => id);
      expect(ofPreview().map(({ commit }) => commit.commit_message.replace(/^\S+ \S+ /, ""))).toEqual([
        "pull request 1",
        "closed pull request 1",
      ]);
      const { status, headers } = await get(addresses(world).preview(1));
      expect([status, headers["x-entra-gate-code"]]).toEqual([403, "deny-all"]);
    },
    runLimit,
  );

  it(
    "and cleaned up by the next run: nothing of it is left, and everything says so",
    async () => {
      const { world } = company;
      const { repository } = world.demo;
      closed = await company.run(await world.github.activities.closePullRequest(repository, 1));
      expect(closed.gate?.conclusion, closed.gate?.log).toBe("success");
      expect(ofPreview()).toEqual([]);
      const known = new Set(world.cloudflare.deployments(demo.project).map(({ id }) => id));
      for (const id of interrupted) expect(known).toContain(id);
      const made = [preview, pushedAgain].map(({ gate }) => gate?.outputs["deployment-url"] ?? "");
      for (const address of [addresses(world).preview(1), ...made])
        expect([address, (await get(address)).status >= 400]).toEqual([address, true]);
      const states = repository.deployments
        .filter(({ environment }) => environment === "harbour (preview)")
        .map(({ statuses: all }) => all.at(-1)?.state);
      expect(states).toEqual(["inactive", "inactive"]);
      expect(comments()).toHaveLength(1);
      expect(comments()[0]?.body).toMatch(/its preview is gone: \d deployments? deleted/);
      expect((await get(`${addresses(world).production}/.auth/status`)).status).toBe(200);
      const told = await world.cloudflare.sql(
        demo.signInHostProject,
        "SELECT event FROM audit_events WHERE event LIKE '%pull request 1 is closed%'",
      );
      expect((told.results as unknown[]).length).toBeGreaterThan(0);
    },
    runLimit,
  );
});

describe("secrets", () => {
  it("are in no log, summary, output, comment, status, evidence, call log, deployment, process list or file", () => {
    const { world } = company;
    const secrets = [...secretsOf(world), ...jobTokens];
    // Cloudflare's token, the host's three with a signing key's six parts, and two for each gate job at least.
    expect(new Set(secrets).size).toBeGreaterThanOrEqual(1 + 3 + 6 + 8);
    const said = everythingSaid(world, [production, preview, pushedAgain, unchanged, closed]);
    expect(Object.keys(said).length).toBeGreaterThan(12);
    const seen = machine.seen();
    expect(seen["list of processes"]).toContain("wrangler");
    expect(Object.keys(seen).length).toBeGreaterThan(20);
    for (const [place, text] of Object.entries({ ...said, ...everythingDeployed(world), ...seen })) {
      const found = secrets.filter(
        (secret) => text.includes(secret) || text.includes(JSON.stringify(secret).slice(1, -1)),
      );
      expect(found, place).toEqual([]);
      // ID tokens, assertions and access tokens are JWTs (RFC 7519), whoever made them.
      expect(text, place).not.toMatch(/eyJ[\w-]{10,}\.eyJ[\w-]{10,}/);
    }
  });
});

it("makes no call at which no fault is tried", () => {
  expect(untriedCalls(company.world.log.calls)).toEqual([]);
});

interface Evidence {
  readonly policyDigest: string;
  readonly bundle: {
    readonly id: string;
    readonly modules: {
      readonly rehearsed: Readonly<Record<string, string>>;
      readonly uploaded: Readonly<Record<string, string>>;
      readonly same: boolean;
    };
    readonly files: readonly { readonly path: string; readonly sha256: string }[];
  };
  readonly verification: {
    readonly total: number;
    readonly open: number;
    readonly results: readonly unknown[];
  };
}

/** Writes to Graph, and those to Cloudflare that are no upload, no deployment and no question to the database. */
function writes({ calls }: Ran): string[] {
  return calls
    .filter(({ service, method }) => ["graph", "cloudflare"].includes(service) && method !== "GET")
    .filter(({ method, path }) => method !== "POST" || !/\/(deployments|assets\/[a-z-]+|query)$/.test(path))
    .map(({ method, path }) => `${method} ${path}`);
}
