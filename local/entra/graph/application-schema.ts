import * as v from "valibot";
import { redirectUriProblem } from "../directory/redirect-uris.ts";
import { badRequest } from "./errors.ts";
import { keyCredentialSchema } from "./key-credentials.ts";

/**
 * What may be written of an application, by Graph's application resource type (v1.0). A field that type doesn't have is
 * refused as the real service does; so is, more strictly, one it has and the stand-in doesn't model.
 */
const guid = v.pipe(v.string(), v.regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "is not a GUID"));

const redirectUri = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    const problem = dataset.typed ? redirectUriProblem(dataset.value) : undefined;
    if (problem !== undefined) addIssue({ message: `${problem}: ${String(dataset.value)}` });
  }),
);

const roleValue = v.pipe(
  v.string(),
  v.maxLength(120, "must not be longer than 120 characters"),
  v.regex(
    /^[\w:!#$%&'()*+,\-./;=?@[\]^{|}~]+$/,
    "must not contain spaces or characters that are not allowed",
  ),
  v.regex(/^[^.]/, "must not begin with '.'"),
);

/** Without `origin`: it is in every answer and "must not be included in any POST or PATCH requests" (appRole type). */
const appRole = v.strictObject({
  id: guid,
  value: v.nullish(roleValue, null),
  displayName: v.pipe(v.string(), v.nonEmpty("must not be empty"), v.maxLength(100)),
  description: v.pipe(v.string(), v.nonEmpty("must not be empty")),
  isEnabled: v.optional(v.boolean(), true),
  allowedMemberTypes: v.pipe(v.array(v.picklist(["User", "Application"])), v.nonEmpty("must not be empty")),
});

/** Names from "Optional claims reference" that need no schema extension. */
const claimNames = [
  ...["acct", "acrs", "auth_time", "ctry", "email", "family_name", "fwd", "given_name", "groups", "idtyp"],
  ...["in_corp", "ipaddr", "login_hint", "onprem_sid", "preferred_username", "pwd_exp", "pwd_url", "sid"],
  ...["tenant_ctry", "tenant_region_scope", "upn", "verified_primary_email", "verified_secondary_email"],
  ...["vnet", "xms_cc", "xms_edov", "xms_pdl", "xms_pl", "xms_tpl", "ztdid", "aud"],
] as const;

const optionalClaim = v.strictObject({
  "@odata.type": v.optional(v.literal("#microsoft.graph.optionalClaim")),
  name: v.picklist(claimNames, "is not an optional claim"),
  source: v.nullish(v.literal("user"), null),
  essential: v.optional(v.boolean(), false),
  additionalProperties: v.optional(v.array(v.string()), []),
});

const claimList = v.nullish(v.array(optionalClaim), []);

const optionalClaims = v.strictObject({
  "@odata.type": v.optional(v.literal("#microsoft.graph.optionalClaims")),
  idToken: claimList,
  accessToken: claimList,
  saml2Token: claimList,
});

const membershipSetting =
  /^(None|SecurityGroup|ApplicationGroup|DirectoryRole|All)(, ?(SecurityGroup|ApplicationGroup|DirectoryRole))*$/;

/** Without the defaults that a whole object would get: `web` is merged field by field, arrays are replaced whole. */
const web = v.strictObject({
  redirectUris: v.optional(v.array(redirectUri)),
  homePageUrl: v.optional(v.nullable(v.pipe(v.string(), v.url()))),
  logoutUrl: v.optional(v.nullable(v.pipe(v.string(), v.url(), v.startsWith("https://")))),
  implicitGrantSettings: v.optional(
    v.strictObject({
      enableIdTokenIssuance: v.optional(v.boolean()),
      enableAccessTokenIssuance: v.optional(v.boolean()),
    }),
  ),
});

const writable = {
  description: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(1024)))),
  notes: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(1024)))),
  tags: v.optional(v.array(v.string())),
  signInAudience: v.optional(v.literal("AzureADMyOrg")),
  identifierUris: v.optional(v.array(v.pipe(v.string(), v.regex(/^(api|https):\/\/\S+$/)))),
  groupMembershipClaims: v.optional(
    v.nullable(v.pipe(v.string(), v.regex(membershipSetting, "is not valid"))),
  ),
  isFallbackPublicClient: v.optional(v.nullable(v.boolean())),
  appRoles: v.optional(v.array(appRole)),
  optionalClaims: v.optional(v.nullable(optionalClaims)),
  web: v.optional(web),
  api: v.optional(v.strictObject({ requestedAccessTokenVersion: v.optional(v.picklist([1, 2])) })),
  keyCredentials: v.optional(v.array(keyCredentialSchema)),
  requiredResourceAccess: v.optional(
    v.array(
      v.strictObject({
        resourceAppId: guid,
        resourceAccess: v.array(v.strictObject({ id: guid, type: v.picklist(["Scope", "Role"]) })),
      }),
    ),
  ),
};

const displayName = v.pipe(v.string(), v.nonEmpty("must not be empty"), v.maxLength(256));

export const applicationPatch = v.strictObject({ ...writable, displayName: v.optional(displayName) });
export const applicationPost = v.strictObject({ ...writable, displayName });
export type ApplicationPatch = v.InferOutput<typeof applicationPatch>;

export const servicePrincipalPatch = v.strictObject({
  accountEnabled: v.optional(v.boolean()),
  appRoleAssignmentRequired: v.optional(v.boolean()),
  notes: v.optional(v.nullable(v.string())),
  tags: v.optional(v.array(v.string())),
});
export const servicePrincipalPost = v.strictObject({ ...servicePrincipalPatch.entries, appId: guid });

const dateTime = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)$/, "is not a DateTimeOffset"),
);
export const addPasswordBody = v.strictObject({
  passwordCredential: v.optional(
    v.strictObject({
      displayName: v.optional(v.nullable(v.string())),
      startDateTime: v.optional(v.nullable(dateTime)),
      endDateTime: v.optional(v.nullable(dateTime)),
    }),
    {},
  ),
});
export const removePasswordBody = v.strictObject({ keyId: guid });
export const getMemberObjectsBody = v.strictObject({ securityEnabledOnly: v.boolean() });

/** @throws GraphError 400 Request_BadRequest that names the first property that doesn't fit */
export function parseBody<S extends v.GenericSchema>(schema: S, body: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const place = v.getDotPath(issue) ?? "";
  if (issue.expected === "never") throw badRequest(`Invalid property '${place}'.`);
  throw badRequest(`Invalid value specified for property '${place}' of resource: ${issue.message}.`);
}
