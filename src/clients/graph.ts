import type { EntraClient } from "./entra.ts";
import { createGraphCaller, type GraphCall } from "./graph-call.ts";
import {
  type Application,
  type ApplicationPatch,
  applicationSchema,
  type FederatedCredential,
  federatedCredentialSchema,
  federatedCredentialsSchema,
  newPasswordSchema,
  type ServicePrincipal,
  selectedProperties,
  servicePrincipalSchema,
} from "./graph-model.ts";
import type { Http } from "./http.ts";

export interface GraphClient {
  /** The application with this client id; undefined where Graph knows none (yet). */
  application(appId: string): Promise<Application | undefined>;
  createApplication(body: Readonly<Record<string, unknown>>): Promise<Application>;
  /** @param id object id of the application */
  patchApplication(id: string, patch: ApplicationPatch): Promise<void>;
  /** Makes a client secret. Its text is masked before this resolves and can't be read again. */
  addPassword(id: string, displayName: string, endDateTime: Date): Promise<NewPassword>;
  removePassword(id: string, keyId: string): Promise<void>;
  /** An application has twenty at most: one page. */
  federatedCredentials(id: string): Promise<readonly FederatedCredential[]>;
  addFederatedCredential(id: string, credential: Omit<FederatedCredential, "id">): Promise<void>;
  servicePrincipal(appId: string): Promise<ServicePrincipal | undefined>;
  createServicePrincipal(appId: string): Promise<ServicePrincipal>;
}

export interface NewPassword {
  readonly keyId: string;
  readonly secret: string;
  readonly endDateTime: string;
}

/**
 * The calls to Microsoft Graph v1.0 that the action makes. All throw ActionError graph-*, entra-* or service-*.
 * @param origin `https://graph.microsoft.com`
 */
export function createGraphClient(
  http: Http,
  entra: EntraClient,
  origin: string,
  mask: (secret: string) => void,
): GraphClient {
  const { read, write, done } = createGraphCaller(http, entra, origin);
  return {
    application: (appId) =>
      read(
        {
          method: "GET",
          path: `/applications(appId='${appId}')?$select=${selectedProperties}`,
          name: "GET /applications(appId='{appId}')",
        },
        applicationSchema,
      ),
    createApplication: (body) =>
      write({ method: "POST", path: "/applications", name: "POST /applications", body }, applicationSchema),
    patchApplication: async (id, body) => {
      const call = {
        method: "PATCH",
        path: `/applications/${id}`,
        name: "PATCH /applications/{id}",
        body,
      } as const;
      await done(call);
    },
    addPassword: async (id, displayName, endDateTime) => {
      const call: GraphCall = {
        method: "POST",
        path: `/applications/${id}/addPassword`,
        name: "POST /applications/{id}/addPassword",
        body: { passwordCredential: { displayName, endDateTime: endDateTime.toISOString() } },
      };
      const made = await write(call, newPasswordSchema);
      mask(made.secretText);
      return { keyId: made.keyId, secret: made.secretText, endDateTime: made.endDateTime };
    },
    removePassword: async (id, keyId) => {
      const call: GraphCall = {
        method: "POST",
        path: `/applications/${id}/removePassword`,
        name: "POST /applications/{id}/removePassword",
        body: { keyId },
      };
      await done(call);
    },
    federatedCredentials: async (id) => {
      const call: GraphCall = {
        method: "GET",
        path: `/applications/${id}/federatedIdentityCredentials`,
        name: "GET /applications/{id}/federatedIdentityCredentials",
      };
      return (await write(call, federatedCredentialsSchema)).value;
    },
    addFederatedCredential: async (id, body) => {
      const call: GraphCall = {
        method: "POST",
        path: `/applications/${id}/federatedIdentityCredentials`,
        name: "POST /applications/{id}/federatedIdentityCredentials",
        body,
      };
      await write(call, federatedCredentialSchema);
    },
    servicePrincipal: (appId) =>
      read(
        {
          method: "GET",
          path: `/servicePrincipals(appId='${appId}')?$select=id,appId,appRoleAssignmentRequired`,
          name: "GET /servicePrincipals(appId='{appId}')",
        },
        servicePrincipalSchema,
      ),
    createServicePrincipal: (appId) =>
      write(
        { method: "POST", path: "/servicePrincipals", name: "POST /servicePrincipals", body: { appId } },
        servicePrincipalSchema,
      ),
  };
}
