import { randomUUID } from "node:crypto";
import type { Clock } from "../../clock.ts";
import { Consents } from "./consents.ts";
import type {
  Application,
  DirectoryRole,
  FederatedCredential,
  Group,
  Propagation,
  ServicePrincipal,
  User,
} from "./model.ts";
import { Replicated } from "./replicated.ts";

/** An app role given to a user, a group or a service principal, by value: it takes effect once the role exists. */
export interface RoleAssignment {
  readonly principalId: string;
  readonly appId: string;
  /** Undefined: default access, which satisfies "assignment required" and adds no role. */
  readonly value: string | undefined;
}

interface ApplicationEntry {
  readonly object: Replicated<Application>;
  readonly owners: Set<string>;
  readonly federatedCredentials: FederatedCredential[];
  /** Redirect URI lists with the time each was written, newest last. */
  readonly redirectHistory: { readonly at: number; readonly uris: readonly string[] }[];
}

interface PrincipalEntry {
  readonly object: Replicated<ServicePrincipal>;
  readonly owners: Set<string>;
}

/** The tenant: everything Entra and Graph know, in memory. */
export class Directory {
  readonly clock: Clock;
  readonly tenantId: string;
  readonly propagation: Propagation;
  /** Keyed by object id. */
  readonly applications = new Map<string, ApplicationEntry>();
  /** Keyed by object id. */
  readonly servicePrincipals = new Map<string, PrincipalEntry>();
  readonly users = new Map<string, User>();
  readonly groups = new Map<string, Group>();
  readonly roleAssignments: RoleAssignment[] = [];
  /** Directory roles by a user's object id. */
  readonly directoryRoles = new Map<string, ReadonlySet<DirectoryRole>>();
  /** The tenant's setting "Users can register applications". */
  usersMayRegister = true;
  /** Object ids of applications in the recycle bin. */
  readonly deletedApplications = new Set<string>();
  /** How many more application updates vanish after they were answered. */
  updatesToLose = 0;
  /** Authentication contexts that a Conditional Access policy protects; others are met by whoever asks. */
  readonly protectedContexts = new Set<string>();
  /** Contexts that were met: key `${session} ${context}`. */
  readonly metContexts = new Set<string>();
  /** Whoever signed in before that moment did so this much earlier; both in seconds. */
  agedSignIns = { before: 0, by: 0 };
  readonly consents = new Consents();

  constructor(clock: Clock, tenantId: string, propagation: Propagation) {
    this.clock = clock;
    this.tenantId = tenantId;
    this.propagation = propagation;
  }

  addApplication(application: Application, owners: readonly string[], settled: boolean): void {
    const at = settled ? Number.NEGATIVE_INFINITY : this.clock.now();
    this.applications.set(application.id, {
      object: new Replicated(application, at),
      owners: new Set(owners),
      federatedCredentials: [],
      redirectHistory: [{ at, uris: application.web.redirectUris }],
    });
  }

  addServicePrincipal(principal: ServicePrincipal, owners: readonly string[], settled: boolean): void {
    const at = settled ? Number.NEGATIVE_INFINITY : this.clock.now();
    this.servicePrincipals.set(principal.id, {
      object: new Replicated(principal, at),
      owners: new Set(owners),
    });
  }

  writeApplication(id: string, next: Application): void {
    const entry = this.#entry(id);
    const now = this.clock.now();
    if (next.web.redirectUris !== entry.object.current.web.redirectUris) {
      entry.redirectHistory.push({ at: now, uris: next.web.redirectUris });
    }
    entry.object.write(next, now);
  }

  /** The application as it was last written, for sign-in and tests; no replica in between. */
  application(appId: string): Application | undefined {
    return this.applicationEntry(appId)?.object.current;
  }

  applicationEntry(appId: string): ApplicationEntry | undefined {
    return [...this.applications.values()].find(({ object }) => object.current.appId === appId);
  }

  servicePrincipal(appId: string): ServicePrincipal | undefined {
    return this.servicePrincipalEntry(appId)?.object.current;
  }

  servicePrincipalEntry(appId: string): PrincipalEntry | undefined {
    return [...this.servicePrincipals.values()].find(({ object }) => object.current.appId === appId);
  }

  /** The redirect URIs that sign-in honours now: the newest list that has propagated. */
  honouredRedirectUris(appId: string): readonly string[] {
    const entry = this.applicationEntry(appId);
    return entry === undefined ? [] : this.#honoured(entry);
  }

  #honoured(entry: ApplicationEntry): readonly string[] {
    const horizon = this.clock.now() - this.propagation.redirectUriMs;
    return entry.redirectHistory.findLast(({ at }) => at <= horizon)?.uris ?? [];
  }

  #entry(id: string): ApplicationEntry {
    const entry = this.applications.get(id);
    if (entry === undefined) throw new Error(`no application object ${id}`);
    return entry;
  }

  /** GitHub's tokens with exactly this issuer and subject may sign in as the application (facts: ≤ 20, one audience). */
  addFederatedCredential(
    appId: string,
    credential: {
      name?: string;
      issuer: string;
      subject: string;
      audience?: string;
      description?: string | null;
      settled?: boolean;
    },
  ): FederatedCredential {
    const entry = this.applicationEntry(appId);
    if (entry === undefined) throw new Error(`no application ${appId}`);
    if (entry.federatedCredentials.length >= 20) throw new Error("an application has at most 20 of them");
    const added: FederatedCredential = {
      id: randomUUID(),
      name: credential.name ?? `credential-${entry.federatedCredentials.length + 1}`,
      issuer: credential.issuer,
      subject: credential.subject,
      audiences: [credential.audience ?? "api://AzureADTokenExchange"],
      description: credential.description ?? null,
      usableFrom: credential.settled === true ? 0 : this.clock.now() + this.propagation.federatedMs,
    };
    entry.federatedCredentials.push(added);
    return added;
  }

  /** Into the recycle bin, for 30 days; the tenant's service principal goes with it, and all that was given to it. */
  removeApplication(id: string): void {
    const { appId } = this.#entry(id).object.current;
    this.applications.delete(id);
    this.deletedApplications.add(id);
    const principal = this.servicePrincipal(appId);
    if (principal !== undefined) this.removeServicePrincipal(principal.id);
  }

  removeServicePrincipal(id: string): void {
    const appId = this.servicePrincipals.get(id)?.object.current.appId;
    this.servicePrincipals.delete(id);
    for (const { owners } of [...this.applications.values(), ...this.servicePrincipals.values()])
      owners.delete(id);
    const kept = this.roleAssignments.filter((one) => one.principalId !== id && one.appId !== appId);
    this.roleAssignments.splice(0, Number.POSITIVE_INFINITY, ...kept);
    if (appId !== undefined) this.consents.forget(appId);
  }

  /** A person with the right to do so assigns an app role by its value, which need not exist yet. */
  assignRole(principalId: string, appId: string, value?: string): void {
    this.roleAssignments.push({ principalId, appId, value });
  }

  updateUser(oid: string, change: Partial<Omit<User, "oid">>): void {
    const user = this.users.get(oid);
    if (user === undefined) throw new Error(`no user ${oid}`);
    this.users.set(oid, { ...user, ...change });
  }
}
