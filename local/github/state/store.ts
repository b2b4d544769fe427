import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../clock.ts";
import { copyRefs, initBare } from "./git-write.ts";
import type { Account, Environment, Repository, Workflow } from "./model.ts";

/** The account that GITHUB_TOKEN acts as; ids are GitHub's own. */
export const actionsBot: Account = { login: "github-actions[bot]", id: 41898282, type: "Bot" };
export const dependabot: Account = { login: "dependabot[bot]", id: 49699333, type: "Bot" };

export interface NewRepository {
  readonly owner: string;
  readonly name: string;
  readonly defaultBranch?: string;
  readonly visibility?: "public" | "private";
  readonly immutableSubject?: boolean;
  readonly parent?: Repository;
}

/** Accounts and repositories, and the ids that all else is numbered by. */
export class Store {
  readonly clock: Clock;
  readonly accounts = new Map<string, Account>();
  readonly repositories = new Map<string, Repository>();
  readonly #folder: string;
  #lastId = 910_000_000;

  /** @param folder where the bare repositories live */
  constructor(clock: Clock, folder: string) {
    this.clock = clock;
    this.#folder = folder;
    for (const bot of [actionsBot, dependabot]) this.accounts.set(bot.login.toLowerCase(), bot);
  }

  nextId(): number {
    this.#lastId += 7;
    return this.#lastId;
  }

  /** An account by login, made on first sight; logins differ in case only by display. */
  account(login: string, type: Account["type"] = "User"): Account {
    const known = this.accounts.get(login.toLowerCase());
    if (known !== undefined) return known;
    const made: Account = { login, id: this.nextId(), type };
    this.accounts.set(login.toLowerCase(), made);
    return made;
  }

  repository(owner: string, name: string): Repository | undefined {
    return this.repositories.get(`${owner}/${name}`.toLowerCase());
  }

  async createRepository(wanted: NewRepository): Promise<Repository> {
    const key = `${wanted.owner}/${wanted.name}`.toLowerCase();
    if (this.repositories.has(key)) throw new Error(`repository ${key} exists already`);
    const defaultBranch = wanted.defaultBranch ?? wanted.parent?.defaultBranch ?? "main";
    const id = this.nextId();
    const gitDir = join(this.#folder, `${id}.git`);
    await mkdir(this.#folder, { recursive: true });
    await initBare(gitDir, defaultBranch);
    if (wanted.parent !== undefined) await copyRefs(wanted.parent.gitDir, gitDir);
    const owner = this.account(wanted.owner, wanted.parent === undefined ? "Organization" : "User");
    const repository: Repository = {
      id,
      owner,
      name: wanted.name,
      fullName: `${owner.login}/${wanted.name}`,
      visibility: wanted.visibility ?? wanted.parent?.visibility ?? "private",
      parent: wanted.parent,
      defaultBranch,
      gitDir,
      createdAt: this.clock.now(),
      immutableSubject: wanted.immutableSubject ?? false,
      subjectClaims: undefined,
      variables: new Map(),
      secrets: new Map(),
      environments: new Map(),
      collaborators: new Map([[owner.login.toLowerCase(), "admin"]]),
      protectedBranches: new Set(),
      requiredStatuses: { ruleset: new Set(), protection: new Set() },
      pulls: new Map(),
      issues: new Map(),
      hasIssues: true,
      codeScanning: [],
      comments: [],
      statuses: [],
      deployments: [],
      workflows: new Map(),
      runs: [],
      artifacts: [],
      attestations: [],
    };
    this.repositories.set(key, repository);
    return repository;
  }

  /** An environment by name, made on first sight as GitHub does when a workflow names one. */
  environment(repository: Repository, name: string): Environment {
    const key = name.toLowerCase();
    let environment = repository.environments.get(key);
    if (environment === undefined) {
      environment = {
        id: this.nextId(),
        name,
        branches: "all",
        patternIds: new Map(),
        waitTimer: 0,
        reviewers: [],
        preventSelfReview: false,
        variables: new Map(),
        secrets: new Map(),
        createdAt: this.clock.now(),
      };
      repository.environments.set(key, environment);
    }
    return environment;
  }

  /** The workflow of a file, under the name that the file has now. */
  workflow(repository: Repository, path: string, name: string): Workflow {
    const known = repository.workflows.get(path);
    if (known !== undefined) {
      known.name = name;
      return known;
    }
    const workflow: Workflow = { id: this.nextId(), path, name };
    repository.workflows.set(path, workflow);
    return workflow;
  }
}

/** A moment as GitHub writes it: whole seconds, UTC. */
export function timestamp(at: number): string {
  return new Date(Math.floor(at / 1000) * 1000).toISOString().replace(".000Z", "Z");
}
