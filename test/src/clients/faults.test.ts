import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { callName } from "../../../local/call-name.ts";
import { type FaultKind, faultOf } from "../../../local/fault-kinds.ts";
import type { Where } from "../../../local/faults.ts";
import { startServer } from "../../../local/server.ts";
import { createCloudflareClient } from "../../../src/clients/cloudflare.ts";
import { createEntraClient, type EntraClient } from "../../../src/clients/entra.ts";
import { createGitHubClient } from "../../../src/clients/github.ts";
import { createGraphClient } from "../../../src/clients/graph.ts";
import { nodeTransport, type Transport } from "../../../src/clients/transport.ts";
import { idTokenSource } from "../../../src/context.ts";
import { readHostKeys } from "../../../src/steps/sign-in-status.ts";
import { serveSmallHost } from "../small-host.ts";
import { accountId, cloudflareToken, type Stage, startStage } from "../stage.ts";
import { artifactOf } from "../steps/fixtures.ts";
import { FakeTime, failure, httpWith } from "../support.ts";
import type { EveryCall, Surroundings } from "./call.ts";
import { everyCall } from "./every-call.ts";

let stage: Stage;
let env: Record<string, string>;
let fixed: Omit<Surroundings, keyof ReturnType<Stage["context"]>["context"]>;
let closeHost: () => Promise<void>;

beforeAll(async () => {
  stage = await startStage();
  const { github, repository, entra, log, faults } = stage;
  await github.activities.push(repository, { branch: "feature", files: { "x.txt": Buffer.from("x") } });
  const { pull } = await github.activities.openPullRequest(repository, { branch: "feature", title: "X" });
  env = await stage.buildRun({}, await artifactOf({ "assets/index.html": "<p>x</p>" }));
  const artifact = repository.artifacts.at(-1);
  const server = await startServer({ service: () => "site", log, faults, handler: serveSmallHost(entra) });
  closeHost = server.close;
  const { context } = stage.context(env);
  await stage.cloudflareProject("site");
  const shown = { branch: "main", answer: (_: unknown, response: ServerResponse) => response.end() };
  stage.cloudflare.seed("site", [shown, shown]);
  const database = await context.cloudflare.createDatabase("sites");
  const { commentsStarting, createComment, createDeployment } = context.github;
  await createComment(pull.number, "first");
  const [comment] = await commentsStarting(pull.number, "first");
  const about = { environment: "site (preview)", production: false, description: "" };
  const gate = entra.directory.application(entra.cast.applications.gate.appId);
  if (artifact === undefined || comment === undefined || gate === undefined) throw new Error("not set up");
  fixed = {
    host: `http://host.localhost:${server.port}`,
    gate,
    testClientId: entra.cast.applications.automation.appId,
    tip: stage.tip,
    pullRequest: pull.number,
    comment: comment.id,
    githubDeployment: await createDeployment({ commit: stage.tip, ...about }),
    artifact: { id: artifact.id, digest: artifact.digest, run: artifact.run.id },
    project: "site",
    deployment: stage.cloudflare.deployments("site")[0]?.id ?? "",
    database: database.uuid,
    newKey: () => addKey(gate.id),
  };
});
afterAll(async () => {
  await closeHost();
  await stage.close();
});
beforeEach(() => stage.faults.clear());

/** A client secret at the gate application, past Graph. */
function addKey(id: string): string {
  const { directory } = stage.entra;
  const found = directory.application(stage.entra.cast.applications.gate.appId);
  if (found === undefined) throw new Error("no gate application");
  const keyId = randomUUID();
  const ends = new Date(stage.clock.now() + 86_400_000).toISOString();
  const secret = { keyId, displayName: "x", startDateTime: ends, endDateTime: ends, hint: "abc", value: "x" };
  directory.writeApplication(id, { ...found, passwordCredentials: [secret as never] });
  return keyId;
}

/** One GET of each service, over a connection whose patience is a fraction of a second. */
function impatient(token: string) {
  const time = new FakeTime(stage.clock.now());
  const transport: Transport = (wire) => nodeTransport({ ...wire, timeout: impatience });
  const http = httpWith(time, { transport });
  const { inputs } = surroundings();
  const mask = () => undefined;
  const { entraAuthority: authority, tenantId, clientId, graphUrl } = inputs;
  const idToken = idTokenSource(env);
  const settings = { baseUrl: stage.cloudflare.apiUrl, token: cloudflareToken, accountId };
  const { apiUrl } = stage.github;
  const github = { apiUrl, token: inputs.githubToken, owner: "acme", repo: "site" };
  return {
    entra: () =>
      createEntraClient(
        { http, ...time, mask },
        { authority, tenantId, clientId, graphUrl, idToken },
      ).graphToken(),
    // With a token in hand: Entra's answer is not what this is about.
    graph: () =>
      createGraphClient(http, { graphToken: async () => token } as EntraClient, graphUrl, mask).application(
        fixed.gate.appId,
      ),
    cloudflare: () => createCloudflareClient(http, settings, time.sleep).project("site"),
    github: () => createGitHubClient(http, github).branchTip("main"),
    site: () => readHostKeys(http, fixed.host),
  };
}
const impatience = 250;

