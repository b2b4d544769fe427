import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newApplication } from "../../../../../local/entra/directory/seed.ts";
import {
  administratorSteps,
  registrationSteps,
} from "../../../../../pages-plugin/src/cli/setup/entra/steps.ts";
import type { SetupNames } from "../../../../../pages-plugin/src/cli/setup/names.ts";
import { removeSetup } from "../../../../../pages-plugin/src/cli/setup/remove.ts";
import { runSetup } from "../../../../../pages-plugin/src/cli/setup/run.ts";
import type { Http, HttpAnswer } from "../../../../../src/clients/http.ts";
import { type Company, immutable, issuer, startCompany, type Who } from "./company.ts";

let company: Company;
beforeAll(async () => {
  company = await startCompany();
});
beforeEach(() => company.reset());
afterAll(() => company.close());

const entraSteps = (names: SetupNames) => [...registrationSteps(names), ...administratorSteps(names)];
const silent = { dryRun: false, tell: () => {} };
const rules = [{ path: "/*", allow: { groups: ["reviewers"] } }];
const policy = { preview: { rules }, production: "open" };
const subject = `${immutable}:environment:entra-gate`;
const everything = { assignmentRequired: true, testRole: "Preview.Test" };

async function run(who: Who = {}) {
  const context = await company.contextOf(who);
  const { data } = await runSetup(entraSteps(context.names), context, silent);
  return { context, steps: (data as { steps: { id: string; state: string; changed: string[] }[] }).steps };
}
async function remove(who: Who = {}) {
  const context = await company.contextOf(who);
  return removeSetup(entraSteps(context.names), context, silent);
}
const writes = () =>
  company.log.calls.filter(({ method, service }) => service === "graph" && method !== "GET");
const faultOf = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable(),
    (thrown: { code: string; message: string }) => thrown,
  );

describe("from nothing", () => {
  it("to done: two applications, closed, and the automation may write what it owns", async () => {
    company.writePolicy(policy);
    const { steps, context } = await run();
    expect(steps.every(({ state }) => state === "done")).toBe(true);
    expect(steps[0]?.changed).toEqual([`application ${context.facts.gateClientId}`, "service principal"]);
    const [gate, automation] = company.state();
    expect(gate).toMatchObject({
      displayName: "Entra Gate",
      signInAudience: "AzureADMyOrg",
      web: {
        redirectUris: [],
        implicitGrantSettings: { enableIdTokenIssuance: false, enableAccessTokenIssuance: false },
      },
      api: { requestedAccessTokenVersion: 2 },
      passwordCredentials: [],
      owners: ["principal of Entra Gate automation"],
      consents: [["*", ["User.Read", "openid", "profile"]]],
      principal: { owners: ["principal of Entra Gate automation"], assignmentRequired: false },
    });
    expect(automation).toMatchObject({
      federated: [{ issuer, subject, audiences: ["api://AzureADTokenExchange"] }],
      passwordCredentials: [],
      principal: { permissions: ["Application.ReadWrite.OwnedBy"] },
    });
    expect(company.state()).toHaveLength(2);
    const { groups } = JSON.parse(readFileSync(company.policyFile, "utf8"));
    expect(groups).toEqual({ reviewers: company.entra.cast.groups.reviewers.id });
    expect(context.facts).toMatchObject({ tenantId: company.entra.tenantId });
  });

  it("a dry run sees it all and changes nothing", async () => {
    company.writePolicy(policy);
    const before = readFileSync(company.policyFile, "utf8");
    const context = await company.contextOf({ names: everything });
    const { data } = await runSetup(entraSteps(context.names), context, { ...silent, dryRun: true });
    const states = (data as { steps: { state: string }[] }).steps.map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(["missing"]));
    expect(writes()).toEqual([]);
    expect(readFileSync(company.policyFile, "utf8")).toBe(before);
  });

  it("twice is once", async () => {
    company.writePolicy(policy);
    await run({ names: everything });
    const [state, count] = [company.state(), writes().length];
    const { steps } = await run({ names: everything });
    expect(steps.flatMap(({ changed }) => changed)).toEqual([]);
    expect(writes()).toHaveLength(count);
    expect(company.state()).toEqual(state);
  });

  it("killed at any write and started again, it ends in the same state", async () => {
    company.writePolicy(policy);
    await run();
    const [wanted, count] = [company.state(), writes().length];
    expect(count).toBeGreaterThan(8);
    for (let last = 1; last < count; last += 1) {
      for (const id of company.directory.applications.keys()) company.directory.removeApplication(id);
      const context = await company.contextOf();
      let left = last;
      const send: typeof context.http.send = async (request) => {
        if (left === 0) throw new Error("killed");
        const answer = await context.http.send(request);
        if (request.method !== "GET") left -= 1;
        return answer;
      };
      await expect(
        runSetup(entraSteps(context.names), { ...context, http: { send } }, silent),
      ).rejects.toThrow("killed");
      await run();
      expect(company.state()).toEqual(wanted);
    }
  });
});

