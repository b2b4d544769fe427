import * as v from "valibot";
import type { ActionError } from "../errors.ts";
import { type Call, parse, projectPath, type Result } from "./cloudflare-call.ts";
import { type DeploymentCalls, deploymentCalls } from "./cloudflare-deployments.ts";
import { cloudflareError, isDenied, type Refusal, refusalOf, unreadable } from "./cloudflare-errors.ts";
import {
  type Database,
  type Domain,
  databaseSchema,
  domainSchema,
  envelopeSchema,
  type Project,
  type ProjectPatch,
  projectSchema,
  queryResultSchema,
} from "./cloudflare-model.ts";
import type { Http } from "./http.ts";

export interface CloudflareSettings {
  /** `https://api.cloudflare.com/client/v4`, or CLOUDFLARE_API_BASE_URL, which wrangler honours too. */
  readonly baseUrl: string;
  readonly token: string;
  readonly accountId: string;
}

type Row = Readonly<Record<string, unknown>>;

/** A token that Cloudflare knows and that is active. */
export interface Token {
  /** A user's ends with the user's access to the account, the account's own doesn't. */
  readonly kind: "account" | "user";
  /** ISO time; absent where it has no end. */
  readonly expiresOn?: string;
}

/** The Cloudflare calls that the action makes, in one account. All throw ActionError cloudflare-* or service-*. */
export interface CloudflareClient extends DeploymentCalls {
  /** What Cloudflare says of the token itself; undefined where it does not take it. */
  token(): Promise<Token | undefined>;
  /** The Pages project; undefined where there is none of this name. */
  project(name: string): Promise<Project | undefined>;
  createProject(name: string, productionBranch: string): Promise<Project>;
  patchProject(name: string, patch: ProjectPatch): Promise<Project>;
  /** The project's custom domains, and whether each is active. */
  domains(project: string): Promise<readonly Domain[]>;
  /** The D1 database of exactly this name. */
  findDatabase(name: string): Promise<Database | undefined>;
  createDatabase(name: string): Promise<Database>;
  /** Runs one statement that may be run twice without harm; resolves with its rows. */
  query(databaseId: string, sql: string, params?: readonly string[]): Promise<readonly Row[]>;
}

const verifySchema = v.object({
  result: v.object({ status: v.string(), expires_on: v.nullish(v.string()) }),
});

const missingProject = 8000007;
/** Pages' own "try again": the call had no effect. */
const tryAgain = 8000000;

export function createCloudflareClient(
  http: Http,
  settings: CloudflareSettings,
  sleep: (milliseconds: number) => Promise<void>,
): CloudflareClient {
  const account = `${settings.baseUrl}/accounts/${settings.accountId}`;

  async function once(call: Call): Promise<Result | Refusal> {
    const answer = await http.send({
      service: "Cloudflare",
      call: call.name,
      method: call.method,
      url: `${account}${call.path}`,
      headers: {
        authorization: `Bearer ${settings.token}`,
        ...(call.body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(call.idempotent === undefined ? {} : { idempotent: call.idempotent }),
      expect: "json",
    });
    const envelope = v.safeParse(envelopeSchema, jsonOf(answer));
    if (answer.status >= 400 || (envelope.success && !envelope.output.success))
      return refusalOf(answer.status, envelope.success ? envelope.output.errors : []);
    if (!envelope.success) throw unreadable(call, "not its usual envelope");
    const { result, result_info: info } = envelope.output;
    return { value: result, totalPages: info?.total_pages, total: info?.total_count };
  }

  async function send(call: Call, attempt = 1): Promise<Result | Refusal> {
    const result = await once(call);
    if (!("codes" in result) || !result.codes.includes(tryAgain) || attempt >= 4) return result;
    await sleep(1_000 * 2 ** attempt);
    return send(call, attempt + 1);
  }

  async function ask<S extends v.GenericSchema>(call: Call, schema: S): Promise<v.InferOutput<S>> {
    const result = await send(call);
    if ("codes" in result) throw await explained(call, result);
    return parse(call, schema, result.value);
  }

  /** Which of the token's faults it is: Cloudflare answers 10000 for all of them. */
  async function explained(call: Call, refusal: Refusal): Promise<ActionError> {
    return cloudflareError(call, refusal, !isDenied(refusal) || (await token()) !== undefined);
  }

  /** There are two kinds of token, a user's and an account's, with a verify endpoint each. */
  async function verified(url: string): Promise<v.InferOutput<typeof verifySchema>["result"] | undefined> {
    const call = { service: "Cloudflare", call: "GET tokens/verify", method: "GET" } as const;
    const answer = await http.send({ ...call, url, headers: { authorization: `Bearer ${settings.token}` } });
    const body = v.safeParse(verifySchema, jsonOf(answer));
    const active = answer.status === 200 && body.success && body.output.result.status === "active";
    return active ? body.output.result : undefined;
  }

  async function token(): Promise<Token | undefined> {
    const ofAccount = await verified(`${account}/tokens/verify`);
    const result = ofAccount ?? (await verified(`${settings.baseUrl}/user/tokens/verify`));
    if (result === undefined) return undefined;
    const { expires_on: expiresOn } = result;
    return { kind: ofAccount ? "account" : "user", ...(expiresOn == null ? {} : { expiresOn }) };
  }

  return {
    token,
    async project(name) {
      const call: Call = { method: "GET", path: projectPath(name), name: `GET project ${name}` };
      const result = await send(call);
      if (!("codes" in result)) return parse(call, projectSchema, result.value);
      if (result.codes.includes(missingProject)) return undefined;
      throw await explained(call, result);
    },
    createProject: (name, branch) =>
      ask(
        {
          method: "POST",
          path: "/pages/projects",
          name: `POST project ${name}`,
          body: { name, production_branch: branch },
        },
        projectSchema,
      ),
    patchProject: (name, body) =>
      ask({ method: "PATCH", path: projectPath(name), name: `PATCH project ${name}`, body }, projectSchema),
    ...deploymentCalls({ send, ask, explained }),
    domains: (project) =>
      ask(
        { method: "GET", path: `${projectPath(project)}/domains`, name: `GET domains of ${project}` },
        v.array(domainSchema),
      ),
    async findDatabase(name) {
      const path = `/d1/database?name=${encodeURIComponent(name)}&per_page=100`;
      const call: Call = { method: "GET", path, name: "GET D1 databases" };
      return (await ask(call, v.array(databaseSchema))).find((database) => database.name === name);
    },
    createDatabase: (name) =>
      ask(
        { method: "POST", path: "/d1/database", name: `POST D1 database ${name}`, body: { name } },
        databaseSchema,
      ),
    async query(databaseId, sql, params = []) {
      const call: Call = {
        method: "POST",
        path: `/d1/database/${encodeURIComponent(databaseId)}/query`,
        name: "POST D1 query",
        body: { sql, params },
        idempotent: true,
      };
      return (await ask(call, queryResultSchema))[0]?.results ?? [];
    },
  };
}

function jsonOf(answer: { json(): unknown }): unknown {
  try {
    return answer.json();
  } catch {
    return undefined;
  }
}
