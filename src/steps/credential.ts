import { createHash } from "node:crypto";
import { type EntraRefusal, entraError } from "../clients/aadsts.ts";
import type { EntraClient } from "../clients/entra.ts";
import type { GraphClient, NewPassword } from "../clients/graph.ts";
import type { Application } from "../clients/graph-model.ts";
import { ActionError } from "../errors.ts";
import type { Log } from "../log.ts";

export interface CredentialDeps {
  readonly graph: GraphClient;
  readonly entra: EntraClient;
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  readonly log: Pick<Log, "mask">;
  /** Whether a workflow run of this repository has ended. */
  runIsOver(runId: number): Promise<boolean>;
}

/** Whose secret it is; goes into its display name, which is how orphans are told from other people's secrets. */
export interface SecretOwner {
  /** Name of the sign-in host's project. */
  readonly host: string;
  readonly runId: number;
}

const day = 86_400_000;
/** Lives that are asked for, in days, one after the other: a tenant's policy may allow less, and doesn't say how much. */
const lives = [90, 60, 30, 14, 7];
/** What a secret without a beginning is taken to have lived. */
const usualLife = 90 * day;

/** Waits until a new secret works everywhere: usually 4 to 18 seconds, here up to two minutes. */
const trials = 60;
const trialPause = 2_000;
const successesWanted = 2;

/**
 * Whether the secret that the host's settings name is still one of the application's, with a third of its life left.
 * @param keyId of the stored secret; undefined where the host has none
 * @param now milliseconds since 1970
 */
export function secretIsCurrent(application: Application, keyId: string | undefined, now: number): boolean {
  const stored = application.passwordCredentials.find((one) => one.keyId === keyId?.toLowerCase());
  if (stored === undefined) return false;
  const end = Date.parse(stored.endDateTime ?? "");
  const start = Date.parse(stored.startDateTime ?? "");
  const life = Number.isNaN(start) ? usualLife : end - start;
  return end - now > life / 3;
}

/**
 * Makes a client secret and tries it at Entra until it works. One that never does is removed again.
 * @throws ActionError entra-*, graph-*, secrets-forbidden, secret-too-long
 */
export async function makeSecret(
  deps: CredentialDeps,
  application: Application,
  owner: SecretOwner,
): Promise<NewPassword> {
  const now = deps.now();
  const made = await addPassword(deps.graph, application.id, nameOfCredential(owner, now), now);
  try {
    const { appId } = application;
    await proveWith(
      deps,
      () => deps.entra.trySecret(appId, made.secret),
      (refused) => entraError(refused, `New client secret of application ${appId}`),
    );
  } catch (error) {
    await deps.graph.removePassword(application.id, made.keyId).catch(() => undefined);
    throw error;
  }
  return made;
}

/** The longest-lived secret that the tenant allows. */
async function addPassword(graph: GraphClient, id: string, name: string, now: number): Promise<NewPassword> {
  for (const [index, days] of lives.entries()) {
    try {
      return await graph.addPassword(id, name, new Date(now + days * day));
    } catch (error) {
      const tooLong = error instanceof ActionError && error.code === "secret-too-long";
      if (!tooLong || index === lives.length - 1) throw error;
    }
  }
  throw new ActionError("secret-too-long");
}

/** Codes that a credential or a new application meets only until Entra has spread it. */
const passing = new Set(["entra-secret-wrong", "entra-certificate-wrong", "entra-application-unknown"]);

/**
 * Tries a new credential until Entra accepts it several times in a row.
 * @param failed makes the error that it ends with where that doesn't come
 */
export async function proveWith(
  deps: Pick<CredentialDeps, "sleep">,
  attempt: () => Promise<EntraRefusal | undefined>,
  failed: (refused: EntraRefusal) => ActionError,
): Promise<void> {
  let inRow = 0;
  for (let trial = 1; ; trial += 1) {
    const refused = await attempt();
    inRow = refused === undefined ? inRow + 1 : 0;
    if (inRow === successesWanted) return;
    if (refused !== undefined && (!passing.has(refused.code) || trial >= trials)) throw failed(refused);
    await deps.sleep(inRow > 0 ? trialPause / 4 : trialPause);
  }
}

/**
 * Removes secrets that this action made for this host and that nobody uses: an interrupted run's, and the previous
 * one's a run after its replacement. Another run's that is still under way is left alone.
 * @param inUse ids of the secret that the live host uses and of the one before it in this run
 * @returns display names of what was removed
 */
export async function removeOrphans(
  deps: CredentialDeps,
  application: Application,
  owner: SecretOwner,
  inUse: readonly string[],
): Promise<string[]> {
  const removed: string[] = [];
  const used = new Set(inUse.map((id) => id.toLowerCase()));
  for (const { keyId, displayName: name } of application.passwordCredentials) {
    if (used.has(keyId) || !(await isOrphan(deps, owner, name ?? ""))) continue;
    if (await remove(deps.graph, application.id, keyId)) removed.push(name ?? keyId);
  }
  return removed;
}

/** Removes a secret; false where it is gone already, which a read from a late replica may not have told. */
async function remove(graph: GraphClient, id: string, keyId: string): Promise<boolean> {
  try {
    await graph.removePassword(id, keyId);
    return true;
  } catch (error) {
    if (error instanceof ActionError && error.code === "graph-request-refused") return false;
    throw error;
  }
}

const marker = "entra-gate";

/** The name that a credential carries at Entra: whose it is, from which day, of which run. */
export function nameOfCredential({ host, runId }: SecretOwner, now: number): string {
  return `${marker} ${shortened(host)} ${new Date(now).toISOString().slice(0, 10)} run ${runId}`;
}

/** Graph cuts names of certificates at 90 characters, and the run at the end must stay. */
function shortened(host: string): string {
  if (host.length <= 50) return host;
  return `${host.slice(0, 41)}-${createHash("sha256").update(host).digest("hex").slice(0, 8)}`;
}

/** Whether a credential of that name is this action's, for this host, and of this run or one that has ended. */
export async function isOrphan(
  deps: Pick<CredentialDeps, "runIsOver">,
  owner: SecretOwner,
  name: string,
): Promise<boolean> {
  const run = runOf(name, owner.host);
  return run !== undefined && (run === owner.runId || (await deps.runIsOver(run)));
}

/** Whether a credential of that name is one that the action made for this sign-in host. */
export function isNameOfHost(name: string, host: string): boolean {
  return runOf(name, host) !== undefined;
}

/** The run that made a secret for this host; undefined for anybody else's secret. */
function runOf(name: string, host: string): number | undefined {
  const [first, of, , , run] = name.split(" ");
  if (first !== marker || of !== shortened(host) || !/^\d+$/.test(run ?? "")) return undefined;
  return Number(run);
}
