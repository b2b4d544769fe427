import { variables } from "../../contract/names/variables.ts";
import type { Application } from "../clients/graph-model.ts";
import { type CredentialDeps, makeSecret, type SecretOwner, secretIsCurrent } from "./credential.ts";
import { requireServicePrincipal } from "./entra.ts";
import type { StoredVariables } from "./sign-in-variables.ts";
import type { Trail } from "./trail.ts";

interface CredentialStepDeps extends CredentialDeps {
  readonly trail: Pick<Trail, "add">;
}

/** The host's credential at Entra as it is to be written. */
export interface ArrangedCredential {
  readonly entraKeyId: string;
  /** The one that was in use when the run began. */
  readonly previousKeyId: string | undefined;
  /** Made now: value by name. Masked. */
  readonly newSecrets: Readonly<Record<string, string>>;
  readonly changes: readonly string[];
}

/**
 * Keeps the stored client secret while it is good, else makes another that Entra was seen to accept.
 * @param rotate another is wanted in any case
 * @throws ActionError entra-*, graph-*, secrets-forbidden
 */
export async function arrangeCredential(
  deps: CredentialStepDeps,
  stored: StoredVariables,
  application: Application,
  { owner, rotate }: { readonly owner: SecretOwner; readonly rotate: boolean },
): Promise<ArrangedCredential> {
  const previousKeyId = stored[variables.entraKeyId]?.value ?? undefined;
  const hasSecret = stored[variables.clientSecret]?.type === "secret_text";
  if (hasSecret && !rotate && (await secretLives(deps, application, previousKeyId)))
    return { entraKeyId: previousKeyId ?? "", previousKeyId, newSecrets: {}, changes: [] };
  const changes: string[] = [];
  const { created } = await requireServicePrincipal(deps.graph, application.appId);
  if (created) {
    changes.push("service principal of the gate application created");
    deps.trail.add({
      activity: "create",
      entity: { type: "service principal", uid: application.appId, name: application.displayName },
    });
  }
  const made = await makeSecret(deps, application, owner);
  changes.push(`client secret ${made.keyId} made, ends ${made.endDateTime}`);
  deps.trail.add({
    activity: "create",
    entity: { type: "credential", uid: made.keyId, name: "client secret" },
    expires: Date.parse(made.endDateTime),
  });
  return {
    entraKeyId: made.keyId,
    previousKeyId,
    newSecrets: { [variables.clientSecret]: made.secret },
    changes,
  };
}

/** A read of the application may come from a replica that has not heard of the last run's secret: asks again. */
async function secretLives(
  deps: CredentialStepDeps,
  application: Application,
  keyId: string | undefined,
): Promise<boolean> {
  let latest: Application | undefined = application;
  for (let read = 0; ; read += 1) {
    if (latest !== undefined && secretIsCurrent(latest, keyId, deps.now())) return true;
    const known = latest?.passwordCredentials.some((one) => one.keyId === keyId?.toLowerCase());
    if (keyId === undefined || known === true || read === 4) return false;
    await deps.sleep(2_000);
    latest = await deps.graph.application(application.appId);
  }
}
