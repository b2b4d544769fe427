import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PinnedKey } from "../../contract/config/site.ts";
import { compilePolicy } from "../../contract/policy/compile.ts";
import { parsePolicy } from "../../contract/policy/parse.ts";
import type { Policy } from "../../contract/policy/schema.ts";
import { loopbackFetch } from "../../local/cloudflare/sites/loopback.ts";
import { scheduleEvent } from "../../local/github/index.ts";
import { createHostWorker, type HostWorker } from "../../pages-plugin/src/entries/host.ts";
import { createSiteGate } from "../../pages-plugin/src/site/gate.ts";
import type { HttpRequest } from "../../src/clients/http.ts";
import type { ActionContext } from "../../src/context.ts";
import { onDefaultBranch } from "../../src/steps/default-branch.ts";
import { compatibilityDate } from "../../src/steps/host-deploy.ts";
import { type OwnHostOptions, ownHost } from "../../src/steps/own-host.ts";
import { type Renewal, renewHost } from "../../src/steps/renew.ts";
import { Visitor } from "../pages-plugin/host/support/visitor.ts";
import { accountId, cloudflareToken, policy, type Stage, startStage } from "./stage.ts";

const hostProject = "acme-sign-in";
const parsed = parsePolicy(policy);
if (!parsed.ok) throw new Error("the stage's policy is wrong");
const theirs = parsed.policy;

/**
 * A sign-in host and a site as the last push left them; their workers run in this process. Time is the process's own,
 * which a test sets: the provider behind the local Entra dates its tokens by it.
 */
export interface HostWorld {
  readonly stage: Stage;
  /** Origin of the sign-in host. */
  readonly origin: string;
  readonly policy: Policy;
  /** Variables that the live host was deployed with, and how often it was deployed. */
  live(): { readonly env: Readonly<Record<string, unknown>>; readonly deployments: number };
  /** Called with what is about to be replaced. */
  beforeDeploy: (env: Readonly<Record<string, unknown>>) => Promise<void>;
  /** The same context, whose host is the one in this process. */
  reached(context: ActionContext): ActionContext;
  scheduled(changes?: Readonly<Record<string, string>>): Promise<ActionContext>;
  renew(context: ActionContext): Promise<Renewal | undefined>;
  /** The code of the answer that a visitor without any session ends on; undefined where that is the site's page. */
  visit(): Promise<string | undefined>;
  close(): Promise<void>;
}

export async function startHostWorld(): Promise<HostWorld> {
  const stage = await startStage();
  const { clock, cloudflare, entra } = stage;
  const deps = {
    now: () => Date.now(),
    random: (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes)),
    log: () => undefined,
  };
  let worker: HostWorker | undefined;
  let env: Readonly<Record<string, unknown>> = {};
  let deployments = 0;

  const origin = `http://${hostProject}.localhost:${cloudflare.port}`;
  const toEntra: typeof fetch = (input, init) => loopbackFetch(new Request(input, init));
  const toHost: typeof fetch = async (input, init) => {
    if (worker === undefined) return new Response("Nothing is here yet", { status: 404 });
    return worker.fetch(new Request(input, init), env, { waitUntil: () => undefined });
  };

  const deployHost: OwnHostOptions["deployHost"] = async ({ project }, _, bundle) => {
    await world.beforeDeploy(env);
    const variables = cloudflare.project(project.name)?.configs.production.env_vars ?? {};
    const texts = Object.entries(variables).map(([name, { value }]) => [name, value]);
    env = { ...Object.fromEntries(texts), GATE_DB: databaseOf(stage) };
    worker = createHostWorker({ bundle }, { ...deps, fetch: toEntra });
    deployments += 1;
    const form = new FormData();
    form.set("manifest", "{}");
    form.set("branch", "main");
    const answer = await fetch(
      `${cloudflare.apiUrl}/accounts/${accountId}/pages/projects/${project.name}/deployments`,
      { method: "POST", headers: { authorization: `Bearer ${cloudflareToken}` }, body: form },
    );
    clock.advance(1_000);
    return ((await answer.json()) as { result: { id: string } }).result.id;
  };

  /** What goes to the host's address goes to the worker of this process. */
  const reached = (context: ActionContext): ActionContext => {
    const send = async (request: HttpRequest) => {
      const url = new URL(request.url);
      if (url.origin !== origin) return context.http.send(request);
      const headers = { ...request.headers };
      const answer = await toHost(new Request(url, { method: request.method, headers, redirect: "manual" }));
      const body = new Uint8Array(await answer.arrayBuffer());
      const text = () => new TextDecoder().decode(body);
      const named = [...answer.headers.keys()].map((name) => [name, answer.headers.get(name) ?? ""]);
      const read = { body, text, json: (): unknown => JSON.parse(text()) };
      return { status: answer.status, headers: Object.fromEntries(named), ...read };
    };
    return { ...context, http: { send }, dist: distWithHost(context.runner.temp) };
  };

  const contextOf = (variables: Readonly<Record<string, string | undefined>>) =>
    reached(stage.context(variables).context);
  const world: HostWorld = {
    stage,
    reached,
    origin,
    policy: theirs,
    beforeDeploy: async () => undefined,
    live: () => ({ env, deployments }),
    async scheduled(changes = {}) {
      const event = await scheduleEvent(stage.repository, "17 4 * * 1", stage.repository.owner);
      return contextOf({ ...stage.eventRun(event), ...changes });
    },
    renew: async (context) => renewHost(context, await onDefaultBranch(context), deployHost),
    async visit() {
      const gates = new Map([[site, gate]]);
      const visitor = new Visitor({ entra, gates, toHost }, entra.cast.people.reviewer.oid);
      const arrived = await visitor.open(`${site}/.auth/login?return_to=/`);
      const code = arrived.headers.get("x-entra-gate-code");
      if (code !== null) return code;
      const page = await (await visitor.open(`${site}/`)).text();
      return page === "the site's own page" ? undefined : page;
    },
    close: () => stage.close(),
  };

  // As the last push left it.
  await stage.cloudflareProject("site");
  const push = contextOf(await stage.buildRun({}));
  const gateApplication = await push.graph.application(entra.cast.applications.gate.appId);
  const project = await push.cloudflare.project("site");
  if (project === undefined) throw new Error("no site");
  const host = await ownHost({
    context: push,
    site: project,
    policy: theirs,
    found: undefined,
    compatibilityDate,
    gate: gateApplication,
    deployHost,
  });
  const site = `http://${project.subdomain}`;
  const keys = ((await (await toHost(`${host.origin}/.auth/jwks`)).json()) as { keys: PinnedKey[] }).keys;
  const compiled = await compilePolicy(theirs, "production");
  const config = { signIn: { origin: host.origin, keys }, policy: compiled, project: "site", bundle: "b" };
  const gate = createSiteGate(config, { ...deps, fetch: toHost });
  return world;
}

/** D1's binding over the stand-in's database. */
function databaseOf({ cloudflare }: Stage): unknown {
  const prepare = (sql: string, values: readonly unknown[] = []): unknown => ({
    bind: (...bound: unknown[]) => prepare(sql, bound),
    all: () => cloudflare.sql(hostProject, sql, values),
  });
  return { prepare, batch: async () => [] };
}

function distWithHost(temp: string): string {
  const dist = join(temp, "dist");
  mkdirSync(join(dist, "gate"), { recursive: true });
  writeFileSync(join(dist, "gate", "host.js"), "the host's code");
  return dist;
}
