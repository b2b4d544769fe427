import { git, gitOutput } from "./git-process.ts";
import type { Person } from "./git-write.ts";

export interface CommitInfo {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Person & { readonly date: string };
  readonly message: string;
}

/** The commit that a full ref or a SHA names, or undefined. */
export async function resolveCommit(gitDir: string, name: string): Promise<string | undefined> {
  if (!/^(refs\/|[0-9a-f]{7,40}$)/.test(name) || /\.\.|[\^~:@{\s\\?*[]/.test(name)) return undefined;
  const { code, stdout } = await git(["-C", gitDir, "rev-parse", "--verify", "--quiet", `${name}^{commit}`]);
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
  const text = await gitOutput(["-C", gitDir, "log", "-1", `--format=${format}`, sha]);
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
  return entriesIn(await gitOutput(path === "" ? args : [...args, "--", path]));
}

/** The entries of a commit's root folder, or of all its folders with the folders themselves. */
export async function listTree(gitDir: string, sha: string, recursive: boolean): Promise<TreeEntry[]> {
  const options = recursive ? ["-r", "-t"] : [];
  return entriesIn(await gitOutput(["-C", gitDir, "ls-tree", ...options, "-z", "-l", "--full-tree", sha]));
}

function entriesIn(text: string): TreeEntry[] {
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
  const { code, stdout, stderr } = await git(["-C", gitDir, "cat-file", "blob", sha]);
  if (code !== 0) throw new Error(`git cat-file: ${stderr.trim()}`);
  return stdout;
}

export async function isAncestor(gitDir: string, ancestor: string, of: string): Promise<boolean> {
  return (await git(["-C", gitDir, "merge-base", "--is-ancestor", ancestor, of])).code === 0;
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
  return (await gitOutput(["-C", gitDir, ...args])).split("\0").filter((path) => path !== "");
}

/** Full names and commits of all refs under a prefix, sorted. */
export async function listRefs(gitDir: string, prefix: string): Promise<{ ref: string; sha: string }[]> {
  const text = await gitOutput(["-C", gitDir, "for-each-ref", "--format=%(refname) %(objectname)"]);
  return text
    .split("\n")
    .filter((line) => line.startsWith(prefix))
    .map((line) => {
      const [ref = "", sha = ""] = line.split(" ");
      return { ref, sha };
    });
}
