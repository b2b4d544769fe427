import { createHash } from "node:crypto";
import type { ActionErrorCode } from "../../contract/errors/action.ts";
import { ActionError } from "../errors.ts";
import { jobPermission } from "./github-errors.ts";
import type { Artifact, GitHubSettings } from "./github-model.ts";
import type { Http } from "./http.ts";

const store = { service: "GitHub's artifact store", call: "GET the archive" } as const;
/** How often the archive is asked for: an address is of use for a minute only, and what arrives may be cut short. */
const attempts = 3;

/**
 * Downloads an artifact's archive and holds it against the digest that GitHub has of it. GitHub answers with a redirect
 * to a store that must not see the token.
 * Source: GitHub REST, "Download an artifact".
 * @param maxBytes of the archive
 * @throws ActionError artifact-expired, artifact-too-large, github-*, service-*
 */
export async function downloadArtifact(
  http: Http,
  settings: GitHubSettings,
  { id, digest }: Pick<Artifact, "id" | "digest">,
  maxBytes: number,
): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt += 1) {
    const location = await addressOf(http, settings, id);
    const archive = location instanceof URL ? await fromStore(http, location, maxBytes, digest) : location;
    if (!(archive instanceof ActionError)) return archive;
    if (attempt === attempts) throw archive;
  }
}

/** Where the archive is; an error where asking again may help. */
async function addressOf(http: Http, settings: GitHubSettings, id: number): Promise<URL | ActionError> {
  const path = `/repos/${settings.owner}/${settings.repo}/actions/artifacts/${id}/zip`;
  const asked = { service: "GitHub", call: `GET ${path}` };
  const url = `${settings.apiUrl}${path}`;
  const redirect = await http.send({
    ...asked,
    method: "GET",
    url,
    headers: { authorization: `Bearer ${settings.token}` },
  });
  const said = `GitHub, GET ${path}: status ${redirect.status}`;
  if (redirect.status === 410) throw new ActionError("artifact-expired", said, { asked });
  if (redirect.status === 401) throw new ActionError("github-token-refused", said, { asked });
  if (redirect.status === 403)
    throw new ActionError("github-permission-missing", said, {
      asked: { ...asked, ...jobPermission("actions=read") },
    });
  if (redirect.status === 404) throw new ActionError("github-not-found", said, { asked });
  const location = URL.parse(redirect.headers["location"] ?? "", url);
  if (redirect.status === 302 && location !== null) return location;
  return new ActionError("service-answer-unreadable", `${said}, no redirect`, { asked });
}

/** The archive; an error where asking again may help. */
async function fromStore(
  http: Http,
  url: URL,
  maxBytes: number,
  digest: string | undefined,
): Promise<Uint8Array | ActionError> {
  const request = { ...store, method: "GET", url, maxBytes, timeout: 120_000 } as const;
  const { status, body } = await http
    .send({ ...request, headers: { accept: "*/*" } })
    .catch((error: unknown) => {
      const tooLarge = error instanceof ActionError && error.code === "service-answer-too-large";
      throw tooLarge ? new ActionError("artifact-too-large", error.detail, { asked: store }) : error;
    });
  const wrong = (code: ActionErrorCode, what: string): ActionError =>
    new ActionError(code, `${store.service}, ${store.call}, ${url.host}: ${what}`, { asked: store });
  if (status !== 200) return wrong("service-failing", `status ${status}`);
  const found = `sha256:${createHash("sha256").update(body).digest("hex")}`;
  if (digest === undefined || found === digest) return body;
  return wrong(
    "service-answer-unreadable",
    `${body.length} bytes with another digest than GitHub has of them`,
  );
}
