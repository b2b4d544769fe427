import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ActionError } from "../../../src/errors.ts";
import { start } from "../../../src/start.ts";
import * as entra from "../../local/entra/support.ts";
import { type MachineWorld, startMachineWorld } from "../machine-world.ts";
import { recordingLog } from "../support.ts";

let world: MachineWorld;
const temp = mkdtempSync(join(tmpdir(), "entra-gate-token-"));
beforeAll(async () => {
  world = await startMachineWorld();
});
afterAll(async () => {
  await world?.close();
  rmSync(temp, { recursive: true, force: true });
});

async function run(changes: Record<string, string> = {}) {
  const outputs: Record<string, string> = {};
  const log = recordingLog();
  const { cast, tenantId, authority } = world.tenant.entra;
  const env = {
    ...world.jobEnv(),
    RUNNER_TEMP: temp,
    INPUT_COMMAND: "token",
    "INPUT_TENANT-ID": tenantId,
    "INPUT_GATE-CLIENT-ID": cast.applications.gate.appId,
    "INPUT_TEST-CLIENT-ID": cast.applications.testClient.appId,
    "INPUT_SIGN-IN-ORIGIN": world.signInOrigin,
    INPUT_URL: `${world.preview}/docs/?x=1#y`,
    "INPUT_ENTRA-AUTHORITY": authority,
    ...changes,
  };
  const error = await start({
    env,
    log,
    dist: "",
    now: Date.now,
    sleep: async (milliseconds) => void world.tenant.clock.advance(milliseconds),
    random: () => 0.5,
    setOutput: (name, value) => {
      outputs[name] = value;
    },
    addSummary: async () => undefined,
  }).then(
    () => undefined,
    (thrown: unknown) => thrown as ActionError,
  );
  return { outputs, log, error };
}

describe("token", () => {
  it("gives a session at the preview as storage state and as cookie, with its end, and masks all that is secret", async () => {
    const { outputs, log, error } = await run();
    expect(error).toBeUndefined();
    const path = outputs["storage-state-path"] ?? "";
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const state = JSON.parse(readFileSync(path, "utf8"));
    const [cookie] = state.cookies;
    expect(state).toEqual({
      cookies: [
        {
          name: "__Host-entra-gate-session",
          value: expect.stringMatching(/^[\w.-]+$/),
          domain: new URL(world.preview).hostname,
          path: "/",
          expires: Date.parse(outputs["session-expires"] ?? "") / 1000,
          httpOnly: true,
          secure: true,
          sameSite: "Lax",
        },
      ],
      origins: [],
    });
    expect(outputs["cookie"]).toBe(`__Host-entra-gate-session=${cookie.value}`);
    const page = await entra.ask(`${world.preview}/docs`, { headers: { cookie: outputs["cookie"] ?? "" } });
    expect([page.status, page.text]).toEqual([200, expect.stringContaining("Preview")]);
    const closed = await entra.ask(`${world.preview}/admin`, {
      headers: { cookie: outputs["cookie"] ?? "" },
    });
    expect(closed.status).toBe(403);
    const { masked, ...said } = log;
    const [ticket, verifier] = [
      cookie.value.slice(0, cookie.value.lastIndexOf(".")),
      cookie.value.split(".")[3],
    ];
    for (const secret of [cookie.value, ticket, verifier]) {
      expect(masked).toContain(secret);
      expect(JSON.stringify(said)).not.toContain(secret);
    }
    expect(masked.filter((secret) => secret.split(".").length === 3).length).toBeGreaterThanOrEqual(3);
  });

  it("names every missing or wrong input at once, and asks nobody", async () => {
    const before = world.tenant.log.calls.length;
    const { error } = await run({
      "INPUT_TENANT-ID": "",
      "INPUT_TEST-CLIENT-ID": "test",
      "INPUT_SIGN-IN-ORIGIN": "https://acme.pages.dev/path",
      INPUT_URL: "javascript:alert(1)",
    });
    expect(error?.code).toBe("inputs-invalid");
    expect(error?.detail.split("\n").map((line) => line.split(":")[0])).toEqual([
      "tenant-id",
      "test-client-id",
      "sign-in-origin",
      "url",
    ]);
    expect(world.tenant.log.calls.length).toBe(before);
  });

  it("says which subject Entra does not know", async () => {
    const { error } = await run(world.jobEnv("repo:contoso/site:pull_request"));
    expect(error?.code).toBe("entra-federation-mismatch");
    expect(error?.detail).toContain("repo:contoso/site:pull_request");
    expect(error?.detail).toContain(world.tenant.entra.cast.applications.testClient.appId);
  });

  it("says so where the job may not have an ID token", async () => {
    const { error } = await run({ ACTIONS_ID_TOKEN_REQUEST_URL: "", ACTIONS_ID_TOKEN_REQUEST_TOKEN: "" });
    expect(error?.code).toBe("id-token-unavailable");
  });

  it("passes on why the sign-in host refused: no role, another site", async () => {
    const { directory } = world.tenant.entra;
    const given = directory.roleAssignments.splice(0);
    const { error } = await run();
    directory.roleAssignments.push(...given);
    expect([error?.code, error?.detail]).toEqual([
      "session-refused",
      expect.stringContaining("entry-refused"),
    ]);
    const elsewhere = await run({ INPUT_URL: "http://pr-7.other.localhost:1" });
    expect(elsewhere.error?.detail).toContain("site-unknown");
  });

  it("gives the token to the sign-in host that the workflow names and to nobody else", async () => {
    world.reached.length = 0;
    const { error } = await run({ "INPUT_SIGN-IN-ORIGIN": world.preview });
    expect(error?.code).toBe("session-refused");
    expect(world.reached).toEqual([]);
  });
});
