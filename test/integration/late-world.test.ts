import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { throttled } from "../../local/entra/entra.ts";
import { demo } from "../../local/world/demo.ts";
import { addresses, type Company, get, living, type Ran, runLimit, startCompany } from "./company.ts";
import { packed, paths, policy, smallRepository, smallSite } from "./small-site.ts";

const nonce = `release-${Date.now().toString(36)}`;
let company: Company;
let first: Ran;
let second: Ran;
let firstSecret: string | undefined;
let settled: { readonly redirectUris: readonly string[]; readonly roles: readonly (string | null)[] };

const directory = () => company.world.entra.directory;
const application = () => directory().application(company.world.entra.cast.applications.gate.appId);
const answers = (ran: Ran, status: number) => ran.calls.filter((call) => call.status === status).length;

/** Another writer's role, put there between this run's read and its write. */
function writeMeanwhile(value: string): void {
  const found = application();
  if (found === undefined) throw new Error("the gate's registration is not there");
  const role = { id: crypto.randomUUID(), value, displayName: value, description: value };
  directory().writeApplication(found.id, {
    ...found,
    appRoles: [...found.appRoles, { ...role, isEnabled: true, allowedMemberTypes: ["User"] }],
  });
}

beforeAll(async () => {
  company = await startCompany(nonce);
  const { entra, cloudflare, faults } = company.world;
  Object.assign(entra.propagation, { redirectUriMs: 5_000, secretMs: 1_500, readMs: 1_000 });
  Object.assign(cloudflare.timing, { deploy: 800, propagation: 800, linger: 1_000 });
  entra.relapseFederation(1);
  faults.add(throttled({ retryAfter: 1, times: 1, method: "GET", path: /\/applications/ }));
  faults.add(throttled({ retryAfter: 2, times: 1, method: "PATCH", path: /\/applications/ }));
  faults.add(throttled({ retryAfter: 1, times: 1, method: "POST", path: /addPassword/ }));
  faults.add({
    service: "cloudflare",
    method: "GET",
    times: 1,
    what: { kind: "answer", status: 503, body: "{}" },
  });
  faults.add({
    service: "github",
    method: "GET",
    path: /\/branches|\/git\/ref/,
    times: 1,
    what: { kind: "drop-before" },
  });
  cloudflare.meet(demo.signInHostProject, { kind: "late", ms: 2_500 });
  cloudflare.meet(demo.project, { kind: "doubled" });
  first = await company.push({ branch: "main", files: await smallRepository(nonce), wholeTree: true });
  firstSecret = application()?.passwordCredentials[0]?.keyId;

  const found = application();
  if (found === undefined) throw new Error("the gate's registration is not there");
  const expired = found.passwordCredentials.map((one) => ({ ...one, endDateTime: new Date().toISOString() }));
  directory().writeApplication(found.id, { ...found, passwordCredentials: expired });
  writeMeanwhile("Somebody.Else");
  entra.loseUpdates(1);
  cloudflare.meet(demo.project, { kind: "late", ms: 2_000 });
  const more = {
    ...policy,
    roles: ["Site.Admin", "Late.Comer"],
    preview: { rules: [{ path: "/*", allow: { roles: ["Site.Admin", "Late.Comer"] } }] },
  };
  second = await company.push({
    branch: "main",
    files: {
      [paths.policy]: Buffer.from(JSON.stringify(more)),
      [paths.artifact]: await packed({ ...smallSite(nonce), "assets/new.html": `<p>new ${nonce}</p>` }),
    },
  });
  settled = {
    redirectUris: application()?.web.redirectUris ?? [],
    roles: application()?.appRoles.map(({ value }) => value) ?? [],
  };
}, 2 * runLimit);
afterAll(() => company?.close());

describe("a first push in a world that is throttled, late and forgetful", () => {
  it("met all of it", () => {
    expect(answers(first, 429)).toBe(3);
    expect(
      first.calls.filter(({ service, status }) => service === "cloudflare" && status === 503),
    ).toHaveLength(1);
    const failed = first.calls.filter(
      ({ service, path, status }) => service === "entra" && path.endsWith("/token") && status >= 400,
    );
    // The federation's relapse, and a secret that nobody knew yet.
    expect(failed.length).toBeGreaterThanOrEqual(2);
    const { host } = addresses(company.world);
    expect(settled.redirectUris).toEqual([`${host}/.auth/callback`]);
  });

  it("ends in a verified deployment all the same, once each", async () => {
    expect(first.gate?.conclusion, first.gate?.log).toBe("success");
    expect(first.gate?.outputs).toMatchObject({ verified: "true", gated: "true" });
    const { cloudflare } = company.world;
    const twins = cloudflare
      .deployments(demo.project)
      .filter(({ commit }) => commit.commit_hash === headOf(first));
    expect(twins).toHaveLength(2);
    const kept = twins.filter(({ deletedAt }) => deletedAt === undefined);
    expect(kept.map(({ id }) => id)).toEqual([first.gate?.outputs["deployment-id"]]);
  });
});

describe("a push after the client secret has expired, while another update is lost", () => {
  it("converges to what the new policy needs, and keeps what somebody else wrote", () => {
    expect(second.gate?.conclusion, second.gate?.log).toBe("success");
    expect(directory().updatesToLose).toBe(0);
    const patches = second.calls.filter(({ service, method }) => service === "graph" && method === "PATCH");
    expect(patches.length).toBeGreaterThanOrEqual(2);
    expect(settled.roles).toEqual(expect.arrayContaining(["Late.Comer", "Somebody.Else"]));
    expect(new Set(settled.roles).size).toBe(settled.roles.length);
  });

  it("gives the sign-in host a new secret, which alone is left", () => {
    const left = application()?.passwordCredentials.map(({ keyId }) => keyId);
    const live = living(company.world, demo.signInHostProject);
    expect(live).toHaveLength(1);
    expect(left).toContain(live[0]?.config.env_vars["GATE_ENTRA_KEY_ID"]?.value);
    expect(live[0]?.config.env_vars["GATE_ENTRA_KEY_ID"]?.value).not.toBe(firstSecret);
  });

  it("is what answers, behind the gate", async () => {
    const { production } = addresses(company.world);
    expect((await get(`${production}/new`)).status).toBe(401);
    const { body } = await get(`${production}/.auth/status`);
    const id = second.gate?.outputs["deployment-id"];
    const made = company.world.cloudflare.deployments(demo.project).find((one) => one.id === id);
    expect(made?.commit.commit_message).toContain((JSON.parse(body.toString()) as { bundle: string }).bundle);
  });
});

/** The commit that a push's gate run was about. */
function headOf(ran: Ran): string {
  const { repository } = company.world.demo;
  return repository.runs.find(({ id }) => id === ran.runs[0]?.runId)?.headSha ?? "";
}
