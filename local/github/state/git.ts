import { spawn } from "node:child_process";

/** Text or bytes of a file; null deletes it. */
export type Files = Readonly<Record<string, string | Uint8Array | null>>;

export interface Person {
  readonly name: string;
  readonly email: string;
}

export interface CommitInfo {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Person & { readonly date: string };
  readonly message: string;
}

/** The machine's own git settings must not decide what a stand-in's repository holds. */
export const gitEnvironment: Readonly<Record<string, string>> = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  LC_ALL: "C.UTF-8",
};

interface Output {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

function run(args: readonly string[], input?: Uint8Array, env?: Record<string, string>): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", args, {
      env: { PATH: process.env["PATH"], ...gitEnvironment, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.once("error", reject);
    child.once("close", (code) =>
      resolve({ code: code ?? 1, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() }),
    );
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

async function must(
  args: readonly string[],
  input?: Uint8Array,
  env?: Record<string, string>,
): Promise<string> {
  const { code, stdout, stderr } = await run(args, input, env);
  if (code !== 0) throw new Error(`git ${args.slice(0, 4).join(" ")}: ${stderr.trim() || `exit ${code}`}`);
  return stdout.toString();
}

export async function initBare(gitDir: string, defaultBranch: string): Promise<void> {
  await must(["init", "--quiet", "--bare", `--initial-branch=${defaultBranch}`, gitDir]);
  // A checkout fetches the event's commit by its SHA, which only a repository that says so serves.
  await must(["-C", gitDir, "config", "uploadpack.allowAnySHA1InWant", "true"]);
}

/** Copies every branch and tag of one bare repository into another. */
export async function copyRefs(from: string, into: string): Promise<void> {
  await must([
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
  await must(["-C", gitDir, "fetch", "--quiet", from, `+${source}:${ref}`]);
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
  await must(["-C", gitDir, "fast-import", "--quiet", "--force", "--date-format=raw"], Buffer.concat(chunks));
  return (await must(["-C", gitDir, "rev-parse", "--verify", change.ref])).trim();
}

/** The commit that a full ref or a SHA names, or undefined. */
export async function resolveCommit(gitDir: string, name: string): Promise<string | undefined> {
  if (!/^(refs\/|[0-9a-f]{7,40}$)/.test(name) || /\.\.|[\^~:@{\s\\?*[]/.test(name)) return undefined;
  const { code, stdout } = await run(["-C", gitDir, "rev-parse", "--verify", "--quiet", `${name}^{commit}`]);
  return code === 0 ? stdout.toString().trim() : undefined;
}

/** A branch's, then a tag's, then a SHA's commit: the order in which GitHub reads a short name. */
export async function resolveShortName(gitDir: string, name: string): Promise<string | undefined> {
  for (const candidate of [`refs/heads/${name}`, `refs/tags/${name}`, `refs/${name}`, name]) {
    const sha = await resolveCommit(gitDir, candidate);
    if (sha !== undefined) return sha;
  }
  return undefined;
}

export async function commitInfo(gitDir: string, sha: string): Promise<CommitInfo> {
  const format = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%B";
  const text = await must(["-C", gitDir, "log", "-1", `--format=${format}`, sha]);
  const [hash = "", tree = "", parents = "", name = "", email = "", date = "", ...message] = text.split("\0");
  return {
    sha: hash,
    tree,
    parents: parents === "" ? [] : parents.split(" "),
    author: { name, email, date: new Date(date).toISOString().replace(".000Z", "Z") },
    message: message.join("\0").trimEnd(),
  };
}

export interface TreeEntry {
  readonly type: "blob" | "tree" | "commit";
  readonly sha: string;
  readonly size: number;
  readonly path: string;
}

/** What a path names in a commit: the one entry, or a folder's entries; undefined where nothing is there. */
export async function listPath(
  gitDir: string,
  sha: string,
  path: string,
): Promise<{ readonly entry?: TreeEntry; readonly folder?: readonly TreeEntry[] } | undefined> {
  if (path === "") return { folder: await lsTree(gitDir, sha, "") };
  const entry = (await lsTree(gitDir, sha, path)).at(0);
  if (entry === undefined) return undefined;
  return entry.type === "tree" ? { folder: await lsTree(gitDir, sha, `${path}/`) } : { entry };
}

async function lsTree(gitDir: string, sha: string, path: string): Promise<TreeEntry[]> {
  const args = ["--literal-pathspecs", "-C", gitDir, "ls-tree", "-z", "-l", "--full-tree", sha];
  const text = await must(path === "" ? args : [...args, "--", path]);
  return text
    .split("\0")
    .filter((line) => line !== "")
    .map((line) => {
      const [meta = "", name = ""] = line.split("\t");
      const [, type = "blob", hash = "", size = "0"] = meta.split(/ +/);
      return { type: type as TreeEntry["type"], sha: hash, size: Number(size) || 0, path: name };
    });
}

export async function readBlob(gitDir: string, sha: string): Promise<Buffer> {
  const { code, stdout, stderr } = await run(["-C", gitDir, "cat-file", "blob", sha]);
  if (code !== 0) throw new Error(`git cat-file: ${stderr.trim()}`);
  return stdout;
}

/** A file's bytes in a commit, or undefined. */
export async function readFile(gitDir: string, sha: string, path: string): Promise<Buffer | undefined> {
  const found = await listPath(gitDir, sha, path);
  return found?.entry?.type === "blob" ? readBlob(gitDir, found.entry.sha) : undefined;
}

/** Merges two commits as GitHub does for `refs/pull/N/merge`; undefined where they conflict. */
export async function mergeCommit(
  gitDir: string,
  base: string,
  head: string,
  options: { readonly message: string; readonly author: Person; readonly at: number },
): Promise<string | undefined> {
  const merged = await run(["-C", gitDir, "merge-tree", "--write-tree", base, head]);
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
  return (await must(args, undefined, env)).trim();
}

export async function updateRef(gitDir: string, ref: string, sha: string): Promise<void> {
  await must(["-C", gitDir, "update-ref", ref, sha]);
}

export async function deleteRef(gitDir: string, ref: string): Promise<void> {
  await must(["-C", gitDir, "update-ref", "-d", ref]);
}

export async function isAncestor(gitDir: string, ancestor: string, of: string): Promise<boolean> {
  return (await run(["-C", gitDir, "merge-base", "--is-ancestor", ancestor, of])).code === 0;
}

/** Paths that differ between two commits; every path of the second where there is no first. */
export async function changedPaths(
  gitDir: string,
  before: string | undefined,
  after: string,
): Promise<string[]> {
  const args =
    before === undefined
      ? ["ls-tree", "-r", "-z", "--name-only", after]
      : ["diff-tree", "-r", "-z", "--name-only", before, after];
  return (await must(["-C", gitDir, ...args])).split("\0").filter((path) => path !== "");
}

/** Full names and commits of all refs under a prefix, sorted. */
export async function listRefs(gitDir: string, prefix: string): Promise<{ ref: string; sha: string }[]> {
  const text = await must(["-C", gitDir, "for-each-ref", "--format=%(refname) %(objectname)"]);
  return text
    .split("\n")
    .filter((line) => line.startsWith(prefix))
    .map((line) => {
      const [ref = "", sha = ""] = line.split(" ");
      return { ref, sha };
    });
}