/** Replicas that lag: the first read of anything after a write shows what it was before. */
function lagging(http: Http): Http {
  const seen = new Map<string, { answer: HttpAnswer; at: number }>();
  let written = 0;
  return {
    async send(request) {
      if (request.method !== "GET") written += 1;
      if (request.method !== "GET" || !String(request.url).includes("graph.")) return http.send(request);
      const before = seen.get(String(request.url));
      const answer = await http.send(request);
      seen.set(String(request.url), { answer, at: written });
      return before !== undefined && before.at < written ? before.answer : answer;
    },
  };
}

it("is led astray by no read that comes from before a write", async () => {
  company.writePolicy(policy);
  await run({ names: everything });
  const wanted = company.state();
  for (const id of company.directory.applications.keys()) company.directory.removeApplication(id);
  const context = await company.contextOf({ names: everything });
  await runSetup(entraSteps(context.names), { ...context, http: lagging(context.http) }, silent);
  expect(company.state()).toEqual(wanted);
  await removeSetup(entraSteps(context.names), { ...context, http: lagging(context.http) }, silent);
  expect(company.state()).toEqual([]);
});

describe("what is there in part", () => {
  it("is completed: a consent that somebody narrowed, an owner who was taken away", async () => {
    const { context } = await run();
    const wanted = company.state();
    const gate = company.directory.applicationEntry(context.facts.gateClientId ?? "");
    company.directory.consents.revoke(context.facts.gateClientId ?? "", "*");
    company.directory.consents.grant(context.facts.gateClientId ?? "", "*", ["openid", "email"]);
    gate?.owners.clear();
    const { steps } = await run();
    expect(steps.filter(({ changed }) => changed.length > 0).map(({ id }) => id)).toEqual([
      ...["automation-owner", "gate-consent"],
    ]);
    expect(company.state()[0]?.consents).toEqual([["*", ["User.Read", "email", "openid", "profile"]]]);
    expect(company.state()[0]?.owners).toEqual(wanted[0]?.owners);
  });

  it("is told where it can't be: twenty federated credentials", async () => {
    const byHand = newApplication(crypto.randomUUID(), crypto.randomUUID(), "By hand", "");
    company.directory.addApplication(byHand, [], true);
    for (let count = 0; count < 20; count += 1)
      company.directory.addFederatedCredential(byHand.appId, { issuer, subject: `repo:a/b:ref:${count}` });
    expect((await faultOf(run({ names: { automationClientId: byHand.appId } }))).code).toBe(
      "federation-full",
    );
  });

  it("is read to the last page: who is assigned among hundreds is not assigned again", async () => {
    company.writePolicy(policy);
    await run({ names: { assignmentRequired: true } });
    const gate = [...company.directory.applications.values()][0]?.object.current;
    const { roleAssignments } = company.directory;
    const others = Array.from({ length: 250 }, () => ({
      ...{ principalId: crypto.randomUUID(), appId: gate?.appId ?? "", value: undefined },
    }));
    roleAssignments.unshift(...others);
    const { steps } = await run({ names: { assignmentRequired: true } });
    expect(steps.flatMap(({ changed }) => changed)).toEqual([]);
  });
});

