import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { compilePolicy } from "../../../contract/policy/compile.ts";
import type { CompiledPolicy } from "../../../contract/policy/model.ts";
import { parsePolicy } from "../../../contract/policy/parse.ts";
import { createEntraClient } from "../../../src/clients/entra.ts";
import { checkMachines, prepareMachines } from "../../../src/steps/machines.ts";
import type { Bundle } from "../../../src/steps/types.ts";
import { type MachineWorld, startMachineWorld, testSubject } from "../machine-world.ts";
import { FakeTime, httpWith, recordingLog } from "../support.ts";

let world: MachineWorld;
let policy: CompiledPolicy;
beforeAll(async () => {
  world = await startMachineWorld();
  const { directory, cast } = world.tenant.entra;
  // One job stands for both applications.
  const { issuer } =
    directory.applicationEntry(cast.applications.testClient.appId)?.federatedCredentials[0] ?? {};
  directory.addFederatedCredential(cast.applications.automation.appId, {
    issuer: issuer ?? "",
    subject: testSubject,
    settled: true,
  });
});
beforeEach(async () => {
  policy = await policyWith(["Preview.Test", "Site.Admin"]);
});
afterAll(() => world?.close());

async function policyWith(roles: readonly string[]): Promise<CompiledPolicy> {
  const rules = [
    { path: "/admin/*", allow: { roles: ["Site.Admin"] } },
    { path: "/*", allow: { roles } },
  ];
  const parsed = parsePolicy({ roles: ["Preview.Test", "Site.Admin"], preview: { rules } });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return compilePolicy(parsed.policy, "preview");
}

function depsOf(subject = testSubject) {
  const time = new FakeTime();
  const http = httpWith(time);
  const log = recordingLog();
  const job = world.jobEnv(subject);
  const { authority, tenantId, graphUrl, cast } = world.tenant.entra;
  const idToken = {
    url: job["ACTIONS_ID_TOKEN_REQUEST_URL"] ?? "",
    requestToken: job["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] ?? "",
  };
  const settings = { authority, tenantId, graphUrl, idToken, clientId: cast.applications.automation.appId };
  const mask = (secret: string) => log.mask(secret);
  const sleep = (milliseconds: number) => time.sleep(milliseconds);
  const entra = createEntraClient({ http, now: () => time.now(), sleep, mask }, settings);
  return { entra, http, log, sleep, now: () => time.now() };
}

const apps = () => {
  const { gate, testClient, automation } = world.tenant.entra.cast.applications;
  return { gate: gate.appId, test: testClient.appId, other: automation.appId };
};
const file = (path: string) => ({ path, sha256: "0", size: 1 });
const bundle = {
  files: ["admin/index.html", "docs/mooring.html", "_worker.js/index.js"].map(file),
} as unknown as Bundle;
const at = () => ({ signInOrigin: world.signInOrigin, origin: world.preview, bundle, policy });

describe("machines at a deployment", () => {
  it("finds that the test application gets in and sees a page, and that one without a role does not", async () => {
    const deps = depsOf();
    const machines = await prepareMachines(deps, apps(), policy);
    world.reached.length = 0;
    expect(await checkMachines(deps, machines, at())).toEqual([
      { app: apps().test, roles: ["Preview.Test"], admitted: true, saw: "/docs/mooring" },
      { app: apps().other, roles: [], admitted: false },
    ]);
    expect(world.reached.map(({ path }) => path)).toEqual(["/docs/mooring"]);
  });

  it("has one that Entra keeps out for want of an assignment ask nobody", async () => {
    const principal = world.tenant.entra.directory.servicePrincipalEntry(apps().gate)?.object;
    principal?.write({ ...principal.current, appRoleAssignmentRequired: true }, 0);
    const machines = await prepareMachines(depsOf(), apps(), policy);
    principal?.write({ ...principal.current, appRoleAssignmentRequired: false }, 0);
    expect(machines.map(({ app }) => app)).toEqual([apps().test]);
  });

  it("ends the run before anything is deployed where Entra doesn't know the test application's job", async () => {
    const promise = prepareMachines(depsOf("repo:contoso/site:pull_request"), apps(), policy);
    await expect(promise).rejects.toMatchObject({ code: "entra-federation-mismatch" });
  });

  it("is an error where the sign-in host keeps out whom the policy lets in, after a minute and a half", async () => {
    const everybody = await policyWith(["Preview.Test"]);
    const deps = depsOf();
    const machines = await prepareMachines(deps, apps(), everybody);
    const kept = world.tenant.entra.directory.roleAssignments.splice(0);
    const began = deps.now();
    const withoutRole = await prepareMachines(deps, apps(), everybody);
    const pretended = withoutRole.map((machine) => ({ ...machine, admitted: true }));
    await expect(checkMachines(deps, pretended, at())).rejects.toMatchObject({
      code: "session-refused",
      detail: expect.stringContaining("entry-refused"),
    });
    expect(deps.now() - began).toBeGreaterThanOrEqual(90_000);
    world.tenant.entra.directory.roleAssignments.push(...kept);
    expect(machines[0]?.admitted).toBe(true);
  });

  it("is worse where it lets in whom the policy keeps out", async () => {
    const deps = depsOf();
    const machines = await prepareMachines(deps, apps(), await policyWith(["Site.Admin"]));
    expect(machines.map(({ admitted }) => admitted)).toEqual([false, false]);
    await expect(checkMachines(deps, machines, at())).rejects.toMatchObject({ code: "machine-admitted" });
  });

  it("waits for a sign-in host that has not read its sites anew", async () => {
    const deps = depsOf();
    const machines = await prepareMachines(deps, apps(), policy);
    const { roleAssignments } = world.tenant.entra.directory;
    const stale = machines.map((machine) => ({ ...machine, token: `${machine.token}x` }));
    expect(await checkMachines(deps, stale.slice(0, 1), at())).toMatchObject([{ admitted: true }]);
    expect(roleAssignments.length).toBeGreaterThan(0);
  });
});
