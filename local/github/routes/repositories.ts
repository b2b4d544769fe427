import { roleOf } from "../api/api.ts";
import { ApiError, notFound } from "../api/errors.ts";
import { listed } from "../api/paging.ts";
import { RawAnswer, type Route, route } from "../api/router.ts";
import { fullRepositoryShape, nodeId, type Urls, userShape } from "../shapes/repository.ts";
import {
  type CommitInfo,
  commitInfo,
  listPath,
  listRefs,
  listTree,
  readBlob,
  resolveCommit,
  resolveShortName,
  type TreeEntry,
} from "../state/git.ts";
import type { Repository, RepositoryPermission } from "../state/model.ts";

/** A larger file's content is only in the raw media type. */
const largestInline = 1024 * 1024;
const contentsRead = [["contents", "read"]] as const;

/** Repositories, their contents at a ref, commits, branches, refs and who may do what. */
export const repositoryRoutes: readonly Route[] = [
  route("get", "/repos/{owner}/{repo}", [], null, ({ api, repository, grant }) => ({
    body: {
      ...fullRepositoryShape(api, repository),
      // A job's token is told no role.
      ...(grant.kind === "job" ? {} : { permissions: permissionsOf(roleOf(repository, grant.account)) }),
    },
  })),

  route("get", "/repos/{owner}/{repo}/contents/{path}", contentsRead, null, async (call) => {
    const { api, repository, params, query, accept } = call;
    const ref = query.get("ref") ?? repository.defaultBranch;
    const sha = await resolveShortName(repository.gitDir, ref.replace(/^refs\//, ""));
    if (sha === undefined) throw new ApiError(404, `No commit found for the ref ${ref}`);
    const path = (params["path"] ?? "").replace(/^\/+|\/+$/g, "");
    const found = await listPath(repository.gitDir, sha, path);
    if (found === undefined) throw notFound();
    const shape = (entry: TreeEntry) => entryShape(api, repository, ref, entry);
    if (found.folder !== undefined) return { body: found.folder.map(shape) };
    if (found.entry === undefined || found.entry.type !== "blob") throw notFound();
    const bytes = await readBlob(repository.gitDir, found.entry.sha);
    if (/application\/vnd\.github\.(v3\.)?raw/.test(accept)) {
      return new RawAnswer(200, { "content-type": "application/vnd.github.raw+json; charset=utf-8" }, bytes);
    }
    const small = bytes.byteLength <= largestInline;
    const encoding = small ? "base64" : "none";
    const content = small ? bytes.toString("base64") : "";
    return { body: { ...shape(found.entry), type: "file" as const, encoding, content } };
  }),

  route("get", "/repos/{owner}/{repo}/git/trees/{tree_sha}", contentsRead, null, async (call) => {
    const { api, repository, params, query } = call;
    const sha = await resolveShortName(repository.gitDir, params["tree_sha"] ?? "");
    if (sha === undefined) throw notFound();
    const url = `${api.apiUrl}/repos/${repository.fullName}/git/trees/${sha}`;
    const entries = await listTree(repository.gitDir, sha, query.get("recursive") !== null);
    const tree = entries.map(({ path, type, sha: object, size }) => ({
      path,
      type,
      sha: object,
      mode: type === "tree" ? "040000" : "100644",
      ...(type === "blob" ? { size } : {}),
      url: `${url.replace(/[^/]*$/, "")}${object}`,
    }));
    return { body: { sha, url, tree, truncated: false } };
  }),

  route(
    "get",
    "/repos/{owner}/{repo}/commits/{ref}",
    contentsRead,
    null,
    async ({ api, repository, params, accept }) => {
      const ref = params["ref"] ?? "";
      const sha = await resolveShortName(repository.gitDir, ref);
      if (sha === undefined) throw new ApiError(422, `No commit found for SHA: ${ref}`);
      if (/application\/vnd\.github\.(v3\.)?sha/.test(accept)) {
        return new RawAnswer(
          200,
          { "content-type": "application/vnd.github.sha; charset=utf-8" },
          Buffer.from(sha),
        );
      }
      return { body: commitShape(api, repository, await commitInfo(repository.gitDir, sha)) };
    },
  ),

  route(
    "get",
    "/repos/{owner}/{repo}/branches/{branch}",
    contentsRead,
    null,
    async ({ api, repository, params }) => {
      const name = params["branch"] ?? "";
      const sha = await resolveCommit(repository.gitDir, `refs/heads/${name}`);
      if (sha === undefined) throw new ApiError(404, "Branch not found");
      const commit = commitShape(api, repository, await commitInfo(repository.gitDir, sha));
      const self = `${api.apiUrl}/repos/${repository.fullName}/branches/${name}`;
      return {
        body: {
          name,
          commit,
          protected: repository.protectedBranches.has(name),
          protection: protectionOf(repository, name),
          protection_url: `${self}/protection`,
          _links: { self, html: `${api.serverUrl}/${repository.fullName}/tree/${name}` },
        },
      };
    },
  ),

  // The branch need not exist: rules are for names.
  route("get", "/repos/{owner}/{repo}/rules/branches/{branch}", [], null, ({ repository, params }) => {
    const statuses = [...repository.requiredStatuses.ruleset].map((context) => ({ context }));
    if (params["branch"] !== repository.defaultBranch || statuses.length === 0) return { body: [] };
    const parameters = {
      required_status_checks: statuses,
      strict_required_status_checks_policy: false,
    };
    return { body: [{ type: "required_status_checks" as const, parameters }] };
  }),

  route("get", "/repos/{owner}/{repo}/branches", contentsRead, null, async ({ api, url, repository }) => {
    const refs = await listRefs(repository.gitDir, "refs/heads/");
    return listed(url, refs, ({ ref, sha }) => {
      const name = ref.slice("refs/heads/".length);
      const commit = { sha, url: `${api.apiUrl}/repos/${repository.fullName}/commits/${sha}` };
      return { name, commit, protected: repository.protectedBranches.has(name) };
    });
  }),

  route(
    "get",
    "/repos/{owner}/{repo}/git/ref/{ref}",
    contentsRead,
    null,
    async ({ api, repository, params }) => {
      const ref = `refs/${params["ref"] ?? ""}`;
      const sha = await resolveCommit(repository.gitDir, ref);
      if (sha === undefined) throw notFound();
      return { body: refShape(api, repository, ref, sha) };
    },
  ),

  route(
    "get",
    "/repos/{owner}/{repo}/git/matching-refs/{ref}",
    contentsRead,
    null,
    async ({ api, repository, params }) => {
      const refs = await listRefs(repository.gitDir, `refs/${params["ref"] ?? ""}`);
      return { body: refs.map(({ ref, sha }) => refShape(api, repository, ref, sha)) };
    },
  ),

  route(
    "get",
    "/repos/{owner}/{repo}/collaborators/{username}/permission",
    [],
    null,
    ({ api, repository, params }) => {
      const account = api.store.accounts.get((params["username"] ?? "").toLowerCase());
      if (account === undefined) throw notFound();
      const permission = roleOf(repository, account);
      return { body: { permission, role_name: permission, user: userShape(api, account) } };
    },
  ),
];

function protectionOf({ requiredStatuses, defaultBranch }: Repository, branch: string) {
  const contexts = branch === defaultBranch ? [...requiredStatuses.protection] : [];
  const enforcement_level = contexts.length === 0 ? "off" : "non_admins";
  return {
    enabled: contexts.length > 0,
    required_status_checks: { enforcement_level, contexts, checks: [] },
  };
}

function permissionsOf(role: RepositoryPermission) {
  const write = role === "admin" || role === "write";
  return { admin: role === "admin", maintain: role === "admin", push: write, triage: write, pull: true };
}

function entryShape(urls: Urls, repository: Repository, ref: string, entry: TreeEntry) {
  const url = `${urls.apiUrl}/repos/${repository.fullName}/contents/${entry.path}?ref=${encodeURIComponent(ref)}`;
  const html = `${urls.serverUrl}/${repository.fullName}/blob/${ref}/${entry.path}`;
  const git = `${urls.apiUrl}/repos/${repository.fullName}/git/${entry.type}s/${entry.sha}`;
  return {
    type: entry.type === "tree" ? "dir" : "file",
    name: entry.path.split("/").at(-1) ?? "",
    path: entry.path,
    sha: entry.sha,
    size: entry.size,
    url,
    html_url: html,
    git_url: git,
    download_url: null,
    _links: { self: url, git, html },
  } as const;
}

function commitShape(urls: Urls, repository: Repository, info: CommitInfo) {
  const url = `${urls.apiUrl}/repos/${repository.fullName}/commits`;
  return {
    sha: info.sha,
    node_id: nodeId("C", repository.id),
    url: `${url}/${info.sha}`,
    html_url: `${urls.serverUrl}/${repository.fullName}/commit/${info.sha}`,
    comments_url: `${url}/${info.sha}/comments`,
    author: null,
    committer: null,
    commit: {
      message: info.message,
      author: info.author,
      committer: info.author,
      tree: { sha: info.tree, url: `${urls.apiUrl}/repos/${repository.fullName}/git/trees/${info.tree}` },
      url: `${urls.apiUrl}/repos/${repository.fullName}/git/commits/${info.sha}`,
      comment_count: 0,
    },
    parents: info.parents.map((sha) => ({ sha, url: `${url}/${sha}` })),
  } as const;
}

function refShape(urls: Urls, repository: Repository, ref: string, sha: string) {
  const url = `${urls.apiUrl}/repos/${repository.fullName}/git`;
  return {
    ref,
    node_id: nodeId("REF", repository.id),
    url: `${url}/${ref}`,
    object: { sha, type: "commit", url: `${url}/commits/${sha}` },
  } as const;
}