describe("roles", () => {
  const developer = {
    oid: "11f1c2d3-0a1b-4c2d-8e3f-000000000003",
    roles: ["Application Developer"] as const,
  };

  it("who may not consent is told who may and with which ids; that one goes on from there", async () => {
    company.writePolicy(policy);
    const fault = await faultOf(run(developer));
    expect(fault.code).toBe("setup-denied");
    expect(fault.message).toContain("Privileged Role Administrator");
    expect(fault.message).toContain("--print ticket");
    expect(fault.message).toContain("AppRoleAssignment.ReadWrite.All");
    const gateClientId = /--gate-client-id (\S+)/.exec(fault.message)?.[1] ?? "";
    const automationClientId = /--automation-client-id (\S+)/.exec(fault.message)?.[1] ?? "";
    // Without the ids an administrator is not led to an application that somebody else owns.
    expect((await faultOf(run())).code).toBe("application-taken");
    const { steps } = await run({ names: { gateClientId, automationClientId } });
    expect(steps.every(({ state }) => state === "done")).toBe(true);
    expect(company.state()).toHaveLength(2);
  });

  it("a login that Graph takes no more is told", async () => {
    const context = await company.contextOf();
    const logins = { token: async () => "a.b.c" };
    const work = runSetup(entraSteps(context.names), { ...context, logins }, silent);
    expect((await faultOf(work)).code).toBe("login-missing");
  });

  it("who may not delete takes nothing away", async () => {
    await run();
    const before = company.state();
    const reviewer = { oid: company.entra.cast.people.reviewer.oid, roles: [] };
    const pins = Object.fromEntries(
      [...company.directory.applications.values()].map(({ object: { current } }) => [
        current.displayName === "Entra Gate" ? "gateClientId" : "automationClientId",
        current.appId,
      ]),
    );
    expect((await faultOf(remove({ ...reviewer, names: pins }))).code).toBe("setup-denied");
    expect(company.state()).toEqual(before);
    expect((await faultOf(remove({ names: { ...pins, tenantId: crypto.randomUUID() } }))).code).toBe(
      "tenant-wrong",
    );
  });

  it("a login to another tenant is refused before anything is made", async () => {
    const fault = await faultOf(run({ names: { tenantId: "00000000-0000-4000-8000-000000000000" } }));
    expect(fault.code).toBe("tenant-wrong");
    expect(writes()).toEqual([]);
  });
});

