import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cloudflareSteps } from "../../../../pages-plugin/src/cli/setup/cloudflare/steps.ts";
import type { SetupContext } from "../../../../pages-plugin/src/cli/setup/context.ts";
import { runSetup } from "../../../../pages-plugin/src/cli/setup/run.ts";
import { createHttp } from "../../../../src/clients/http.ts";
import { nodeTransport } from "../../../../src/clients/transport.ts";
import { accountId, type Cloudflare, call, start, token } from "../../../local/cloudflare/fixtures.ts";
import { contextWith, names as standard } from "./context.ts";

let cloudflare: Cloudflare;
const both = ["pages", "d1"] as const;

beforeAll(async () => {
  cloudflare = await start({
    apiTokens: [
      { value: token, kind: "account", permissions: both, expiresOn: "2027-05-01T00:00:00Z" },
      { value: "of-a-person", kind: "user", permissions: both },
      { value: "pages-only", kind: "account", permissions: ["pages", "d1:read"] },
      { value: "ended", kind: "account", permissions: both, status: "expired" },
    ],
  });
});
afterAll(() => cloudflare.close());

function run(value: string, given: Partial<SetupContext["names"]> = {}, facts: SetupContext["facts"] = {}) {
  const names = { ...standard, accountId, ...given };
  const http = createHttp({
    transport: nodeTransport,
    now: Date.now,
    sleep: async () => {},
    random: () => 0,
    left: () => 60_000,
  });
  const { origins } = contextWith();
  const context = contextWith({
    names,
    http,
    facts,
    origins: { ...origins, cloudflare: cloudflare.apiUrl },
    logins: { token: async () => value },
  });
  const steps = cloudflareSteps(names);
  return runSetup(steps, context, { dryRun: false, tell: () => {} });
}

const failure = (value: string, given: Partial<SetupContext["names"]> = {}) =>
  run(value, given).then(
    () => expect.unreachable(),
    (thrown: { code: string; message: string }) => thrown,
  );

describe("Cloudflare's token", () => {
  it.each([
    [token, "2027-05-01"],
    ["of-a-person", "person"],
  ])("is known by its kind and its end: %s", async (value, said) => {
    const { data } = await run(value);
    const { steps } = data as { steps: { state: string; detail: string }[] };
    expect(steps[0]).toMatchObject({ state: "done", detail: expect.stringContaining(said) });
  });

  it("is refused where it is none, is over, may not, or is of another account", async () => {
    expect((await failure("nonsense")).code).toBe("login-refused");
    expect((await failure("ended")).code).toBe("login-refused");
    expect((await failure(token, { accountId: "f".repeat(32) })).code).toBe("login-refused");
    const { code, message } = await failure("pages-only");
    expect(code).toBe("setup-denied");
    expect(message).toContain("D1 · Edit");
    expect(message).not.toMatch(/Pages · Edit|pages-only/);
  });

  it("leaves the account as it is", async () => {
    await run(token);
    const { result } = await call(cloudflare, "GET", "pages/projects");
    expect(result).toEqual([]);
  });
});

describe("the Pages projects", () => {
  const project = (name: string, settings: object = {}) =>
    call(cloudflare, "POST", "pages/projects", { name, production_branch: "trunk", ...settings });
  const hostOf = (clientId: string) => ({
    deployment_configs: {
      production: {
        env_vars: {
          GATE_ROLE: { type: "plain_text", value: "host" },
          ENTRA_CLIENT_ID: { type: "plain_text", value: clientId },
        },
      },
    },
  });

  it("may be missing: the first push makes them", async () => {
    const { data } = await run(token);
    expect(data).toMatchObject({ steps: [{ state: "done" }, { state: "waiting" }] });
  });

  it("may be there, as site and as sign-in host of the same application", async () => {
    await project("there");
    await project("there-sign-in", hostOf("gate-1"));
    const given = { project: "there", signInHostProject: "there-sign-in" };
    const { data } = await run(token, given, { gateClientId: "gate-1" });
    expect(data).toMatchObject({ steps: [{ state: "done" }, { state: "done" }] });
    const other = run(token, given, { gateClientId: "gate-2" });
    await expect(other).rejects.toMatchObject({ code: "sign-in-host-differs" });
  });

  it("may not be the wrong way round, or hold something else", async () => {
    await project("a-sign-in-host", hostOf("gate-1"));
    expect((await failure(token, { project: "a-sign-in-host" })).code).toBe("project-taken");
    await project("shop", { source: { type: "github", config: { owner: "acme", repo_name: "shop" } } });
    expect((await failure(token, { signInHostProject: "shop" })).code).toBe("project-taken");
  });

  it("tell of Cloudflare's own builds", async () => {
    await project("built", { source: { type: "github", config: { owner: "acme", repo_name: "built" } } });
    const { data } = await run(token, { project: "built" });
    const { steps } = data as { steps: { detail: string }[] };
    expect(steps[1]?.detail).toContain("take-over");
  });
});
