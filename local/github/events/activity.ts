import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { Urls } from "../shapes/repository.ts";
import { resolveCommit } from "../state/git.ts";
import { commit, deleteRef, type Files, fetchInto, mergeCommit, updateRef } from "../state/git-write.ts";
import type { Account, PullRequest, Repository } from "../state/model.ts";
import type { Store } from "../state/store.ts";
import type { GitHubEvent } from "./event.ts";
import { pullRequestEvents, pushEvent } from "./events.ts";
import { mergeGroupEvent } from "./merge-group.ts";

const leftOut = new Set(["node_modules", ".git", ".wrangler"]);

/** The files of a folder as a commit would hold them. */
export async function readFolder(folder: string): Promise<Files> {
  const files: Record<string, Uint8Array> = {};
  const visit = async (path: string): Promise<void> => {
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (leftOut.has(entry.name)) continue;
      const full = join(path, entry.name);
      if (entry.isDirectory()) await visit(full);
      else if (entry.isFile()) files[relative(folder, full).split(sep).join("/")] = await readFile(full);
    }
  };
  await visit(folder);
  return files;
}

export interface Push {
  readonly branch: string;
  readonly files: Files;
  readonly message?: string;
  /** Login of who pushes. */
  readonly by?: string;
  /** True where `files` is everything, not a change. */
  readonly wholeTree?: boolean;
}

export interface Activity {
  readonly sha: string;
  readonly events: readonly GitHubEvent[];
}

interface Moved {
  readonly branch: string;
  readonly before: string | undefined;
  readonly after: string;
  readonly actor: Account;
}

/** What people do in repositories; each returns the events that follow from it, in GitHub's order. */
export class Activities {
  readonly #store: Store;
  readonly #urls: Urls;

  constructor(store: Store, urls: Urls) {
    this.#store = store;
    this.#urls = urls;
  }

  /** A commit on a branch, made from the default branch where it is new; its open pull requests are brought up to date. */
  async push(repository: Repository, push: Push): Promise<Activity> {
    const actor = this.#store.account(push.by ?? "mona");
    if (!repository.collaborators.has(actor.login.toLowerCase())) {
      repository.collaborators.set(actor.login.toLowerCase(), "write");
    }
    const ref = `refs/heads/${push.branch}`;
    const before = await resolveCommit(repository.gitDir, ref);
    const parent =
      before ?? (await resolveCommit(repository.gitDir, `refs/heads/${repository.defaultBranch}`));
    const sha = await commit(repository.gitDir, {
      ref,
      parent,
      files: push.files,
      wholeTree: push.wholeTree ?? false,
      message: push.message ?? "Change files",
      author: { name: actor.login, email: `${actor.login}@users.noreply.github.localhost` },
      at: this.#seconds(),
    });
    return this.#moved(repository, { branch: push.branch, before, after: sha, actor });
  }

  /**
   * What follows from a push that git itself has made into the bare repository.
   * @param pushed.before the branch's commit until then; none: it is new
   */
  async arrived(
    repository: Repository,
    pushed: { readonly branch: string; readonly before?: string; readonly by?: string },
  ): Promise<Activity> {
    const after = await resolveCommit(repository.gitDir, `refs/heads/${pushed.branch}`);
    if (after === undefined) throw new Error(`${repository.fullName} has no branch ${pushed.branch}`);
    const { branch, before } = pushed;
    const actor = this.#store.account(pushed.by ?? "mona");
    return this.#moved(repository, { branch, before, after, actor });
  }