describe("an application that bears the tag", () => {
  const tag = "entra-gate-setup:acme-sign-in/gate";
  const plant = (changes = {}, owners = ["11f1c2d3-0a1b-4c2d-8e3f-000000000002"]) => {
    const id = crypto.randomUUID();
    const planted = { ...newApplication(id, crypto.randomUUID(), "Entra Gate", ""), tags: [tag], ...changes };
    company.directory.addApplication(planted, owners, true);
    return planted;
  };

  it.each([
    [
      "with a redirect URI",
      {
        web: {
          redirectUris: ["https://evil.example/"],
          homePageUrl: null,
          logoutUrl: null,
          implicitGrantSettings: { enableIdTokenIssuance: false, enableAccessTokenIssuance: false },
        },
      },
    ],
    [
      "with a certificate",
      {
        keyCredentials: [
          {
            keyId: crypto.randomUUID(),
            displayName: "x",
            startDateTime: "",
            endDateTime: "",
            customKeyIdentifier: "",
            key: "",
            usableFrom: 0,
          },
        ],
      },
    ],
  ])("is not taken for ours %s", async (_, changes) => {
    plant(changes);
    expect((await faultOf(run())).code).toBe("application-taken");
    expect(writes()).toEqual([]);
  });

  it("is not taken for ours where somebody else owns it, or it trusts another repository", async () => {
    plant({}, ["11f1c2d3-0a1b-4c2d-8e3f-000000000003"]);
    expect((await faultOf(run())).code).toBe("application-taken");
    company.directory.applications.clear();
    const { appId } = plant({ tags: ["entra-gate-setup:acme-sign-in/automation"] });
    company.directory.addFederatedCredential(appId, {
      issuer,
      subject: "repo:evil/site:environment:entra-gate",
    });
    expect((await faultOf(run())).code).toBe("application-taken");
    expect(writes()).toEqual([]);
  });

  it("has to be named where there are two, or where it is in use already", async () => {
    plant();
    const { appId } = plant();
    expect((await faultOf(run())).code).toBe("application-ambiguous");
    company.github.variables["ENTRA_GATE_CLIENT_ID"] = appId;
    const { context } = await run();
    expect(context.facts.gateClientId).toBe(appId);
    company.github.variables["ENTRA_GATE_CLIENT_ID"] = "00000000-0000-4000-8000-000000000000";
    expect((await faultOf(run())).code).toBe("application-unknown");
  });

  it("is closed where it was made open by hand", async () => {
    const implicitGrantSettings = { enableIdTokenIssuance: true, enableAccessTokenIssuance: false };
    const { appId } = plant({ web: { ...newApplication("", "", "", "").web, implicitGrantSettings } });
    const { steps } = await run({ names: { gateClientId: appId } });
    expect(steps[0]?.changed).toContain("single tenant, no implicit grant");
    expect(company.directory.application(appId)?.web.implicitGrantSettings.enableIdTokenIssuance).toBe(false);
  });
});

describe("the subject", () => {
  it("is GitHub's word, or the one that was given", async () => {
    company.github.subjects["sub_claim_prefix"] = "repo:acme/site";
    await run();
    expect(company.state()[1]?.federated).toMatchObject([
      { subject: "repo:acme/site:environment:entra-gate" },
    ]);
    await remove();
    await run({ names: { subject: "repo:a@1/b@2:environment:x" }, github: false });
    expect(company.state()[1]?.federated).toMatchObject([{ subject: "repo:a@1/b@2:environment:x" }]);
  });

  it.each([
    ["a template of its own", { use_default: false, sub_claim_prefix: immutable }],
    ["no prefix", { use_default: true }],
    ["an odd one", { use_default: true, sub_claim_prefix: "repo:a/b:ref" }],
  ])("is not guessed: %s", async (_, answer) => {
    for (const key of Object.keys(company.github.subjects)) delete company.github.subjects[key];
    Object.assign(company.github.subjects, answer);
    expect((await faultOf(run())).code).toBe("subject-unknown");
  });
});

describe("groups", () => {
  const group = (id: string, name: string, securityEnabled = true) =>
    company.directory.groups.set(id, { id, name, securityEnabled });

  it("are found by the name that was given for them, and everything else in gate.json stays", async () => {
    company.writePolicy({ $schema: "x", roles: ["Site.Admin"], ...policy });
    const { platform } = company.entra.cast.groups;
    await run({ names: { groups: [{ name: "reviewers", is: "platform" }] } });
    expect(JSON.parse(readFileSync(company.policyFile, "utf8"))).toEqual({
      ...{ $schema: "x", roles: ["Site.Admin"], ...policy },
      groups: { reviewers: platform.id },
    });
  });

  it("of one name are listed and not chosen from; an id says which", async () => {
    company.writePolicy(policy);
    const twin = "aaaaaaaa-0000-4000-8000-000000000001";
    group(twin, "reviewers");
    const fault = await faultOf(run());
    expect(fault.code).toBe("group-ambiguous");
    expect(fault.message).toContain(twin);
    expect(fault.message).toContain(company.entra.cast.groups.reviewers.id);
    await run({ names: { groups: [{ name: "reviewers", is: twin }] } });
    expect(JSON.parse(readFileSync(company.policyFile, "utf8")).groups).toEqual({ reviewers: twin });
  });

  it("that no token would list are refused, as are those that are not there", async () => {
    const id = "aaaaaaaa-0000-4000-8000-000000000002";
    group(id, "list", false);
    for (const is of ["nobody", "list", id, "aaaaaaaa-0000-4000-8000-000000000003"]) {
      company.writePolicy(policy);
      const fault = await faultOf(run({ names: { groups: [{ name: "reviewers", is }] } }));
      expect(fault.code).toBe("group-unknown");
    }
  });

  it("wait for a policy", async () => {
    const { steps } = await run();
    expect(steps.find(({ id }) => id === "policy-groups")?.state).toBe("waiting");
  });
});

