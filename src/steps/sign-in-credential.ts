import { hostFederation } from "../../contract/names/federation.ts";
import { variables } from "../../contract/names/variables.ts";
import type { Application } from "../clients/graph-model.ts";
import { certificateIsCurrent, makeClientCertificate } from "./certificate.ts";
import { type CredentialDeps, makeSecret, type SecretOwner, secretIsCurrent } from "./credential.ts";
import { requireServicePrincipal } from "./entra.ts";
import { trustHost } from "./federation.ts";
import type { StoredVariables } from "./sign-in-variables.ts";
import type { Trail } from "./trail.ts";

interface CredentialStepDeps extends CredentialDeps {
  readonly trail: Pick<Trail, "add">;
}

/** What the host shows Entra: a client secret, proof of a key whose certificate the application has, or a token of its own. */
export type CredentialKind = "secret" | "certificate" | "federated";

/** The host's credential at Entra as it is to be written. */
export interface ArrangedCredential {
  readonly entraKeyId: string;
  /** The one that was in use when the run began. */
  readonly previousKeyId: string | undefined;
  /** Made now: value by name. Masked. */
  readonly newSecrets: Readonly<Record<string, string>>;
  /** Name of the variable that holds it, if there is anything to hold; the other kinds' go. */
  readonly secretName: string | undefined;
  readonly remove: readonly string[];
  readonly changes: readonly string[];
}

interface Kind {
  readonly name: string;
  readonly variable: string;
  isCurrent(application: Application, keyId: string | undefined, now: number): boolean;
  has(application: Application, keyId: string): boolean;
  make(
    deps: CredentialStepDeps,
    application: Application,
    owner: SecretOwner,
  ): Promise<{ readonly keyId: string; readonly secret: string; readonly endDateTime: string }>;
}

const kinds: Readonly<Record<Exclude<CredentialKind, "federated">, Kind>> = {
  secret: {
    name: "client secret",
    variable: variables.clientSecret,
    isCurrent: secretIsCurrent,
    has: ({ passwordCredentials }, keyId) => passwordCredentials.some((one) => one.keyId === keyId),
    make: makeSecret,
  },
  certificate: {
    name: "certificate",
    variable: variables.clientKey,
    isCurrent: certificateIsCurrent,
    has: ({ keyCredentials }, keyId) => keyCredentials.some((one) => one.keyId === keyId),
    make: makeClientCertificate,
  },
};

export interface CredentialOptions {
  readonly owner: SecretOwner;
  /** Origin of the sign-in host. */
  readonly origin: string;
  readonly rotate: boolean;
  readonly credential: CredentialKind;
}

/**
 * Keeps the stored credential while it is good and of the kind that is wanted, else makes another that Entra was seen
 * to accept.
 * @param rotate another is wanted in any case
 * @throws ActionError entra-*, graph-*, secrets-forbidden
 */
export async function arrangeCredential(
  deps: CredentialStepDeps,
  stored: StoredVariables,
  application: Application,
  options: CredentialOptions,
): Promise<ArrangedCredential> {
  const previousKeyId = stored[variables.entraKeyId]?.value ?? undefined;
  if (options.credential === "federated") return federated(deps, stored, application, options);
  const kind = kinds[options.credential];
  const others = Object.values(kinds).filter((one) => one !== kind);
  const common = {
    previousKeyId,
    secretName: kind.variable,
    remove: others.map(({ variable }) => variable).filter((name) => stored[name] != null),
  };
  const hasSecret = stored[kind.variable]?.type === "secret_text";
  if (hasSecret && !options.rotate && (await lives(deps, kind, application, previousKeyId)))
    return { ...common, entraKeyId: previousKeyId ?? "", newSecrets: {}, changes: [] };
  const changes = await withServicePrincipal(deps, application);
  const made = await kind.make(deps, application, options.owner);
  changes.push(`${kind.name} ${made.keyId} made, ends ${made.endDateTime}`);
  deps.trail.add({
    activity: "create",
    entity: { type: "credential", uid: made.keyId, name: kind.name },
    expires: Date.parse(made.endDateTime),
  });
  return {
    ...common,
    entraKeyId: made.keyId,
    newSecrets: { [kind.variable]: made.secret },
    changes,
  };
}

/** A host that signs for itself: nothing is stored, and nothing has to be renewed but its signing keys. */
async function federated(
  deps: CredentialStepDeps,
  stored: StoredVariables,
  application: Application,
  { owner, origin }: CredentialOptions,
): Promise<ArrangedCredential> {
  const changes = await withServicePrincipal(deps, application);
  if (await trustHost(deps.graph, application, origin, owner.host)) {
    changes.push(`federated credential for ${origin} added`);
    const entity = { type: "credential", uid: origin, name: "federated credential" } as const;
    deps.trail.add({ activity: "create", entity });
  }
  return {
    entraKeyId: hostFederation.keyId,
    previousKeyId: stored[variables.entraKeyId]?.value ?? undefined,
    newSecrets: {},
    secretName: undefined,
    remove: [variables.clientSecret, variables.clientKey].filter((name) => stored[name] != null),
    changes,
  };
}

/** @returns what was changed: without a service principal nobody can sign in to the application */
async function withServicePrincipal(deps: CredentialStepDeps, application: Application): Promise<string[]> {
  const { created } = await requireServicePrincipal(deps.graph, application.appId);
  if (!created) return [];
  deps.trail.add({
    activity: "create",
    entity: { type: "service principal", uid: application.appId, name: application.displayName },
  });
  return ["service principal of the gate application created"];
}

/** A read of the application may come from a replica that has not heard of the last run's secret: asks again. */
async function lives(
  deps: CredentialStepDeps,
  kind: Kind,
  application: Application,
  keyId: string | undefined,
): Promise<boolean> {
  let latest: Application | undefined = application;
  for (let read = 0; ; read += 1) {
    if (latest !== undefined && kind.isCurrent(latest, keyId, deps.now())) return true;
    if (keyId === undefined || read === 4) return false;
    if (latest !== undefined && kind.has(latest, keyId.toLowerCase())) return false;
    await deps.sleep(2_000);
    latest = await deps.graph.application(application.appId);
  }
}