  /** A branch is at another commit: the push, and what it means to open pull requests. */
  async #moved(repository: Repository, { branch, before, after, actor }: Moved): Promise<Activity> {
    const ref = `refs/heads/${branch}`;
    const events = [await pushEvent(this.#urls, repository, { ref, before, after, actor })];
    for (const pull of this.#openPullsOf(repository, branch)) {
      const target = this.#targetOf(pull);
      await this.#refresh(target, pull);
      events.push(
        ...(await pullRequestEvents(this.#urls, target, pull, "synchronize", actor, { before, after })),
      );
    }
    return { sha: after, events };
  }

  /** A tag on a commit. */
  async tag(repository: Repository, name: string, sha: string, by = "mona"): Promise<Activity> {
    const ref = `refs/tags/${name}`;
    const before = await resolveCommit(repository.gitDir, ref);
    await updateRef(repository.gitDir, ref, sha);
    const actor = this.#store.account(by);
    return { sha, events: [await pushEvent(this.#urls, repository, { ref, before, after: sha, actor })] };
  }

  /** Opens a pull request. @param wanted.from the repository of the branch: the same, or a fork */
  async openPullRequest(
    repository: Repository,
    wanted: {
      readonly branch: string;
      readonly from?: Repository;
      readonly base?: string;
      readonly title?: string;
      readonly by?: string;
    },
  ): Promise<{ readonly pull: PullRequest; readonly events: readonly GitHubEvent[] }> {
    const from = wanted.from ?? repository;
    const headSha = await resolveCommit(from.gitDir, `refs/heads/${wanted.branch}`);
    if (headSha === undefined) throw new Error(`${from.fullName} has no branch ${wanted.branch}`);
    const now = this.#store.clock.now();
    const pull: PullRequest = {
      id: this.#store.nextId(),
      number: repository.pulls.size + repository.issues.size + 1,
      title: wanted.title ?? wanted.branch,
      user: this.#store.account(wanted.by ?? "mona"),
      head: { repository: from, branch: wanted.branch },
      headSha,
      base: wanted.base ?? repository.defaultBranch,
      state: "open",
      mergedAt: undefined,
      mergeCommit: undefined,
      labels: new Set(),
      createdAt: now,
      updatedAt: now,
      closedAt: undefined,
    };
    repository.pulls.set(pull.number, pull);
    await this.#refresh(repository, pull);
    return { pull, events: await pullRequestEvents(this.#urls, repository, pull, "opened", pull.user) };
  }

  async labelPullRequest(
    repository: Repository,
    number: number,
    label: string,
    by = "mona",
  ): Promise<readonly GitHubEvent[]> {
    const pull = pullOf(repository, number);
    pull.labels.add(label);
    const extra = { label: { name: label } };
    return pullRequestEvents(this.#urls, repository, pull, "labeled", this.#store.account(by), extra);
  }

  async closePullRequest(
    repository: Repository,
    number: number,
    by = "mona",
  ): Promise<readonly GitHubEvent[]> {
    const pull = pullOf(repository, number);
    pull.state = "closed";
    pull.closedAt = this.#store.clock.now();
    pull.updatedAt = pull.closedAt;
    return pullRequestEvents(this.#urls, repository, pull, "closed", this.#store.account(by));
  }

  /** Puts a pull request into the merge queue: a branch of the queue's own with the merge commit, and its events. */
  async enqueue(repository: Repository, number: number, by = "mona"): Promise<Activity> {
    const pull = pullOf(repository, number);
    await this.#refresh(repository, pull);
    const sha = pull.mergeCommit;
    const base = await resolveCommit(repository.gitDir, `refs/heads/${pull.base}`);
    if (sha === undefined || base === undefined)
      throw new Error(`pull request ${number} conflicts with ${pull.base}`);
    const ref = `refs/heads/gh-readonly-queue/${pull.base}/pr-${number}-${base}`;
    await updateRef(repository.gitDir, ref, sha);
    const actor = this.#store.account(by);
    const pushed = await pushEvent(this.#urls, repository, { ref, before: undefined, after: sha, actor });
    const group = { ref, sha, base: pull.base, baseSha: base, actor };
    return { sha, events: [pushed, await mergeGroupEvent(this.#urls, repository, group)] };
  }

  /** Merges a pull request by a merge commit: the base branch moves, then the pull request is closed. */
  async mergePullRequest(repository: Repository, number: number, by = "mona"): Promise<Activity> {
    const pull = pullOf(repository, number);
    await this.#refresh(repository, pull);
    const sha = pull.mergeCommit;
    if (sha === undefined) throw new Error(`pull request ${number} conflicts with ${pull.base}`);
    const ref = `refs/heads/${pull.base}`;
    const before = await resolveCommit(repository.gitDir, ref);
    await updateRef(repository.gitDir, ref, sha);
    await deleteRef(repository.gitDir, `refs/pull/${number}/merge`);
    pull.mergedAt = this.#store.clock.now();
    const actor: Account = this.#store.account(by);
    const pushed = await pushEvent(this.#urls, repository, { ref, before, after: sha, actor });
    return { sha, events: [pushed, ...(await this.closePullRequest(repository, number, by))] };
  }

  #openPullsOf(head: Repository, branch: string): PullRequest[] {
    return [...this.#store.repositories.values()]
      .flatMap((repository) => [...repository.pulls.values()])
      .filter(
        (pull) => pull.state === "open" && pull.head.repository === head && pull.head.branch === branch,
      );
  }

  #targetOf(pull: PullRequest): Repository {
    for (const repository of this.#store.repositories.values()) {
      if (repository.pulls.get(pull.number) === pull) return repository;
    }
    throw new Error(`pull request ${pull.number} is in no repository`);
  }

  /** Brings refs/pull/N/head and refs/pull/N/merge to where the branches are now. */
  async #refresh(repository: Repository, pull: PullRequest): Promise<void> {
    const { gitDir } = repository;
    const { head, number } = pull;
    await fetchInto(gitDir, head.repository.gitDir, `refs/heads/${head.branch}`, `refs/pull/${number}/head`);
    const headSha = await resolveCommit(gitDir, `refs/pull/${number}/head`);
    const base = await resolveCommit(gitDir, `refs/heads/${pull.base}`);
    if (headSha === undefined || base === undefined)
      throw new Error(`pull request ${number} has lost a branch`);
    pull.headSha = headSha;
    pull.updatedAt = this.#store.clock.now();
    pull.mergeCommit = await mergeCommit(gitDir, base, headSha, {
      message: `Merge ${headSha} into ${base}`,
      author: { name: pull.user.login, email: `${pull.user.login}@users.noreply.github.localhost` },
      at: this.#seconds(),
    });
    const merge = `refs/pull/${number}/merge`;
    if (pull.mergeCommit !== undefined) await updateRef(gitDir, merge, pull.mergeCommit);
    else if ((await resolveCommit(gitDir, merge)) !== undefined) await deleteRef(gitDir, merge);
  }

  #seconds(): number {
    return Math.floor(this.#store.clock.now() / 1000);
  }
}

function pullOf(repository: Repository, number: number): PullRequest {
  const pull = repository.pulls.get(number);
  if (pull === undefined) throw new Error(`${repository.fullName} has no pull request ${number}`);
  return pull;
}
