import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ActionContext } from "../../../src/context.ts";
import { makeSecret, removeOrphans, secretIsCurrent } from "../../../src/steps/credential.ts";
import { findApplication } from "../../../src/steps/entra.ts";
import { type Stage, startStage } from "../stage.ts";
import { failure, type Recorded } from "../support.ts";

let stage: Stage;
let context: ActionContext;
let log: Recorded;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());
beforeEach(async () => {
  stage.faults.clear();
  ({ context, log } = stage.context(await stage.buildRun({})));
});

const owner = { host: "acme-sign-in", runId: 41 };
const deps = (over = true) => ({ ...context, runIsOver: async () => over });
const gate = async () => {
  stage.clock.advance(60_000);
  return findApplication(context.graph, stage.entra.cast.applications.gate.appId);
};
const day = 86_400_000;

describe("a client secret", () => {
  it("is tried until Entra accepts it, masked before that, named and dated", async () => {
    stage.entra.propagation.secretMs = 18_000;
    const began = stage.clock.now();
    const made = await makeSecret(deps(), await gate(), owner);
    expect(stage.clock.now() - began).toBeGreaterThan(18_000);
    expect(log.masked).toContain(made.secret);
    expect(await context.entra.trySecret((await gate()).appId, made.secret)).toBeUndefined();
    const credential = (await gate()).passwordCredentials.find(({ keyId }) => keyId === made.keyId);
    expect(credential?.displayName).toMatch(/^entra-gate acme-sign-in \d{4}-\d\d-\d\d run 41$/);
    const life = Date.parse(credential?.endDateTime ?? "") - stage.clock.now();
    expect(Math.round(life / day)).toBe(90);
  });

  it("that never works is removed again", async () => {
    const before = (await gate()).passwordCredentials.length;
    stage.entra.propagation.secretMs = 3_600_000;
    expect((await failure(makeSecret(deps(), await gate(), owner))).code).toBe("entra-secret-wrong");
    expect((await gate()).passwordCredentials.length).toBe(before);
    stage.entra.propagation.secretMs = 400;
  });

  it("that the tenant's policy forbids is told with who may allow it", async () => {
    stage.entra.secretPolicy.blocked = true;
    expect((await failure(makeSecret(deps(), await gate(), owner))).code).toBe("secrets-forbidden");
    stage.entra.secretPolicy.blocked = false;
  });

  it.each([
    [60, 60],
    [45, 30],
    [7, 7],
  ])(
    "of a tenant that allows %i days lives for %i, and is renewed at two thirds of that",
    async (most, days) => {
      stage.entra.secretPolicy.maxDays = most;
      const made = await makeSecret(deps(), await gate(), owner);
      stage.entra.secretPolicy.maxDays = undefined;
      const application = await gate();
      const end = Date.parse(made.endDateTime);
      const credential = application.passwordCredentials.find(({ keyId }) => keyId === made.keyId);
      expect(Math.round((end - Date.parse(credential?.startDateTime ?? "")) / day)).toBe(days);
      expect(secretIsCurrent(application, made.keyId, end - (days * day) / 3 - 60_000)).toBe(true);
      expect(secretIsCurrent(application, made.keyId, end - (days * day) / 3 + 60_000)).toBe(false);
    },
  );

  it("of a tenant that allows less than a week can't be kept fresh: told with who may change that", async () => {
    stage.entra.secretPolicy.maxDays = 3;
    expect((await failure(makeSecret(deps(), await gate(), owner))).code).toBe("secret-too-long");
    stage.entra.secretPolicy.maxDays = undefined;
  });

  it("is current while the application has it and a third of its life is left", async () => {
    const made = await makeSecret(deps(), await gate(), owner);
    const application = await gate();
    const now = stage.clock.now();
    expect(secretIsCurrent(application, made.keyId, now)).toBe(true);
    expect(secretIsCurrent(application, made.keyId.toUpperCase(), now)).toBe(true);
    expect(secretIsCurrent(application, made.keyId, now + 61 * day)).toBe(false);
    expect(secretIsCurrent(application, undefined, now)).toBe(false);
    expect(secretIsCurrent(application, "00000000-0000-4000-8000-000000000000", now)).toBe(false);
  });
});

