import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Service } from "../../local/call-log.ts";
import { faultKinds, faultOf } from "../../local/fault-kinds.ts";
import { type Company, runLimit, startCompany, withoutDelays } from "./company.ts";
import { contentShown, openAddresses } from "./kills/end-state.ts";
import { numbersOf, seed } from "./kills/seed.ts";
import { smallRepository } from "./small-site.ts";

/** Whole runs of the built action, each with one fault at one call of one service; ENTRA_GATE_SEED=… draws them again. */
const services = ["entra", "graph", "cloudflare", "github", "site"] as const satisfies readonly Service[];
const own = /^entra-gate/;

let company: Company;
/** How often a push that changes nothing calls each service. */
let usual: ReadonlyMap<Service, number>;

beforeAll(async () => {
  const nonce = `faulty-${Date.now().toString(36)}`;
  company = await startCompany(nonce);
  withoutDelays(company.world);
  const files = await smallRepository(nonce);
  const first = await company.push({ branch: "main", files, wholeTree: true });
  expect(first.gate?.conclusion, first.gate?.log).toBe("success");
  const second = await company.push({ branch: "main", files: {} });
  usual = new Map(
    services.map((service) => [
      service,
      second.calls.filter((call) => call.service === service && own.test(call.agent)).length,
    ]),
  );
}, 2 * runLimit);
afterAll(() => company?.close());

describe(`a push while a service fails once (seed ${seed})`, () => {
  const next = numbersOf(seed);
  it.each(services)(
    "%s: it succeeds all the same, or ends with one error that has a code; nothing is open",
    async (service) => {
      const kind = faultKinds[Math.floor(next() * faultKinds.length)] ?? "down";
      const after = Math.floor(next() * (usual.get(service) ?? 0));
      const { faults } = company.world;
      faults.add(faultOf(kind, { service, agent: own, after, times: 1 }));
      const ran = await company.push({ branch: "main", files: {} });
      faults.clear();
      console.log(`seed ${seed}: ${service}, call ${after}, ${kind}: ${ran.gate?.conclusion}`);
      expect(await openAddresses(company.world)).toEqual([]);
      expect(contentShown(company.world)).toEqual([]);
      if (ran.gate?.conclusion !== "success") {
        expect(ran.errors, ran.gate?.log).toHaveLength(1);
        expect(ran.errors[0]?.properties["title"]).toMatch(/^Entra Gate: [a-z-]+$/);
        expect(ran.errors[0]?.properties["title"]).not.toContain("unexpected-fault");
      }
    },
    runLimit,
  );

  it(
    "and the next push, without any, succeeds",
    async () => {
      const ran = await company.push({ branch: "main", files: {} });
      expect(ran.gate?.conclusion, ran.gate?.log).toBe("success");
      expect(ran.gate?.outputs).toMatchObject({ verified: "true", gated: "true" });
    },
    runLimit,
  );
});
