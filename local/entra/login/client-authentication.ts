import type { IncomingHttpHeaders } from "node:http";
import type { Directory } from "../directory/directory.ts";
import type { Application, ServicePrincipal } from "../directory/model.ts";
import { secretDigest } from "../directory/secrets.ts";
import { AadstsError } from "./aadsts.ts";
import { missing, unknownApplication } from "./authorization-request.ts";
import { checkCertificateAssertion, isOwnAssertion } from "./certificate.ts";
import { checkFederatedAssertion, type Relapse } from "./federation.ts";

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

export interface AuthenticatedClient {
  readonly application: Application;
  readonly principal: ServicePrincipal;
  /** `appidacr`: "1" secret, "2" assertion. */
  readonly by: "1" | "2";
}

/**
 * Finds out which application is asking, by secret (in the body or Basic), by its certificate or by a federated assertion.
 * Source: RFC 6749 section 2.3.1, RFC 7523 section 2.2; learn.microsoft.com, "Client credentials flow".
 * @throws AadstsError
 */
export async function authenticateClient(
  form: URLSearchParams,
  headers: IncomingHttpHeaders,
  directory: Directory,
  relapse: Relapse,
  tokenEndpoint: string,
): Promise<AuthenticatedClient> {
  const basic = basicCredentials(headers.authorization);
  const clientId = form.get("client_id") ?? basic?.id;
  if (clientId === undefined) throw missing("client_id");
  if (basic !== undefined && basic.id !== clientId) {
    throw new AadstsError(90023, "The client ids in the body and the Authorization header differ.");
  }
  const { application, principal } = enabledClient(directory, clientId);
  if (headers.origin !== undefined) {
    throw new AadstsError(
      9002326,
      `Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: '${headers.origin}'.`,
    );
  }
  const secret = form.get("client_secret") ?? basic?.secret;
  const assertion = form.get("client_assertion");
  if (assertion !== null) {
    if (secret !== undefined) throw new AadstsError(90023, "More than one client credential was sent.");
    const type = form.get("client_assertion_type");
    if (type === null) throw missing("client_assertion_type");
    if (type !== assertionType) throw new AadstsError(90023, `Unsupported client_assertion_type '${type}'.`);
    if (isOwnAssertion(assertion, application.appId))
      await checkCertificateAssertion(application, assertion, tokenEndpoint, directory.clock.now());
    else await checkFederatedAssertion(directory, application, assertion, relapse);
    return { application, principal, by: "2" };
  }
  if (secret === undefined || secret === "") {
    throw new AadstsError(
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    );
  }
  checkSecret(application, secret, directory.clock.now());
  return { application, principal, by: "1" };
}

function enabledClient(
  directory: Directory,
  clientId: string,
): { readonly application: Application; readonly principal: ServicePrincipal } {
  const application = directory.application(clientId);
  if (application === undefined) throw unknownApplication(clientId);
  const principal = directory.servicePrincipal(clientId);
  if (principal === undefined) {
    throw new AadstsError(
      7000229,
      `The client application ${clientId} is missing service principal in the tenant ${directory.tenantId}.`,
    );
  }
  if (!principal.accountEnabled) {
    throw new AadstsError(7000112, `Application '${clientId}'(${application.displayName}) is disabled.`);
  }
  return { application, principal };
}

function checkSecret(application: Application, secret: string, now: number): void {
  const digest = secretDigest(secret);
  const known = application.passwordCredentials.find((credential) => credential.digest === digest);
  if (known === undefined || known.usableFrom > now || Date.parse(known.startDateTime) > now) {
    throw new AadstsError(
      7000215,
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${application.appId}'.`,
    );
  }
  if (Date.parse(known.endDateTime) <= now) {
    throw new AadstsError(
      7000222,
      `The provided client secret keys for app '${application.appId}' are expired. Visit the Azure portal to create new keys for your app.`,
    );
  }
}

function basicCredentials(header: string | undefined): { id: string; secret: string } | undefined {
  const encoded = header === undefined ? undefined : /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const [id, ...rest] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  try {
    return { id: decodeURIComponent(id ?? ""), secret: decodeURIComponent(rest.join(":")) };
  } catch {
    return undefined;
  }
}
