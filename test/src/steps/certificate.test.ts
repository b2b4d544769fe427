import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeCertificate } from "../../../src/certificates.ts";
import type { ActionContext } from "../../../src/context.ts";
import {
  certificateIsCurrent,
  makeClientCertificate,
  removeOrphanCertificates,
} from "../../../src/steps/certificate.ts";
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
  Object.assign(stage.entra.propagation, { secretMs: 400, readMs: 0 });
  ({ context, log } = stage.context(await stage.buildRun({})));
});

const owner = { host: "acme-sign-in", runId: 41 };
const deps = (over = true) => ({ ...context, runIsOver: async () => over });
const gate = async () => {
  stage.clock.advance(60_000);
  return findApplication(context.graph, stage.entra.cast.applications.gate.appId);
};
const ids = async () => (await gate()).keyCredentials.map(({ keyId }) => keyId);
const day = 86_400_000;

describe("a client certificate", () => {
  it("is tried until Entra accepts it, its key masked before, named and dated", async () => {
    stage.entra.propagation.secretMs = 18_000;
    const began = stage.clock.now();
    const made = await makeClientCertificate(deps(), await gate(), owner);
    expect(stage.clock.now() - began).toBeGreaterThan(18_000);
    const jwk = JSON.parse(made.secret);
    for (const secret of [made.secret, jwk.d, jwk.p, jwk.q, jwk.dp, jwk.dq, jwk.qi])
      expect(log.masked).toContain(secret);
    const application = await gate();
    expect(await context.entra.tryKey(application.appId, made.secret)).toBeUndefined();
    const entry = application.keyCredentials.find(({ keyId }) => keyId === made.keyId);
    expect(entry).toMatchObject({ type: "AsymmetricX509Cert", usage: "Verify" });
    expect(entry?.displayName).toMatch(/^entra-gate acme-sign-in \d{4}-\d\d-\d\d run 41$/);
    expect(Math.round((Date.parse(made.endDateTime) - stage.clock.now()) / day)).toBe(90);
  });

  it("is added to those that others put there, although Graph's replicas do not agree", async () => {
    const { directory, cast } = stage.entra;
    const found = directory.application(cast.applications.gate.appId);
    if (found === undefined) throw new Error("no gate");
    const { certificate } = await makeCertificate(
      "by hand",
      new Date(stage.clock.now()),
      new Date(stage.clock.now() + day),
    );
    const theirs = {
      keyId: "7e57ab1e-0000-4000-8000-000000000001",
      displayName: "by hand",
      startDateTime: new Date(stage.clock.now()).toISOString(),
      endDateTime: new Date(stage.clock.now() + day).toISOString(),
      customKeyIdentifier: "x",
      key: certificate.toString("base64"),
      usableFrom: 0,
    };
    directory.writeApplication(found.id, { ...found, keyCredentials: [...found.keyCredentials, theirs] });
    stage.entra.propagation.readMs = 10_000;
    const made = await makeClientCertificate(deps(), await gate(), owner);
    stage.entra.propagation.readMs = 0;
    expect(await ids()).toEqual(expect.arrayContaining([theirs.keyId, made.keyId]));
    const kept = directory
      .application(found.appId)
      ?.keyCredentials.find(({ keyId }) => keyId === theirs.keyId);
    expect(new X509Certificate(Buffer.from(kept?.key ?? "", "base64")).subject).toBe("CN=by hand");
  });

  it("that another writer undid is given again", async () => {
    const application = await gate();
    stage.entra.loseUpdates(1);
    const made = await makeClientCertificate(deps(), application, owner);
    expect(await ids()).toContain(made.keyId);
  });

  it("has a name that Graph does not cut, whatever the host is called, and is found again by it", async () => {
    const long = { host: `${"a".repeat(57)}b`, runId: 12_345_678_901 };
    const made = await makeClientCertificate(deps(), await gate(), long);
    const name = (await gate()).keyCredentials.find(({ keyId }) => keyId === made.keyId)?.displayName ?? "";
    expect(name.length).toBeLessThanOrEqual(90);
    await removeOrphanCertificates(deps(), await gate(), { ...long, host: `${"a".repeat(57)}c` }, []);
    expect(await ids()).toContain(made.keyId);
    expect(await removeOrphanCertificates(deps(), await gate(), long, [])).toEqual([name]);
  });

  it("that never works is taken away again", async () => {
    const before = await ids();
    stage.entra.propagation.secretMs = 3_600_000;
    expect((await failure(makeClientCertificate(deps(), await gate(), owner))).code).toBe(
      "entra-certificate-wrong",
    );
    stage.entra.propagation.secretMs = 400;
    expect(await ids()).toEqual(before);
  });

  it("is current while the application has it and a third of its life is left", async () => {
    const made = await makeClientCertificate(deps(), await gate(), owner);
    const application = await gate();
    const now = stage.clock.now();
    expect(certificateIsCurrent(application, made.keyId.toUpperCase(), now)).toBe(true);
    expect(certificateIsCurrent(application, made.keyId, now + 61 * day)).toBe(false);
    expect(certificateIsCurrent(application, undefined, now)).toBe(false);
    expect(certificateIsCurrent(application, "00000000-0000-4000-8000-000000000000", now)).toBe(false);
  });
});

describe("removeOrphanCertificates", () => {
  it("removes only this action's for this host that nobody uses and whose run is over", async () => {
    const used = await makeClientCertificate(deps(), await gate(), owner);
    const orphan = await makeClientCertificate(deps(), await gate(), { ...owner, runId: 40 });
    const other = await makeClientCertificate(deps(), await gate(), { host: "other-sign-in", runId: 40 });
    await removeOrphanCertificates(deps(false), await gate(), { ...owner, runId: 42 }, [used.keyId]);
    expect(await ids()).toContain(orphan.keyId);
    await removeOrphanCertificates(deps(), await gate(), owner, [used.keyId]);
    const left = await ids();
    expect(left).toEqual(expect.arrayContaining([used.keyId, other.keyId]));
    expect(left).not.toContain(orphan.keyId);
    const patches = () => stage.log.count("graph", ({ method }) => method === "PATCH");
    const before = patches();
    expect(await removeOrphanCertificates(deps(), await gate(), owner, [used.keyId])).toEqual([]);
    expect(patches()).toBe(before);
  });
});
