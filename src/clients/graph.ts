import * as v from "valibot";
import type { ActionErrorCode } from "../../contract/errors/action.ts";
import { ActionError, type Asked } from "../errors.ts";
import type { EntraClient } from "./entra.ts";
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
import type { Http, HttpAnswer } from "./http.ts";

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

interface Call {
  readonly method: "GET" | "POST" | "PATCH";
  /** Path below `/v1.0`, with real ids. */
  readonly path: string;
  /** The same as in Graph's documentation, for people. */
  readonly name: string;
  readonly body?: unknown;
}

const errorSchema = v.object({ error: v.object({ code: v.string(), message: v.fallback(v.string(), "") }) });

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
  async function send(call: Call, fresh = false): Promise<HttpAnswer> {
    if (fresh) entra.forgetToken();
    const accessToken = await entra.graphToken();
    const answer = await http.send({
      service,
      call: call.name,
      method: call.method,
      url: `${origin}/v1.0${call.path}`,
      headers: {
        authorization: `Bearer ${accessToken}`,
        ...(call.body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      expect: "json",
    });
    // A token that was withdrawn meanwhile is exchanged anew, once.
    return answer.status === 401 && !fresh ? send(call, true) : answer;
  }

  async function read<S extends v.GenericSchema>(
    call: Call,
    schema: S,
  ): Promise<v.InferOutput<S> | undefined> {
    const answer = await send(call);
    if (answer.status === 404) return undefined;
    return parse(answer, call, schema);
  }

  async function write<S extends v.GenericSchema>(call: Call, schema: S): Promise<v.InferOutput<S>> {
    return parse(await send(call), call, schema);
  }

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
      refuseFailure(await send(call), call);
    },
    addPassword: async (id, displayName, endDateTime) => {
      const call: Call = {
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
      const call: Call = {
        method: "POST",
        path: `/applications/${id}/removePassword`,
        name: "POST /applications/{id}/removePassword",
        body: { keyId },
      };
      refuseFailure(await send(call), call);
    },
    federatedCredentials: async (id) => {
      const call: Call = {
        method: "GET",
        path: `/applications/${id}/federatedIdentityCredentials`,
        name: "GET /applications/{id}/federatedIdentityCredentials",
      };
      return (await write(call, federatedCredentialsSchema)).value;
    },
    addFederatedCredential: async (id, body) => {
      const call: Call = {
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

function parse<S extends v.GenericSchema>(answer: HttpAnswer, call: Call, schema: S): v.InferOutput<S> {
  refuseFailure(answer, call);
  const parsed = v.safeParse(schema, answer.json());
  if (parsed.success) return parsed.output;
  const places = parsed.issues.map((issue) => v.getDotPath(issue) ?? "body").join(", ");
  throw new ActionError("service-answer-unreadable", `${service}, ${call.name}: odd or missing: ${places}`, {
    asked: { service, call: call.name },
  });
}

const service = "Microsoft Graph";
const permission = {
  needs:
    "Application.ReadWrite.OwnedBy for the automation application, and that it owns the gate application",
  grantedBy: "a Privileged Role Administrator consents; an owner of the gate application adds the other",
};
const exemption = {
  needs: "an exemption from the tenant's application management policy",
  grantedBy: "a Cloud Application Administrator",
};

/** Source: learn.microsoft.com, "Microsoft Graph error responses"; "application authentication methods policy". */
function refuseFailure(answer: HttpAnswer, call: Call): void {
  if (answer.status < 400) return;
  const { code, message } = errorOf(answer);
  const said = `${service}, ${call.name}: status ${answer.status}, ${code}${message === "" ? "" : `, ${message}`}`;
  const refuse = (as: ActionErrorCode, grant: Pick<Asked, "needs" | "grantedBy"> = {}): ActionError =>
    new ActionError(as, said, { asked: { service, call: call.name, ...grant } });
  if (/^CredentialInvalidLifetimeAsPer/.test(code)) throw refuse("secret-too-long", exemption);
  if (/AsPerAppPolicy$/.test(code)) throw refuse("secrets-forbidden", exemption);
  if (answer.status === 401 || answer.status === 403) throw refuse("graph-permission-missing", permission);
  if (answer.status === 404) throw refuse("graph-not-found");
  throw refuse("graph-request-refused");
}

function errorOf(answer: HttpAnswer): { code: string; message: string } {
  try {
    const parsed = v.safeParse(errorSchema, answer.json());
    if (parsed.success) return { ...parsed.output.error, message: parsed.output.error.message.slice(0, 300) };
  } catch {
    return { code: "an answer that is not JSON", message: "" };
  }
  return { code: "an answer without an error code", message: "" };
}
