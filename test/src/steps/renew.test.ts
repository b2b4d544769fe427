import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { notAfterOf } from "../../../contract/keys/key-id.ts";
import { type HostWorld, startHostWorld } from "../host-world.ts";

const day = 86_400_000;
let world: HostWorld;
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  world = await startHostWorld();
});
afterAll(async () => {
  await world.close();
  vi.useRealTimers();
});

const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);

const gate = () => {
  const { entra } = world.stage;
  const application = entra.directory.application(entra.cast.applications.gate.appId);
  if (application === undefined) throw new Error("no gate application");
  return application;
};

/** Milliseconds that what a host was deployed with is still good for: credential, signing key and cookie key. */
function left(env: Readonly<Record<string, unknown>>): readonly number[] {
  const secret = gate().passwordCredentials.find(({ keyId }) => keyId === env["GATE_ENTRA_KEY_ID"]);
  const ends = [
    Date.parse(secret?.endDateTime ?? ""),
    ...["GATE_SIGNING_ACTIVE", "GATE_COOKIE_ACTIVE"].map(
      (name) => (notAfterOf(String(env[name])) ?? 0) * 1000,
    ),
  ];
  return ends.map((end) => end - world.stage.clock.now());
}

describe("renewal on a schedule", () => {
  it("keeps people signing in for 200 days without a push, and no key in use ever ends", async () => {
    const { cloudflare } = world.stage;
    const used = { entra: new Set(), signing: new Set(), cookie: new Set() };
    const shortest = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    const note = (env: Readonly<Record<string, unknown>>) => {
      for (const [index, one] of left(env).entries()) shortest[index] = Math.min(shortest[index] ?? 0, one);
      used.entra.add(env["GATE_ENTRA_KEY_ID"]);
      used.signing.add(env["GATE_SIGNING_ACTIVE"]);
      used.cookie.add(env["GATE_COOKIE_ACTIVE"]);
    };
    const answers = new Set<string | undefined>();
    // A deployment stays as it was made: right before it is replaced is its worst moment.
    world.beforeDeploy = async (env) => {
      note(env);
      answers.add(await world.visit());
    };
    for (let week = 1; week <= 29; week += 1) {
      pass(7 * day);
      const before = world.live().deployments;
      const renewal = await world.renew(await world.scheduled());
      expect(renewal?.check.findings).toEqual([]);
      if (world.live().deployments > before) answers.add(await world.visit());
    }
    world.beforeDeploy = async () => undefined;
    note(world.live().env);
    answers.add(await world.visit());
    expect([...answers]).toEqual([undefined]);
    for (const one of shortest) expect(one).toBeGreaterThan(20 * day);
    // 90 and 180 days of life, two thirds of it used.
    expect([used.entra.size, used.signing.size, used.cookie.size]).toEqual([4, 2, 2]);
    expect(gate().passwordCredentials.length).toBeLessThanOrEqual(2);
    expect(cloudflare.deployments("site")).toEqual([]);
    const secrets = Object.keys(world.live().env).filter((name) => name.startsWith("GATE_SIGNING_KEY_"));
    expect(secrets).toEqual([`GATE_SIGNING_KEY_${world.live().env["GATE_SIGNING_ACTIVE"]}`]);
  });

  it("is nothing where another repository owns the host", async () => {
    const before = world.stage.log.count("graph");
    expect(await world.renew(await world.scheduled({ "INPUT_SIGN-IN-HOST": "use" }))).toBeUndefined();
    expect(world.stage.log.count("graph")).toBe(before);
  });

  it("begins nothing: a host that is not there yet is a finding", async () => {
    const context = await world.scheduled({ "INPUT_SIGN-IN-HOST-PROJECT": "another-sign-in" });
    const renewal = await world.renew(context);
    expect(renewal?.check.findings).toMatchObject([{ code: "renewal-failed", severity: "wrong" }]);
    expect(renewal?.check.findings[0]?.text).toContain("sign-in-host-missing");
    expect(world.stage.cloudflare.project("another-sign-in")).toBeUndefined();
  });

  it("that fails is a finding that names the remedy, and people sign in until the credential ends", async () => {
    const { faults } = world.stage;
    pass(61 * day);
    const body = JSON.stringify({
      error: { code: "Authorization_RequestDenied", message: "Insufficient privileges" },
    });
    faults.add({ service: "graph", path: /addPassword$/, what: { kind: "answer", status: 403, body } });
    const renewal = await world.renew(await world.scheduled());
    faults.clear();
    expect(renewal?.check).toMatchObject({ code: "renewal", subject: "acme-sign-in" });
    expect(renewal?.check.findings).toMatchObject([
      { code: "renewal-failed", severity: "wrong", who: "entra" },
    ]);
    expect(renewal?.check.findings[0]?.text).toContain("graph-permission-missing");
    expect(await world.visit()).toBeUndefined();
    pass(Math.min(...left(world.live().env)) + 1);
    expect(await world.visit()).toBe("host-secret-expired");
  });
});
