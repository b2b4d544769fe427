import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demo } from "../../local/world/demo.ts";
import { addresses, type Company, get, type Ran, runLimit, startCompany, withoutDelays } from "./company.ts";
import { paths, policy, smallRepository } from "./small-site.ts";
import { entraToken } from "./token-step.ts";

const nonce = `report-${Date.now().toString(36)}`;
let company: Company;
let ran: Ran & { sha: string };

beforeAll(async () => {
  company = await startCompany(nonce);
  withoutDelays(company.world);
  const production = { ...policy.production, mode: "report", bearer: true };
  const files = {
    ...(await smallRepository(nonce)),
    [paths.policy]: Buffer.from(JSON.stringify({ ...policy, production })),
  };
  ran = await company.push({ branch: "main", files, wholeTree: true });
}, 2 * runLimit);
afterAll(() => company?.close());

describe("the default branch says that production only reports", () => {
  it("is deployed behind the gate, open to everybody, and no output calls it closed", async () => {
    const { gate } = ran;
    expect(gate?.conclusion, gate?.log).toBe("success");
    expect(gate?.outputs).toMatchObject({ gated: "false", verified: "false" });
    const origin = addresses(company.world).production;
    const page = await get(`${origin}/docs/`);
    expect([page.status, page.body.includes(nonce)]).toEqual([200, true]);
    const status = JSON.parse((await get(`${origin}/.auth/status`)).body.toString());
    expect(status).toMatchObject({ mode: "report", environment: "production" });
    expect((await get(`${origin}/.auth/me`)).status).toBe(401);
  });

  it("takes access tokens as its policy says, verified with what was baked", async () => {
    const { world } = company;
    const origin = addresses(world).production;
    const token = await entraToken(world, demo.testEnvironment);
    const me = await get(`${origin}/.auth/me`, { authorization: `Bearer ${token}` });
    const { appId: app } = world.entra.cast.applications.testClient;
    expect([me.status, JSON.parse(me.body.toString())]).toEqual([
      200,
      expect.objectContaining({ kind: "app", app, tid: world.entra.tenantId }),
    ]);
    const forged = await get(`${origin}/.auth/me`, { authorization: `Bearer ${token.slice(0, -8)}AAAAAAAA` });
    expect([forged.status, forged.headers["x-entra-gate-code"]]).toEqual([401, "bearer-signature"]);
  });

  it("says so wherever people look", () => {
    const { gate, sha } = ran;
    const { repository } = company.world.demo;
    expect(gate?.summary).toContain("**report mode**");
    expect(gate?.summary).not.toContain("🔒");
    const warnings = (gate?.annotations ?? []).filter(({ level }) => level === "warning");
    expect(warnings.map(({ properties }) => properties["title"])).toContain("Report mode");
    const statuses = repository.statuses.filter((status) => status.sha === sha);
    expect(statuses.at(-1)).toMatchObject({ state: "success" });
    expect(statuses.at(-1)?.description).toContain("report mode");
    const deployment = repository.deployments.find(
      (one) => one.sha === sha && one.environment === "harbour (production)",
    );
    expect(deployment?.description).toContain("report mode");
  });

  it("logs each request that the rules would have denied", async () => {
    const { cloudflare } = company.world;
    const events = () =>
      cloudflare.consoleLines.flatMap(({ line }) =>
        line.includes('"action_id":3') ? [JSON.parse(line)] : [],
      );
    await expect.poll(() => events().length).toBeGreaterThan(0);
    expect(events().at(-1)).toMatchObject({
      status_code: "sign-in",
      policy: { is_applied: false },
      unmapped: { project: demo.project, environment: "production" },
    });
  });
});

describe("the default branch says that production is open", () => {
  it(
    "is deployed as it was built, without a gate, and no output calls it closed",
    async () => {
      const { world } = company;
      const opened = { ...policy, production: "open" };
      const files = { [paths.policy]: Buffer.from(JSON.stringify(opened)) };
      const { gate, sha } = await company.push({ branch: "main", files });
      expect(gate?.conclusion, gate?.log).toBe("success");
      expect(gate?.outputs).toMatchObject({ gated: "false", verified: "false" });
      expect(gate?.summary).toContain("leaves production open");
      const origin = addresses(world).production;
      expect((await get(`${origin}/docs/`)).body.includes(nonce)).toBe(true);
      expect((await get(`${origin}/.auth/status`)).headers["content-type"]).not.toContain("json");
      const statuses = world.demo.repository.statuses.filter((status) => status.sha === sha);
      expect(statuses.at(-1)?.description).toMatch(/without a gate/);
    },
    runLimit,
  );
});