describe("removeOrphans", () => {
  it("removes only this action's secrets for this host that nobody uses", async () => {
    const application = await gate();
    const add = (name: string) =>
      context.graph.addPassword(application.id, name, new Date(stage.clock.now() + day));
    const used = await makeSecret(deps(), application, owner);
    const orphan = await makeSecret(deps(), application, { ...owner, runId: 40 });
    const others = [
      await makeSecret(deps(), application, { host: "other-sign-in", runId: 40 }),
      await add("made by hand"),
      await add("entra-gate acme-sign-in by hand"),
    ];
    await removeOrphans(deps(), await gate(), owner, [used.keyId]);
    const left = (await gate()).passwordCredentials.map(({ keyId }) => keyId);
    expect(left).toContain(used.keyId);
    expect(left).not.toContain(orphan.keyId);
    for (const { keyId } of others) expect(left).toContain(keyId);
  });

  it("leaves another run's alone while that run is under way", async () => {
    const orphan = await makeSecret(deps(), await gate(), { ...owner, runId: 7 });
    await removeOrphans(deps(false), await gate(), owner, []);
    expect((await gate()).passwordCredentials.map(({ keyId }) => keyId)).toContain(orphan.keyId);
  });

  it("does not mind one that is gone already", async () => {
    const orphan = await makeSecret(deps(), await gate(), { ...owner, runId: 6 });
    const stale = await gate();
    await context.graph.removePassword(stale.id, orphan.keyId);
    const removed = await removeOrphans(deps(), stale, owner, []);
    expect(removed.filter((name) => name.endsWith(" run 6"))).toEqual([]);
  });
});

describe("the automation's token", () => {
  it("is asked for again while the federated credential propagates, with a new assertion each time", async () => {
    stage.entra.relapseFederation(3);
    const before = stage.log.count("github", ({ path }) => path.startsWith("/idtoken/"));
    await context.entra.graphToken();
    expect(stage.log.count("github", ({ path }) => path.startsWith("/idtoken/"))).toBe(before + 4);
  });

  it("is kept, and exchanged anew when Graph does not accept it any more", async () => {
    const first = await context.entra.graphToken();
    expect(await context.entra.graphToken()).toBe(first);
    const path = /^\/v1\.0\/applications/;
    stage.faults.add({ service: "graph", path, times: 1, what: { kind: "answer", status: 401, body: "{}" } });
    await gate();
    expect(await context.entra.graphToken()).not.toBe(first);
  });

  it("is masked, and so is GitHub's", async () => {
    const accessToken = await context.entra.graphToken();
    expect(log.masked).toContain(accessToken);
    expect(log.masked.filter((secret) => secret.split(".").length === 3).length).toBe(2);
  });

  it("needs id-token: write", async () => {
    const env = await stage.buildRun({});
    const { context: without } = stage.context({ ...env, ACTIONS_ID_TOKEN_REQUEST_TOKEN: undefined });
    expect((await failure(without.entra.graphToken())).code).toBe("id-token-unavailable");
  });

  it("has one remedy for a subject that differs in case, and shows the subject", async () => {
    const { directory, cast } = stage.entra;
    const entry = directory.applicationEntry(cast.applications.automation.appId);
    const [credential] = entry?.federatedCredentials ?? [];
    if (entry === undefined || credential === undefined) throw new Error("no federated credential");
    entry.federatedCredentials.splice(0, 1, {
      ...credential,
      subject: "repo:Acme/site:environment:entra-gate",
    });
    context.entra.forgetToken();
    const error = await failure(context.entra.graphToken());
    entry.federatedCredentials.splice(0, 1, credential);
    expect(error.code).toBe("entra-federation-case");
    expect(error.detail).toContain("repo:acme/site:environment:entra-gate");
  });
});
