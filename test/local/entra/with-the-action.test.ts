import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { throttled } from "../../../local/entra/entra.ts";
import { createEntraClient, type EntraClient } from "../../../src/clients/entra.ts";
import { createGraphClient, type GraphClient } from "../../../src/clients/graph.ts";
import { createHttp } from "../../../src/clients/http.ts";
import { nodeTransport } from "../../../src/clients/transport.ts";
import type { Log } from "../../../src/log.ts";
import { makeSecret } from "../../../src/steps/credential.ts";
import { configureApplication, findApplication } from "../../../src/steps/entra.ts";
import {
  ask,
  authorizeUrl,
  callback,
  gate,
  startIssuer,
  startWorld,
  subject,
  type World,
} from "./support.ts";

let world: World;
let issuer: Awaited<ReturnType<typeof startIssuer>>;
let jobs: Server;
let entraClient: EntraClient;
let graph: GraphClient;

const now = () => world.clock.now();
/** Waiting lets the stand-in's propagation happen, and takes no time. */
const sleep = async (milliseconds: number): Promise<void> => world.clock.advance(milliseconds);
const silent: Log = {
  info: () => undefined,
  notice: () => undefined,
  warning: () => undefined,
  error: () => undefined,
  mask: () => undefined,
  group: (_, work) => work(),
};
const wanted = { roles: ["Site.Admin"], redirectUri: callback };

beforeEach(async () => {
  issuer = await startIssuer();
  world = await startWorld({
    github: { issuer: issuer.issuer, subject },
    propagation: { redirectUriMs: 240_000, secretMs: 18_000, readMs: 5_000 },
  });
  jobs = createServer(async (_, response) => {
    const seconds = Math.floor(now() / 1000);
    const value = await issuer.token({ sub: subject, iat: seconds, nbf: seconds, exp: seconds + 300 });
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ value }));
  });
  await new Promise<void>((resolve) => jobs.listen(0, "127.0.0.1", resolve));
  const deps = { transport: nodeTransport, now, sleep, random: () => 0.5, left: () => 3_600_000 };
  const http = createHttp(deps);
  const mask = () => undefined;
  entraClient = createEntraClient(
    { http, now, sleep, mask },
    {
      authority: world.entra.authority,
      tenantId: world.entra.tenantId,
      clientId: world.entra.cast.applications.automation.appId,
      graphUrl: world.entra.graphUrl,
      idToken: {
        url: `http://runner.localhost:${(jobs.address() as AddressInfo).port}/token`,
        requestToken: "t",
      },
    },
  );
  graph = createGraphClient(http, entraClient, world.entra.graphUrl, mask);
});
afterEach(async () => {
  await world.entra.close();
  await issuer.close();
  jobs.closeAllConnections();
  jobs.close();
});

async function configure() {
  const found = await findApplication(graph, world.entra.cast.applications.gate.appId);
  return configureApplication({ graph, log: silent, sleep, random: () => 0.5 }, found, wanted);
}

const patches = () => world.log.count("graph", ({ method }) => method === "PATCH");

it("configures the application once, and writes nothing the second time", async () => {
  expect((await configure()).changes.length).toBeGreaterThan(0);
  expect(gate(world.entra)).toMatchObject({
    groupMembershipClaims: "SecurityGroup",
    appRoles: [{ value: "Site.Admin" }],
    web: { redirectUris: [callback] },
  });
  expect(patches()).toBe(1);
  expect((await configure()).changes).toEqual([]);
  expect(patches()).toBe(1);
  expect((await ask(authorizeUrl(world.entra))).text).toContain("AADSTS50011");
  await sleep(240_000);
  expect((await ask(authorizeUrl(world.entra))).headers.location).toContain("/sign-in/");
});

it("writes again where another writer's older copy undid it, and waits when throttled", async () => {
  world.entra.loseUpdates(1);
  world.faults.add(throttled({ retryAfter: 2, times: 1 }));
  await configure();
  expect(gate(world.entra).web.redirectUris).toEqual([callback]);
  expect(patches()).toBeGreaterThanOrEqual(2);
});

it("makes a secret and finds it usable once it has propagated", async () => {
  const application = await findApplication(graph, world.entra.cast.applications.gate.appId);
  const runIsOver = async () => true;
  const deps = { graph, entra: entraClient, log: { mask: () => undefined }, now, sleep, runIsOver };
  const made = await makeSecret(deps, application, { host: "sign-in", runId: 1 });
  expect(await entraClient.trySecret(application.appId, made.secret)).toBeUndefined();
  expect(gate(world.entra).passwordCredentials).toMatchObject([{ keyId: made.keyId }]);
});