describe("assignment and the test application", () => {
  it("assigns the policy's groups before it shuts out all others; the role comes with the action", async () => {
    company.writePolicy(policy);
    const first = await run({ names: everything });
    expect(first.steps.at(-1)).toMatchObject({ id: "test-role", state: "waiting" });
    const calls = writes().map(({ method, path }) => `${method} ${path.replace(/[0-9a-f-]{36}/g, "…")}`);
    expect(calls.lastIndexOf("POST /v1.0/servicePrincipals/…/appRoleAssignedTo")).toBeLessThan(
      calls.indexOf("PATCH /v1.0/servicePrincipals/…"),
    );
    const gate = company.directory.application(first.context.facts.gateClientId ?? "");
    const role = {
      ...{ id: crypto.randomUUID(), value: "Preview.Test", displayName: "x", description: "x" },
      ...{ isEnabled: true, allowedMemberTypes: ["Application", "User"] as const },
    };
    if (gate !== undefined) company.directory.writeApplication(gate.id, { ...gate, appRoles: [role] });
    company.clock.advance(1_000);
    await run({ names: everything });
    expect(company.state()[0]?.assigned).toEqual([
      ["reviewers", undefined],
      ["principal of Entra Gate test", "Preview.Test"],
    ]);
  });
});

describe("remove", () => {
  it("leaves nothing of ours and everything of others", async () => {
    company.writePolicy(policy);
    const other = newApplication(crypto.randomUUID(), crypto.randomUUID(), "Another", "");
    company.directory.addApplication({ ...other, tags: ["entra-gate-setup:other-host/gate"] }, [], true);
    const before = company.state();
    await run({ names: everything });
    await remove({ names: everything });
    expect(company.state()).toEqual(before);
    expect((await remove({ names: everything })).text).toContain("Nothing");
  });

  it("of one repository leaves what another one's setup has made and shares with it", async () => {
    const { context } = await run();
    const before = company.state();
    const { gateClientId = "", automationClientId = "" } = context.facts;
    company.github.subjects["sub_claim_prefix"] = "repo:acme@77/other@4343";
    const other = { names: { repository: "acme/other", gateClientId, automationClientId } };
    await run(other);
    expect(company.state()[1]?.federated).toHaveLength(2);
    await remove(other);
    expect(company.state()).toEqual(before);
  });

  it("takes from an application made by hand only what bears setup's mark", async () => {
    const { state, directory } = company;
    const byHand = newApplication(crypto.randomUUID(), crypto.randomUUID(), "By hand", "");
    directory.addApplication(byHand, [], true);
    directory.addFederatedCredential(byHand.appId, { issuer, subject: "repo:acme/other:environment:x" });
    const names = { automationClientId: byHand.appId };
    await run({ names });
    await remove({ names });
    expect(state()).toMatchObject([
      { displayName: "By hand", federated: [{ subject: "repo:acme/other:environment:x" }] },
    ]);
  });
});