const surroundings = (): Surroundings => ({ ...stage.context(env).context, ...fixed });

/** The calls that have this name. */
function where({ call }: EveryCall): Where {
  const [service = "", ...rest] = call.split(" ");
  const [path = "", method = ""] = rest.reverse();
  const pattern = path
    .replace(/[.()'/%]/g, "\\$&")
    .replace("\\(appId=\\'{appId}\\'\\)", "\\(appId='[^']+'\\)")
    .replace(/\{[a-z]+\}/gi, path === "{page}" ? "\\/(?!\\.auth).*" : "[^/]+");
  return { service: service as Where["service"], method, path: new RegExp(`^${pattern}$`) };
}

const codes = {
  down: "service-unreachable",
  failing: "service-failing",
  throttled: "service-throttled",
  truncated: "service-answer-unreadable",
  html: "service-answer-unreadable",
} as const;

/** With which error a fault that lasts ends; undefined where it is none. */
function lasting(one: EveryCall, kind: keyof typeof codes | "forbidden") {
  if (one.quiet || (kind === "truncated" && one.bodyless) || (kind === "html" && one.page)) return undefined;
  if (kind === "forbidden") return one.denied;
  return one.always ?? (kind === "html" ? one.otherwise : undefined) ?? codes[kind];
}

/** The same for one that passes: what may be done again is. */
function passing(one: EveryCall, kind: keyof typeof codes | "forbidden") {
  const helped = kind === "forbidden" ? one.patient : kind === "throttled" || !one.once;
  return helped ? undefined : lasting(one, kind);
}

/** Most tries of one call: six, and whoever waits for something to spread has patience of his own. */
const mostTries = 6;

async function outcome(one: EveryCall, kind: FaultKind, times: number) {
  const { faults, clock } = stage;
  const met = faults.met;
  const began = clock.now();
  faults.add(faultOf(kind, { ...where(one), times }));
  const error = await one.run(surroundings()).then(
    () => undefined,
    (thrown: unknown) => failure(Promise.reject(thrown)),
  );
  faults.clear();
  return { error, met: faults.met - met, took: clock.now() - began };
}

describe("a service that accepts a connection and says nothing", () => {
  it("is given up by the call's own time-out, and asked again", async () => {
    const ask = impatient(await surroundings().entra.graphToken());
    const services = Object.keys(ask) as (keyof typeof ask)[];
    for (const service of services) stage.faults.add({ service, times: 1, what: { kind: "hang" } });
    await Promise.all(services.map((service) => ask[service]()));
    expect(stage.faults.met).toBeGreaterThanOrEqual(services.length);
  });

  it("ends in an error that says how long it was waited for, where it never does", async () => {
    const ask = impatient(await surroundings().entra.graphToken());
    const services = Object.keys(ask) as (keyof typeof ask)[];
    for (const service of services) stage.faults.add({ service, what: { kind: "hang" } });
    const errors = await Promise.all(services.map((service) => failure(ask[service]())));
    for (const error of errors) {
      expect(error.code).toMatch(/^(service|sign-in-host)-unreachable$/);
      expect([error.asked?.service, error.detail]).toEqual([
        expect.any(String),
        expect.stringContaining(`${impatience} ms`),
      ]);
    }
  });
});

describe.each(everyCall)("$call", (one) => {
  it("is what the stand-ins see", async () => {
    const before = stage.log.calls.length;
    await one.run(surroundings());
    await expect.poll(() => stage.log.calls.slice(before).map(callName)).toContain(one.call);
  });

  it.each([...(Object.keys(codes) as (keyof typeof codes)[]), "forbidden" as const])(
    "%s: ends in a retry that works, or in one error that says whose",
    async (kind) => {
      const once = await outcome(one, kind, 1);
      expect([once.met, once.error?.code]).toEqual([1, passing(one, kind)]);
      const always = await outcome(one, kind, Number.POSITIVE_INFINITY);
      expect(always.error?.code).toBe(lasting(one, kind));
      expect(always.took).toBeLessThan(8 * 60_000);
      if (!one.longTried) expect(always.met).toBeLessThanOrEqual(mostTries);
      if (one.once && kind !== "throttled") expect([once.met, always.met]).toEqual([1, 1]);
      for (const { error } of [once, always]) {
        if (error === undefined) continue;
        expect(error.asked).toMatchObject({
          service: expect.stringMatching(/./),
          call: expect.stringMatching(/./),
        });
        if (/permission|federation|id-token/.test(error.code))
          expect(error.asked).toMatchObject({
            needs: expect.stringMatching(/./),
            grantedBy: expect.stringMatching(/./),
          });
      }
    },
  );
});
