import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { throttled } from "../../../local/entra/entra.ts";
import type { ActionContext } from "../../../src/context.ts";
import { configureApplication, createApplication, findApplication } from "../../../src/steps/entra.ts";
import { applicationPatch, mergeReads, wantedClaims } from "../../../src/steps/entra-diff.ts";
import { type Stage, startStage } from "../stage.ts";
import { failure } from "../support.ts";

let stage: Stage;
let context: ActionContext;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());
beforeEach(async () => {
  stage.faults.clear();
  context = stage.context(await stage.buildRun({})).context;
});

const gateId = () => stage.entra.cast.applications.gate.appId;
const stored = () => {
  const application = stage.entra.directory.application(gateId());
  if (application === undefined) throw new Error("no gate application");
  return application;
};
const writes = () => stage.log.count("graph", ({ method }) => method === "PATCH");
const find = () => findApplication(context.graph, gateId());
const uri = (name: string) => `https://${name}.example/.auth/callback`;
const configure = async (name: string, roles: readonly string[] = []) =>
  configureApplication(context, await find(), { roles, redirectUri: uri(name) });

describe("configureApplication", () => {
  it("brings roles, claims, groups and redirect URI, then writes nothing more", async () => {
    await configure("first", ["Site.Admin", "Preview.Test"]);
    const after = stored();
    expect(after.appRoles.map(({ value }) => value)).toEqual(["Site.Admin", "Preview.Test"]);
    expect(after.optionalClaims?.idToken.map(({ name }) => name)).toEqual([...wantedClaims]);
    expect(after.optionalClaims?.accessToken.map(({ name }) => name)).toEqual(["idtyp"]);
    expect(after.groupMembershipClaims).toBe("SecurityGroup");
    expect(after.web.redirectUris).toContain(uri("first"));
    stage.clock.advance(60_000);
    const before = writes();
    expect((await configure("first", ["Site.Admin", "Preview.Test"])).changes).toEqual([]);
    expect(writes()).toBe(before);
  });

  it("removes nothing that others put there", async () => {
    const other = stored();
    stage.entra.directory.writeApplication(other.id, {
      ...other,
      groupMembershipClaims: "All",
      web: { ...other.web, redirectUris: [...other.web.redirectUris, uri("others")] },
    });
    stage.clock.advance(60_000);
    await configure("second", ["Another.Role"]);
    const after = stored();
    expect(after.web.redirectUris).toEqual(
      expect.arrayContaining([uri("first"), uri("others"), uri("second")]),
    );
    expect(after.appRoles.map(({ value }) => value)).toEqual(["Site.Admin", "Preview.Test", "Another.Role"]);
    expect(after.groupMembershipClaims).toBe("All");
  });

  it("makes a lost update again", async () => {
    stage.entra.directory.updatesToLose = 1;
    const before = writes();
    await configure("third");
    expect(writes()).toBe(before + 2);
    expect(stored().web.redirectUris).toContain(uri("third"));
  });

  it("says so when its changes never stay", async () => {
    stage.entra.directory.updatesToLose = 1_000;
    expect((await failure(configure("fourth"))).code).toBe("graph-change-lost");
    stage.entra.directory.updatesToLose = 0;
  });

  it("waits as long as Graph asks when throttled", async () => {
    stage.faults.add(throttled({ retryAfter: 17, times: 2, method: "PATCH" }));
    const began = stage.clock.now();
    await configure("fifth");
    expect(stage.clock.now() - began).toBeGreaterThan(34_000);
    expect(stored().web.redirectUris).toContain(uri("fifth"));
  });

  it("keeps what two concurrent runs add", async () => {
    await Promise.all(["sixth", "seventh", "eighth"].map((name) => configure(name)));
    stage.clock.advance(60_000);
    await Promise.all(["sixth", "seventh", "eighth"].map((name) => configure(name)));
    expect(stored().web.redirectUris).toEqual(
      expect.arrayContaining([uri("sixth"), uri("seventh"), uri("eighth")]),
    );
  });

  it("stops before Entra's limit of 256 redirect URIs", async () => {
    const full = stored();
    const redirectUris = Array.from({ length: 256 }, (_, index) => uri(`n${index}`));
    stage.entra.directory.writeApplication(full.id, { ...full, web: { ...full.web, redirectUris } });
    stage.clock.advance(60_000);
    expect((await failure(configure("one-more"))).code).toBe("redirect-uris-full");
    stage.entra.directory.writeApplication(full.id, full);
    stage.clock.advance(60_000);
  });

  it("names permission and who may grant it where Graph refuses", async () => {
    const foreign = stage.entra.cast.applications.testClient.appId;
    const application = await findApplication(context.graph, foreign);
    const error = await failure(
      configureApplication(context, application, { roles: [], redirectUri: uri("x") }),
    );
    expect(error.code).toBe("graph-permission-missing");
    expect(error.message).toContain("Application.ReadWrite.OwnedBy");
  });

  it("does not know an application that is not there", async () => {
    const error = await failure(findApplication(context.graph, "00000000-0000-4000-8000-000000000000"));
    expect(error.code).toBe("graph-not-found");
  });

  it.each([
    ["HTML", "<!doctype html><title>Sign in</title>", "service-answer-unreadable"],
    ["truncated JSON", '{"id":', "service-answer-unreadable"],
    ["another shape", '{"value":[]}', "service-answer-unreadable"],
  ])("ends with one error on %s", async (_, body, code) => {
    const path = /^\/v1\.0\/applications/;
    stage.faults.add({ service: "graph", method: "GET", path, what: { kind: "answer", status: 200, body } });
    expect((await failure(find())).code).toBe(code);
  });
});

describe("createApplication", () => {
  it("makes one that the automation may configure", async () => {
    const made = await createApplication(context.graph, "Entra Gate test");
    stage.clock.advance(60_000);
    const { application } = await configureApplication(context, made, {
      roles: ["A"],
      redirectUri: uri("new"),
    });
    expect(application.web.redirectUris).toEqual([uri("new")]);
  });
});

describe("applicationPatch", () => {
  it("gives a role the same id in every run", async () => {
    const application = { ...(await find()), appRoles: [] };
    const wanted = { roles: ["Same.Role"], redirectUri: uri("first") };
    const ids = [applicationPatch(application, wanted), applicationPatch(application, wanted)].map(
      (patch) => patch?.appRoles?.[0]?.id,
    );
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("unites a stale read with a newer one", async () => {
    const application = await find();
    const stale = { ...application, web: { redirectUris: [uri("a")] }, appRoles: [] };
    const fresh = { ...application, web: { redirectUris: [uri("b")] } };
    expect(mergeReads(stale, fresh).web.redirectUris).toEqual([uri("b"), uri("a")]);
    expect(mergeReads(fresh, stale).appRoles).toEqual(application.appRoles);
  });
});
