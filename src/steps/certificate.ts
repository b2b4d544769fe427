import { randomUUID } from "node:crypto";
import { makeCertificate } from "../certificates.ts";
import { entraError } from "../clients/aadsts.ts";
import type { Application, KeyCredential } from "../clients/graph-model.ts";
import { ActionError } from "../errors.ts";
import {
  type CredentialDeps,
  isOrphan,
  nameOfCredential,
  proveWith,
  type SecretOwner,
} from "./credential.ts";
import { findApplication } from "./entra.ts";

const day = 86_400_000;
const life = 90 * day;
/** A certificate that begins now is not valid yet for a clock that is behind. */
const backdated = 300_000;

/** So many reads in a row must agree before a change counts as seen everywhere. */
const agreeing = 3;
const mostReads = 40;
const mostPatches = 5;
const pause = 1_000;

export interface NewCertificate {
  readonly keyId: string;
  /** Private RSA JWK with its certificate's thumbprint, as JSON. Masked. */
  readonly secret: string;
  readonly endDateTime: string;
}

/**
 * Makes a key and its certificate on this machine, gives the certificate to the application, and tries the key at
 * Entra until it works. The private key never leaves the machine but for the host's settings. A certificate that is
 * never accepted is taken away again.
 * @throws ActionError entra-*, graph-*, secrets-forbidden, secret-too-long
 */
export async function makeClientCertificate(
  deps: CredentialDeps,
  application: Application,
  owner: SecretOwner,
): Promise<NewCertificate> {
  const now = deps.now();
  const name = nameOfCredential(owner, now);
  const [from, to] = [new Date(now - backdated), new Date(now + life)];
  const made = await makeCertificate(name, from, to);
  const secret = JSON.stringify({
    ...made.privateKey,
    alg: "PS256",
    use: "sig",
    "x5t#S256": made.thumbprint,
  });
  const { d, p, q, dp, dq, qi } = made.privateKey;
  for (const part of [secret, d, p, q, dp, dq, qi]) if (part !== undefined) deps.log.mask(part);
  const keyId = randomUUID();
  const entry: KeyCredential = {
    keyId,
    displayName: name,
    type: "AsymmetricX509Cert",
    usage: "Verify",
    key: made.certificate.toString("base64"),
    startDateTime: whole(from),
    endDateTime: whole(to),
  };
  await change(deps, application, (present) => [...present.filter((one) => one.keyId !== keyId), entry]);
  try {
    await proveWith(
      deps,
      () => deps.entra.tryKey(application.appId, secret),
      (refused) => entraError(refused, `New certificate of application ${application.appId}`),
    );
  } catch (error) {
    await remove(deps, application, (one) => one.keyId === keyId).catch(() => undefined);
    throw error;
  }
  return { keyId, secret, endDateTime: whole(to) };
}

/** Certificates have times without fractions; an entry must lie within its certificate. */
function whole(date: Date): string {
  return new Date(Math.floor(date.getTime() / 1000) * 1000).toISOString();
}

/** Whether the certificate that the host's settings name is still the application's, with a third of its life left. */
export function certificateIsCurrent(
  application: Application,
  keyId: string | undefined,
  now: number,
): boolean {
  const stored = application.keyCredentials.find((one) => one.keyId === keyId?.toLowerCase());
  return Date.parse(stored?.endDateTime ?? "") - now > life / 3;
}

/**
 * Removes certificates that this action made for this host and that nobody uses, as `removeOrphans` does secrets.
 * @returns display names of what was removed
 */
export async function removeOrphanCertificates(
  deps: CredentialDeps,
  application: Application,
  owner: SecretOwner,
  inUse: readonly string[],
): Promise<string[]> {
  const used = new Set(inUse.map((id) => id.toLowerCase()));
  const orphans: KeyCredential[] = [];
  for (const one of application.keyCredentials)
    if (!used.has(one.keyId) && (await isOrphan(deps, owner, one.displayName ?? ""))) orphans.push(one);
  if (orphans.length === 0) return [];
  const ids = new Set(orphans.map(({ keyId }) => keyId));
  await remove(deps, application, ({ keyId }) => ids.has(keyId));
  return orphans.map(({ displayName, keyId }) => displayName ?? keyId);
}

async function remove(
  deps: CredentialDeps,
  application: Application,
  which: (one: KeyCredential) => boolean,
): Promise<void> {
  await change(deps, application, (present) => present.filter((one) => !which(one)));
}

/**
 * A PATCH replaces the whole array, and a late replica may not show what is in it: the change is made to all that
 * several reads showed together, read back, and made again where another writer undid it. Entries of others are
 * written as they were read; that one whose `key` reads as null keeps its certificate is not confirmed by Graph's
 * documentation.
 */
async function change(
  deps: CredentialDeps,
  { appId, id }: Application,
  wanted: (present: readonly KeyCredential[]) => readonly KeyCredential[],
): Promise<void> {
  for (let attempt = 0; attempt < mostPatches; attempt += 1) {
    const present = await everything(deps, appId);
    try {
      await deps.graph.patchApplication(id, { keyCredentials: wanted(present) });
    } catch (error) {
      // A late replica showed one that is gone, and without its certificate it can't be there again.
      if (!(error instanceof ActionError) || error.code !== "graph-request-refused") throw error;
      await deps.sleep(pause);
      continue;
    }
    if (await isSettled(deps, appId, wanted)) return;
  }
  throw new ActionError("graph-change-lost", `Certificates of application ${appId}.`);
}

async function everything({ graph }: CredentialDeps, appId: string): Promise<readonly KeyCredential[]> {
  const all = new Map<string, KeyCredential>();
  for (let read = 0; read < agreeing; read += 1)
    for (const one of (await findApplication(graph, appId)).keyCredentials) all.set(one.keyId, one);
  return [...all.values()];
}

async function isSettled(
  deps: CredentialDeps,
  appId: string,
  wanted: (present: readonly KeyCredential[]) => readonly KeyCredential[],
): Promise<boolean> {
  const idsOf = (list: readonly KeyCredential[]): string =>
    list
      .map(({ keyId }) => keyId)
      .toSorted()
      .join();
  let inRow = 0;
  for (let read = 0; read < mostReads; read += 1) {
    const { keyCredentials } = await findApplication(deps.graph, appId);
    inRow = idsOf(wanted(keyCredentials)) === idsOf(keyCredentials) ? inRow + 1 : 0;
    if (inRow === agreeing) return true;
    await deps.sleep(inRow > 0 ? pause / 4 : pause);
  }
  return false;
}
