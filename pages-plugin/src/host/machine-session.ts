import { admits } from "../../../contract/policy/entry.ts";
import type { Environment } from "../../../contract/policy/model.ts";
import { jsonAnswer } from "../http/answers.ts";
import { readBearer } from "../http/bearer.ts";
import { GateFault } from "../http/fault.ts";
import { readJsonRequest } from "../http/json-request.ts";
import { parseOrigin } from "../http/origin.ts";
import { isOwnOrScript } from "../http/script-request.ts";
import { verifyAccessToken } from "../oidc/access-token.ts";
import type { MachineClaims } from "../oidc/machine.ts";
import { recordTicket } from "./audit.ts";
import { challengeShape } from "./authorize-parameters.ts";
import type { Exchange, HostContext } from "./exchange.ts";
import { matchSite } from "./site-match.ts";
import { issueTicket } from "./ticket.ts";

const longestRequest = 4096;

/**
 * POST `/.auth/session`: a program that has an access token for the gate's application gets a ticket for one site, if
 * the entry of the default branch's policy lets it in. It ends with the token, or `recheck` after the token was issued.
 *
 * @throws GateFault `host-origin-foreign`, `bearer-…`, `session-request-invalid`, `site-…`, `entry-refused`, and what
 *   `issueTicket` throws
 */
export async function machineSession(host: HostContext, exchange: Exchange): Promise<Response> {
  const { request, now } = exchange;
  if (!isOwnOrScript(request, host.settings.origin)) throw new GateFault("host-origin-foreign");
  const machine = await verify(host, exchange);
  exchange.machine = machine.visitor;
  const asked = await readRequest(request);
  const sites = await host.directory.read();
  const isProduction = sites.rows.some(({ origins }) => origins.includes(asked.origin));
  const environment = asked.environment ?? (isProduction ? "production" : "preview");
  const site = matchSite(sites.rows, asked.origin, environment, host.settings.origin);
  exchange.site = site;
  exchange.service = asked.origin;
  const { entry, row } = site;
  if (!admits(entry, machine.visitor)) throw new GateFault("entry-refused", row.project);
  const { issuedAt } = machine;
  const expires = Math.min(machine.expires, issuedAt + entry.recheck, issuedAt + entry.lifetime);
  if (expires <= now) throw new GateFault("bearer-stale", row.project);
  const grant = { wanted: { ...asked, environment }, site, visitor: machine.visitor, expires };
  const { ticket, claims } = await issueTicket(host, grant, now);
  recordTicket(host, exchange, claims);
  return jsonAnswer(request, { ticket, expires: claims.exp });
}

async function verify(
  { settings, tenantKeys, deps }: HostContext,
  { request }: Exchange,
): Promise<MachineClaims> {
  const { tenantId, clientId, entra } = settings;
  const { issuer, issuerV1 } = entra;
  const find = (kid: string): Promise<CryptoKey> =>
    tenantKeys.find(kid).catch((error: unknown) => {
      const unknown = error instanceof GateFault && error.code === "id-token-key-unknown";
      throw unknown ? new GateFault("bearer-key-unknown") : error;
    });
  return verifyAccessToken(readBearer(request), { tenantId, clientId, issuer, issuerV1 }, find, deps.now());
}

interface Asked {
  readonly origin: string;
  readonly challenge: string;
  readonly environment?: Environment;
}

async function readRequest(request: Request): Promise<Asked> {
  const body = await readJsonRequest(request, longestRequest);
  if (body === undefined) throw wrong("body");
  const { origin, challenge, environment } = body;
  const parsed = typeof origin === "string" ? parseOrigin(origin) : undefined;
  if (parsed === undefined) throw wrong("origin");
  if (typeof challenge !== "string" || !challengeShape.test(challenge)) throw wrong("challenge");
  if (environment === undefined) return { origin: parsed, challenge };
  if (environment !== "preview" && environment !== "production") throw wrong("environment");
  return { origin: parsed, challenge, environment };
}

function wrong(what: string): GateFault {
  return new GateFault("session-request-invalid", what);
}
