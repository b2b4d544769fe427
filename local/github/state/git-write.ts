import { git, gitOutput } from "./git-process.ts";

/** Text or bytes of a file; null deletes it. */
export type Files = Readonly<Record<string, string | Uint8Array | null>>;

export interface Person {
  readonly name: string;
  readonly email: string;
}

export async function initBare(gitDir: string, defaultBranch: string): Promise<void> {
  await gitOutput(["init", "--quiet", "--bare", `--initial-branch=${defaultBranch}`, gitDir]);
  // A checkout fetches the event's commit by its SHA, which only a repository that says so serves.
  await gitOutput(["-C", gitDir, "config", "uploadpack.allowAnySHA1InWant", "true"]);
}

/** Copies every branch and tag of one bare repository into another. */
export async function copyRefs(from: string, into: string): Promise<void> {
  await gitOutput([
    "-C",
    into,
    "fetch",
    "--quiet",
    from,
    "+refs/heads/*:refs/heads/*",
    "+refs/tags/*:refs/tags/*",
  ]);
}

/** Brings one commit of another repository in under a ref. */
export async function fetchInto(gitDir: string, from: string, source: string, ref: string): Promise<void> {
  await gitOutput(["-C", gitDir, "fetch", "--quiet", from, `+${source}:${ref}`]);
}

export interface NewCommit {
  readonly ref: string;
  readonly parent: string | undefined;
  readonly files: Files;
  /** True where `files` is the whole tree, not a change to the parent's. */
  readonly wholeTree: boolean;
  readonly message: string;
  readonly author: Person;
  /** Seconds since 1970. */
  readonly at: number;
}

/** Writes a commit and moves a ref to it, as `git fast-import` does: one process, any bytes. Returns the commit's SHA. */
export async function commit(gitDir: string, change: NewCommit): Promise<string> {
  const chunks: Buffer[] = [];
  const line = (text: string) => chunks.push(Buffer.from(`${text}\n`));
  const data = (bytes: Buffer) => {
    line(`data ${bytes.length}`);
    chunks.push(bytes, Buffer.from("\n"));
  };
  line(`commit ${change.ref}`);
  line(`committer ${change.author.name} <${change.author.email}> ${change.at} +0000`);
  data(Buffer.from(change.message));
  if (change.parent !== undefined) line(`from ${change.parent}`);
  if (change.wholeTree) line("deleteall");
  for (const [path, content] of Object.entries(change.files)) {
    const name = JSON.stringify(path);
    if (content === null) {
      line(`D ${name}`);
      continue;
    }
    line(`M 100644 inline ${name}`);
    data(Buffer.from(content as Uint8Array));
  }
  await gitOutput(
    ["-C", gitDir, "fast-import", "--quiet", "--force", "--date-format=raw"],
    Buffer.concat(chunks),
  );
  return (await gitOutput(["-C", gitDir, "rev-parse", "--verify", change.ref])).trim();
}

/** Merges two commits as GitHub does for `refs/pull/N/merge`; undefined where they conflict. */
export async function mergeCommit(
  gitDir: string,
  base: string,
  head: string,
  options: { readonly message: string; readonly author: Person; readonly at: number },
): Promise<string | undefined> {
  const merged = await git(["-C", gitDir, "merge-tree", "--write-tree", base, head]);
  if (merged.code !== 0) return undefined;
  const tree = merged.stdout.toString().split("\n")[0] ?? "";
  const date = `${options.at} +0000`;
  const { name, email } = options.author;
  const env = {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  };
  const args = ["-C", gitDir, "commit-tree", tree, "-p", base, "-p", head, "-m", options.message];
  return (await gitOutput(args, undefined, env)).trim();
}

export async function updateRef(gitDir: string, ref: string, sha: string): Promise<void> {
  await gitOutput(["-C", gitDir, "update-ref", ref, sha]);
}

export async function deleteRef(gitDir: string, ref: string): Promise<void> {
  await gitOutput(["-C", gitDir, "update-ref", "-d", ref]);
}
