import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRunner, type RunResult } from "../../local/github/index.ts";
import { demo } from "../../local/world/demo.ts";
import { version } from "../../src/version.ts";
import { addresses, type Company, get, living, type Ran, runLimit, startCompany } from "./company.ts";
import { packed, paths, policy, smallRepository, smallSite } from "./small-site.ts";

const nonce = `release-${Date.now().toString(36)}`;
/** The repository that uses the sign-in host of the other one, and its Pages project. */
const user = "depot";
const newer = "9.9.9";

let company: Company;
let own: Ran[];
let used: readonly RunResult[];

const application = () => {
  const { entra } = company.world;
  return entra.directory.application(entra.cast.applications.gate.appId);
};
const logOf = (runs: readonly RunResult[]) =>
  runs.flatMap(({ jobs }) => jobs.flatMap(({ steps }) => steps.map(({ log }) => log))).join("\n");

/** Another writer's role, and an address of another host. */
function shareApplication(): void {
  const found = application();
  if (found === undefined) throw new Error("no gate application");
  const role = { id: crypto.randomUUID(), value: "Somebody.Else", displayName: "x", description: "x" };
  company.world.entra.directory.writeApplication(found.id, {
    ...found,
    appRoles: [...found.appRoles, { ...role, isEnabled: true, allowedMemberTypes: ["User"] }],
    web: { ...found.web, redirectUris: [...found.web.redirectUris, "https://elsewhere.example/callback"] },
  });
}

/** A second repository with an environment of its own, and the events of its first push. */
async function secondRepository() {
  const { github, entra, demo: first } = company.world;
  const files = await smallRepository(nonce, { "sign-in-host": "use" });
  const { repository, events } = await github.createRepository({ owner: demo.owner, name: user, files });
  const environment = github.store.environment(repository, demo.environment);
  const settings = github.store.environment(first.repository, demo.environment);
  for (const [name, value] of settings.variables) environment.variables.set(name, value);
  for (const [name, value] of settings.secrets) environment.secrets.set(name, value);
  environment.variables.set("CLOUDFLARE_PROJECT", user);
  const subject = `repo:${demo.owner}/${user}:environment:${demo.environment}`;
  const { automation, testClient } = entra.cast.applications;
  for (const { appId } of [automation, testClient])
    entra.directory.addFederatedCredential(appId, { issuer: github.issuer, subject, settled: true });
  return events;
}

/** A runner whose action says that it is of a later version. */
async function newerRunner() {
  const { github, folder } = company.world;
  const action = join(folder, "newer");
  await cp(join(folder, "action"), action, { recursive: true });
  for (const part of ["index.js", "gate/host.js"]) {
    const path = join(action, "dist", part);
    const code = (await readFile(path, "utf8")).replaceAll(`"${version}"`, `"${newer}"`);
    await writeFile(path, code);
  }
  return createRunner({
    github,
    action: { ref: demo.action, folder: action },
    toolCache: join(folder, "tool-cache"),
  });
}

beforeAll(async () => {
  company = await startCompany(nonce);
  const { entra, cloudflare, github, demo: of } = company.world;
  const files = await smallRepository(nonce, { rotate: '"true"' });
  const first = await company.push({ branch: "main", files, wholeTree: true });
  expect(first.gate?.conclusion, first.gate?.log).toBe("success");
  shareApplication();
  Object.assign(entra.propagation, { redirectUriMs: 3_000, secretMs: 1_500, readMs: 1_000 });
  Object.assign(cloudflare.timing, { deploy: 800, propagation: 800, linger: 1_000 });
  entra.loseUpdates(2);

  const pulls = [];
  for (const branch of ["one", "two"]) {
    await github.activities.push(of.repository, { branch, files: { [branch]: Buffer.from(branch) } });
    pulls.push((await github.activities.openPullRequest(of.repository, { branch })).events);
  }
  const wider = { ...policy, roles: ["Site.Admin", "Late.Comer"] };
  const push = await github.activities.push(of.repository, {
    branch: "main",
    files: {
      [paths.policy]: Buffer.from(
        JSON.stringify({
          ...wider,
          preview: { rules: [{ path: "/*", allow: { roles: wider.roles } }] },
        }),
      ),
      [paths.artifact]: await packed({ ...smallSite(nonce), "assets/new.html": `<p>new ${nonce}</p>` }),
    },
  });
  const events = await secondRepository();
  const runner = await newerRunner();
  const [mine, theirs] = await Promise.all([
    Promise.all([push.events, ...pulls].map((each) => company.run(each))),
    runner.run(events),
  ]);
  await runner.close();
  own = mine;
  used = theirs;
}, 2 * runLimit);
afterAll(() => company?.close());

describe("four runs at once, of two repositories with one sign-in host", () => {
  it("all end well", () => {
    for (const runs of [...own.map((ran) => ran.runs), used])
      expect(
        runs.map(({ conclusion }) => conclusion),
        logOf(runs),
      ).toEqual(["success", "success"]);
  });

  it("lose no redirect URI, no role and no site", async () => {
    const { redirectUris } = application()?.web ?? {};
    const callback = `${addresses(company.world).host}/.auth/callback`;
    expect(redirectUris).toEqual(expect.arrayContaining([callback, "https://elsewhere.example/callback"]));
    const roles = application()?.appRoles.map(({ value }) => value) ?? [];
    expect(roles).toEqual(expect.arrayContaining(["Late.Comer", "Somebody.Else"]));
    expect(new Set(roles).size).toBe(roles.length);
    const rows = await company.world.cloudflare.sql(
      demo.signInHostProject,
      "SELECT project FROM sites ORDER BY project",
    );
    expect(rows).toMatchObject({ results: [{ project: user }, { project: demo.project }] });
  });

  it("leave a host that its own repository deployed, with a secret that works and the keys it names", () => {
    const [host, ...more] = living(company.world, demo.signInHostProject);
    expect(more).toEqual([]);
    const commits = company.world.demo.repository.runs.map(({ headSha }) => headSha);
    expect(commits).toContain(host?.commit.commit_hash);
    const gate = host?.upload.worker?.modules.find(({ name }) => name.endsWith("gate.js"));
    expect(String(gate?.contents)).toContain(`"${version}"`);
    expect(String(gate?.contents)).not.toContain(`"${newer}"`);
    const variables = host?.config.env_vars ?? {};
    const held = application()?.passwordCredentials.map(({ keyId }) => keyId);
    expect(held).toContain(variables["GATE_ENTRA_KEY_ID"]?.value);
    for (const kind of ["SIGNING", "COOKIE"])
      expect(variables).toHaveProperty(
        `GATE_${kind}_KEY_${variables[`GATE_${kind}_ACTIVE`]?.value}`,
        expect.objectContaining({ type: "secret_text" }),
      );
  });

  it("leave every site closed, behind the host's keys", async () => {
    const { production, preview } = addresses(company.world);
    const sites = [production, production.replace(demo.project, user), preview(1), preview(2)];
    for (const site of sites) expect((await get(`${site}/`)).status).toBe(401);
  });
});
