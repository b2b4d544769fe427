import { randomBytes, randomUUID } from "node:crypto";
import type { Clock } from "../../clock.ts";
import type { Environment, Misfortune, Timing } from "../options.ts";
import type { Commit, D1Database, Deployment, Project, Upload } from "./model.ts";

/** An uploaded asset, by its hash; shared by the projects of the account. */
export interface StoredAsset {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/** All that the account holds. */
export class AccountState {
  readonly projects = new Map<string, Project>();
  readonly #deployments: Deployment[] = [];
  readonly #byId = new Map<string, Deployment>();
  readonly #byLabel = new Map<string, Deployment>();
  readonly #byAlias = new Map<string, Deployment[]>();
  readonly assets = new Map<string, StoredAsset>();
  readonly databases = new Map<string, D1Database>();
  readonly misfortunes = new Map<string, Misfortune[]>();
  readonly clock: Clock;
  readonly timing: Timing;

  constructor(clock: Clock, timing: Partial<Timing> = {}) {
    this.clock = clock;
    this.timing = { deploy: 200, propagation: 0, linger: 3_000, ...timing };
  }

  /** Newest last; deleted ones stay while they may still answer. */
  get deployments(): readonly Deployment[] {
    return this.#deployments;
  }

  /** Makes a deployment of what was uploaded, with the settings that its environment has now. */
  deploy(
    project: Project,
    commit: Commit,
    upload: Upload,
    misfortune: Misfortune | undefined,
    answer?: Deployment["answer"],
    trigger: Deployment["trigger"] = "ad_hoc",
  ): Deployment {
    const environment: Environment = commit.branch === project.productionBranch ? "production" : "preview";
    const id = randomUUID();
    const now = this.clock.now();
    const finishedAt = now + (misfortune?.kind === "late" ? misfortune.ms : this.timing.deploy);
    const deployment: Deployment = {
      id,
      shortId: id.slice(0, 8),
      project: project.name,
      environment,
      alias: environment === "preview" ? aliasLabel(commit.branch) : undefined,
      createdAt: now,
      finishedAt,
      answersAt: finishedAt + this.timing.propagation,
      failure: misfortune?.kind === "failed" ? misfortune.line : undefined,
      commit,
      upload,
      config: structuredClone(project.configs[environment]),
      trigger,
      ...(answer === undefined ? {} : { answer }),
      deletedAt: undefined,
    };
    this.#deployments.push(deployment);
    this.#byId.set(id, deployment);
    this.#byLabel.set(placeOf(project.name, deployment.shortId), deployment);
    if (deployment.alias !== undefined) {
      const place = placeOf(project.name, deployment.alias);
      const holders = this.#byAlias.get(place);
      if (holders === undefined) this.#byAlias.set(place, [deployment]);
      else holders.push(deployment);
    }
    if (environment === "production") project.promotions.push({ deployment: id, at: deployment.answersAt });
    return deployment;
  }

  /** What the next upload to a project meets, used up. */
  takeMisfortune(project: string): Misfortune | undefined {
    return this.misfortunes.get(project)?.shift();
  }

  /** Deployments of a project that the API still lists, newest first. */
  listed(project: string): Deployment[] {
    return this.deployments.filter((one) => one.project === project && one.deletedAt === undefined).reverse();
  }

  /** A deployment that the API still lists. */
  find(project: string, id: string): Deployment | undefined {
    const found = this.#byId.get(id);
    return found?.project === project && found.deletedAt === undefined ? found : undefined;
  }

  /** The deployment that a project's own host and its custom domains answer with. */
  live(project: Project): Deployment | undefined {
    const now = this.clock.now();
    for (const { deployment: id, at } of project.promotions.toReversed()) {
      if (at > now) continue;
      const deployment = this.#byId.get(id);
      if (deployment !== undefined && deployment.deletedAt === undefined && succeeded(deployment, now))
        return deployment;
    }
    return undefined;
  }

  /**
   * The deployment that an alias answers with: the newest that isn't deleted. Deleting that one gives the host back
   * to the one before it; whoever closes a preview has to delete in the right order.
   */
  aliased(project: string, alias: string): Deployment | undefined {
    const now = this.clock.now();
    const all = this.#byAlias.get(placeOf(project, alias)) ?? [];
    const holders = all.filter((one) => this.answers(one) && succeeded(one, now));
    return holders.findLast((one) => one.deletedAt === undefined) ?? holders.at(-1);
  }

  /** Whether the hosts of a deployment answer with it now; for a while a deleted one's still do. */
  answers(deployment: Deployment): boolean {
    const now = this.clock.now();
    if (deployment.failure !== undefined || now < deployment.answersAt) return false;
    return deployment.deletedAt === undefined || now < deployment.deletedAt + this.timing.linger;
  }

  /** What a host name of a site answers with; undefined where nothing is there. */
  byHost(host: string): Deployment | undefined {
    const name = host.toLowerCase();
    for (const project of this.projects.values()) {
      if (name === project.subdomain || project.domains.some((domain) => domain.name === name))
        return this.live(project);
      if (!name.endsWith(`.${project.subdomain}`)) continue;
      const label = name.slice(0, -project.subdomain.length - 1);
      const own = this.#byLabel.get(placeOf(project.name, label));
      if (own !== undefined) return this.answers(own) ? own : undefined;
      return this.aliased(project.name, label);
    }
    return undefined;
  }
}

/** Neither a project's name nor a label holds a slash. */
function placeOf(project: string, label: string): string {
  return `${project}/${label}`;
}

export function succeeded(deployment: Deployment, now: number): boolean {
  return deployment.failure === undefined && deployment.finishedAt <= now;
}

/** Lower case, other characters to `-`, trimmed, cut at 28 (developers.cloudflare.com/pages/configuration/preview-deployments). */
export function aliasLabel(branch: string): string {
  const label = branch
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "-")
    .replace(/^-+|-+$/g, "");
  return label.slice(0, 28).replace(/-+$/, "");
}

/** 32 hex digits, as Cloudflare's ids are where they are no UUIDs. */
export function newId(): string {
  return randomBytes(16).toString("hex");
}
