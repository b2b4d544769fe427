import sodium from "libsodium-wrappers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Repository } from "../../../local/github/index.ts";
import { jobToken, octokitFor, refusal, type Setting, startSetting } from "./support.ts";

let setting: Setting;
let repository: Repository;
let count = 0;

beforeAll(async () => {
  await sodium.ready;
  setting = await startSetting();
});
afterAll(() => setting.github.close());
beforeEach(async () => {
  count += 1;
  const wanted = { owner: "acme", name: `site${count}`, files: { a: "a" } };
  ({ repository } = await setting.github.createRepository(wanted));
  repository.collaborators.set("writer", "write");
  repository.collaborators.set("reader", "read");
});

const restOf = (login: string) => octokitFor(setting.github, setting.github.tokenOf(login)).rest;
const here = () => ({ owner: "acme", repo: repository.name, environment_name: "gate" });
const selected = {
  deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
} as const;

describe("who may", () => {
  it("lets administrators alone change environments; who may only read is told there is nothing", async () => {
    const change = (login: string) =>
      refusal(restOf(login).repos.createOrUpdateEnvironment({ ...here(), ...selected }));
    expect(await change("writer")).toEqual({ status: 403, message: "Must have admin rights to Repository." });
    expect((await change("reader")).status).toBe(404);
    const job = octokitFor(setting.github, jobToken(setting.github, repository, { actions: "write" }));
    expect((await refusal(job.rest.repos.createOrUpdateEnvironment(here()))).status).toBe(403);
    const permissions = async (login: string) =>
      (await restOf(login).repos.get({ owner: "acme", repo: repository.name })).data.permissions;
    expect(await permissions("acme")).toMatchObject({ admin: true });
    expect(await permissions("writer")).toMatchObject({ admin: false, push: true });
  });
});

describe("environments", () => {
  it("are made, read with a job's actions: read, and deleted", async () => {
    const { repos } = restOf("acme");
    expect((await refusal(repos.getEnvironment(here()))).status).toBe(404);
    await repos.createOrUpdateEnvironment(here());
    const job = octokitFor(setting.github, jobToken(setting.github, repository, { actions: "read" }));
    const { data } = await job.rest.repos.getEnvironment(here());
    expect(data).toMatchObject({ name: "gate", deployment_branch_policy: null, protection_rules: [] });
    await repos.deleteAnEnvironment(here());
    expect((await repos.getAllEnvironments({ ...here() })).data.total_count).toBe(0);
  });

  it("take back what a PUT leaves out", async () => {
    const { repos } = restOf("acme");
    await repos.createOrUpdateEnvironment({ ...here(), wait_timer: 5, ...selected });
    await repos.createDeploymentBranchPolicy({ ...here(), name: "main" });
    const { data } = await repos.createOrUpdateEnvironment(here());
    expect(data).toMatchObject({ deployment_branch_policy: null, protection_rules: [] });
    expect((await repos.listDeploymentBranchPolicies(here())).data.total_count).toBe(0);
  });

  it("refuse a policy that is both or neither", async () => {
    const policy = { protected_branches: true, custom_branch_policies: true };
    const call = restOf("acme").repos.createOrUpdateEnvironment({
      ...here(),
      deployment_branch_policy: policy,
    });
    expect((await refusal(call)).status).toBe(422);
  });

  it("keep name patterns only where the policy says so, each once", async () => {
    const { repos } = restOf("acme");
    await repos.createOrUpdateEnvironment(here());
    const add = (name: string, type?: "branch" | "tag") =>
      repos.createDeploymentBranchPolicy({ ...here(), name, ...(type === undefined ? {} : { type }) });
    expect((await refusal(add("main"))).status).toBe(404);
    await repos.createOrUpdateEnvironment({ ...here(), ...selected });
    const { data } = await add("main");
    expect((await add("main")).status).toBe(303);
    await add("main", "tag");
    expect(setting.github.store.environment(repository, "gate").branches).toEqual(["main", "refs/tags/main"]);
    const branch_policy_id = data.id ?? 0;
    await repos.deleteDeploymentBranchPolicy({ ...here(), branch_policy_id });
    const left = (await repos.listDeploymentBranchPolicies(here())).data.branch_policies;
    expect(left.map(({ name, type }) => [name, type])).toEqual([["main", "tag"]]);
  });
});

describe("values", () => {
  beforeEach(async () => {
    await restOf("acme").repos.createOrUpdateEnvironment(here());
  });

  it("have variables under names in capitals, each made once", async () => {
    const { actions } = restOf("acme");
    await actions.createEnvironmentVariable({ ...here(), name: "tenant_id", value: "1" });
    const again = actions.createEnvironmentVariable({ ...here(), name: "TENANT_ID", value: "2" });
    expect((await refusal(again)).status).toBe(409);
    await actions.updateEnvironmentVariable({ ...here(), name: "TENANT_ID", value: "2" });
    const { data } = await actions.listEnvironmentVariables(here());
    expect(data.variables.map(({ name, value }) => [name, value])).toEqual([["TENANT_ID", "2"]]);
    for (const name of ["GITHUB_X", "1X", "A-B"])
      expect((await refusal(actions.createEnvironmentVariable({ ...here(), name, value: "" }))).status).toBe(
        422,
      );
    await actions.deleteEnvironmentVariable({ ...here(), name: "TENANT_ID" });
    expect((await refusal(actions.getEnvironmentVariable({ ...here(), name: "TENANT_ID" }))).status).toBe(
      404,
    );
  });

  it("have lists of ten, at most thirty", async () => {
    const { variables } = setting.github.store.environment(repository, "gate");
    for (let at = 0; at < 40; at += 1) variables.set(`V${at}`, "x");
    const { actions } = restOf("acme");
    expect((await actions.listEnvironmentVariables(here())).data.variables).toHaveLength(10);
    const all = { ...here(), per_page: 100 };
    expect((await actions.listEnvironmentVariables(all)).data.variables).toHaveLength(30);
  });

  it("take a secret only sealed for their key, and never tell it", async () => {
    const { actions } = restOf("acme");
    const { data: key } = await actions.getEnvironmentPublicKey(here());
    const base64 = sodium.base64_variants.ORIGINAL;
    const seal = (text: string, publicKey = sodium.from_base64(key.key, base64)) =>
      sodium.to_base64(sodium.crypto_box_seal(text, publicKey), base64);
    const put = (encrypted_value: string, key_id = key.key_id) =>
      actions.createOrUpdateEnvironmentSecret({ ...here(), secret_name: "TOKEN", encrypted_value, key_id });
    const other = seal("x", sodium.crypto_box_keypair().publicKey);
    for (const call of [put("in the clear"), put(other), put(seal("x"), "1")])
      expect((await refusal(call)).status).toBe(422);
    expect((await put(seal("the-secret"))).status).toBe(201);
    expect((await put(seal("the-secret, again"))).status).toBe(204);
    expect(setting.github.store.environment(repository, "gate").secrets.get("TOKEN")).toBe(
      "the-secret, again",
    );
    const { data } = await actions.listEnvironmentSecrets(here());
    expect(JSON.stringify(data)).not.toContain("the-secret");
  });
});

describe("subjects of ID tokens", () => {
  it("are told with what they are made of", async () => {
    const ask = async () => {
      const { data } = await restOf("acme").actions.getCustomOidcSubClaimForRepo({ ...here() });
      return data;
    };
    expect(await ask()).toMatchObject({ use_default: true });
    repository.subjectClaims = ["repository_owner_id", "context"];
    expect(await ask()).toMatchObject({
      use_default: false,
      include_claim_keys: ["repository_owner_id", "context"],
    });
  });
});
