import type { IncomingMessage } from "node:http";
import type { CallLog } from "../call-log.ts";
import type { Clock } from "../clock.ts";
import type { Fault, Faults } from "../faults.ts";
import { startServer } from "../server.ts";
import { cast, defaultTenantId } from "./cast.ts";
import { Directory } from "./directory/directory.ts";
import type { Propagation } from "./directory/model.ts";
import { seed } from "./directory/seed.ts";
import { createGraph } from "./graph/graph.ts";
import type { SecretPolicy } from "./graph/operation.ts";
import { sendJson } from "./http.ts";
import { azureCliToken } from "./login/azure-cli.ts";
import type { Endpoints } from "./login/endpoints.ts";
import type { Relapse } from "./login/federation.ts";
import type { Misissue } from "./login/id-token.ts";
import { SigningKeys } from "./login/keys.ts";
import { createLogin, type Handler } from "./login/login.ts";

export interface EntraOptions {
  readonly clock: Clock;
  readonly log: CallLog;
  readonly faults: Faults;
  /** Wanted port; a free one where it is missing or taken. */
  readonly port?: number;
  readonly tenantId?: string;
  /**
   * Where GitHub's tokens come from, the subject that the automation's federated credential names, and those that the
   * test client's name.
   */
  readonly github?: {
    readonly issuer: string;
    readonly subject: string;
    readonly testSubjects?: readonly string[];
  };
  /** Real minutes, here a moment, so that `npm start` stays quick and nothing may count on immediacy. */
  readonly propagation?: Partial<Propagation>;
}

export interface EntraStandIn {
  /** `http://login.localhost:<port>`, in place of https://login.microsoftonline.com */
  readonly authority: string;
  /** `http://graph.localhost:<port>`, in place of https://graph.microsoft.com; calls go below `/v1.0` */
  readonly graphUrl: string;
  readonly tenantId: string;
  readonly issuer: string;
  readonly port: number;
  readonly cast: typeof cast;
  /** The tenant's state, to look at and to change as an administrator would. */
  readonly directory: Directory;
  /** The delays, which a test may change while it runs. */
  readonly propagation: Propagation;
  readonly secretPolicy: SecretPolicy;
  /** A person's token for Graph, as `az account get-access-token` prints it. */
  azureCliToken(oid: string): Promise<string>;
  /** ID tokens that must be refused, while set. */
  readonly misissue: Misissue;
  /** From now on ID tokens are signed by a key that isn't published, under the id of one that is. */
  signWithForeignKey(): void;
  /** The next PATCHes of an application are answered with 204 and then undone, as by another writer's older copy. */
  loseUpdates(times: number): void;
  /** The next exchanges of a federated assertion fail again, as they may while a credential propagates. */
  relapseFederation(times: number): void;
  /** Signs with a new key from now on; the old one stays published unless `dropOld`. */
  rotateSigningKey(options?: { dropOld?: boolean }): Promise<void>;
  close(): Promise<void>;
}

const defaultPropagation: Propagation = { redirectUriMs: 400, secretMs: 400, readMs: 200, federatedMs: 0 };

/**
 * Starts Microsoft Entra ID and Microsoft Graph on one loopback port, told apart by host name, with one tenant in
 * memory: the cast's people, two groups that matter, three registrations (see `seed`).
 */
export async function startEntra(options: EntraOptions): Promise<EntraStandIn> {
  const tenantId = options.tenantId ?? defaultTenantId;
  const propagation = { ...defaultPropagation, ...options.propagation };
  const directory = new Directory(options.clock, tenantId, propagation);
  const secretPolicy: SecretPolicy = { blocked: false, maxDays: undefined };
  const relapse: Relapse = { left: 0 };
  const misissue: Misissue = { claims: undefined, foreignKey: false };
  seed(directory);
  if (options.github !== undefined) {
    const { issuer, subject, testSubjects = [] } = options.github;
    const { automation, testClient } = cast.applications;
    directory.addFederatedCredential(automation.appId, { issuer, subject, settled: true });
    for (const each of testSubjects)
      directory.addFederatedCredential(testClient.appId, { issuer, subject: each, settled: true });
  }

  const handlers: { login?: Handler; graph?: Handler } = {};
  const server = await startServer({
    service: (request) => (hostOf(request).startsWith("graph.") ? "graph" : "entra"),
    log: options.log,
    faults: options.faults,
    ...(options.port === undefined ? {} : { port: options.port }),
    handler: async (request, response) => {
      const handler = { "login.localhost": handlers.login, "graph.localhost": handlers.graph }[
        hostOf(request)
      ];
      if (handler === undefined) return sendJson(response, 421, { error: "misdirected_request" });
      return handler(request, response);
    },
  });

  const authority = `http://login.localhost:${server.port}`;
  const graphUrl = `http://graph.localhost:${server.port}`;
  const endpoints: Endpoints = { authority, graphUrl, tenantId, issuer: `${authority}/${tenantId}/v2.0` };
  const keys = await SigningKeys.create(endpoints.issuer);
  handlers.login = await createLogin(directory, endpoints, keys, relapse, misissue);
  handlers.graph = createGraph(directory, endpoints, keys, secretPolicy);

  return {
    authority,
    graphUrl,
    tenantId,
    issuer: endpoints.issuer,
    port: server.port,
    cast,
    directory,
    propagation,
    secretPolicy,
    misissue,
    azureCliToken: (oid) => azureCliToken(directory, endpoints, keys, oid),
    signWithForeignKey: () => {
      misissue.foreignKey = true;
    },
    loseUpdates: (times) => {
      directory.updatesToLose = times;
    },
    relapseFederation: (times) => {
      relapse.left = times;
    },
    rotateSigningKey: async ({ dropOld = false } = {}) => {
      await keys.rotate();
      if (dropOld) keys.dropOld();
    },
    close: () => server.close(),
  };
}

function hostOf(request: IncomingMessage): string {
  return (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
}

/** Graph's throttling, to switch on by `faults.add(throttled(…))`. */
export function throttled(options: {
  retryAfter: number;
  times?: number;
  path?: RegExp;
  method?: string;
}): Fault {
  const { retryAfter, ...where } = options;
  const error = {
    code: "TooManyRequests",
    message: "Too many requests. Please retry after the time in the Retry-After header.",
  };
  const headers = { "retry-after": String(retryAfter) };
  return {
    service: "graph",
    ...where,
    what: { kind: "answer", status: 429, headers, body: JSON.stringify({ error }) },
  };
}
