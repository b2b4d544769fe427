import { afterAll, beforeAll, expect, it } from "vitest";
import type { ActionContext } from "../../../src/context.ts";
import { findApplication } from "../../../src/steps/entra.ts";
import { trustHost } from "../../../src/steps/federation.ts";
import { type Stage, startStage } from "../stage.ts";
import { failure } from "../support.ts";

let stage: Stage;
let context: ActionContext;
beforeAll(async () => {
  stage = await startStage();
  ({ context } = stage.context(await stage.buildRun({})));
});
afterAll(() => stage.close());

const gate = () => findApplication(context.graph, stage.entra.cast.applications.gate.appId);
const present = () =>
  stage.entra.directory.applicationEntry(stage.entra.cast.applications.gate.appId)?.federatedCredentials ??
  [];

it("has the application trust exactly this host, once, beside what others trust", async () => {
  const { appId } = await gate();
  stage.entra.directory.addFederatedCredential(appId, { issuer: "https://other.example", subject: "s" });
  const trust = async () => trustHost(context.graph, await gate(), "https://sign-in.example", "acme-sign-in");
  expect([await trust(), await trust()]).toEqual([true, false]);
  expect(present()).toMatchObject([
    { issuer: "https://other.example" },
    {
      name: "entra-gate-acme-sign-in",
      issuer: "https://sign-in.example",
      subject: "entra-gate-sign-in-host",
      audiences: ["api://AzureADTokenExchange"],
    },
  ]);
});

it("says what Graph says where somebody has taken the name for something else", async () => {
  const elsewhere = trustHost(context.graph, await gate(), "https://elsewhere.example", "acme-sign-in");
  expect((await failure(elsewhere)).code).toBe("graph-request-refused");
  expect(present()).toHaveLength(2);
});
