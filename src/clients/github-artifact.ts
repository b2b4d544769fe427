import { ActionError } from "../errors.ts";
import type { GitHubSettings } from "./github-model.ts";
import type { Http } from "./http.ts";

/**
 * Downloads an artifact's archive. GitHub answers with a redirect to a store that must not see the token.
 * Source: GitHub REST, "Download an artifact".
 */
export async function downloadArtifact(
  http: Http,
  settings: GitHubSettings,
  id: number,
  maxBytes: number,
): Promise<Uint8Array> {
  const path = `/repos/${settings.owner}/${settings.repo}/actions/artifacts/${id}/zip`;
  const call = { service: "GitHub", call: `GET ${path}`, method: "GET" } as const;
  const url = `${settings.apiUrl}${path}`;
  const redirect = await http.send({
    ...call,
    url,
    headers: { authorization: `Bearer ${settings.token}` },
  });
  const said = `GitHub, GET ${path}: status ${redirect.status}`;
  if (redirect.status === 410) throw new ActionError("artifact-expired", said);
  if (redirect.status === 401) throw new ActionError("github-token-refused", said);
  if (redirect.status === 403)
    throw new ActionError("github-permission-missing", `${said}. Permission: actions=read`);
  const location = URL.parse(redirect.headers["location"] ?? "", url);
  if (redirect.status !== 302 || location === null) throw new ActionError("github-not-found", said);
  const store = { service: "GitHub's artifact store", call: "GET the archive", method: "GET" } as const;
  const archive = await http
    .send({ ...store, url: location, maxBytes, timeout: 120_000, headers: { accept: "*/*" } })
    .catch((error: unknown) => {
      const tooLarge = error instanceof ActionError && error.code === "service-answer-too-large";
      throw tooLarge ? new ActionError("artifact-too-large", error.detail) : error;
    });
  if (archive.status !== 200)
    throw new ActionError(
      "service-failing",
      `GitHub's artifact store, ${location.host}: status ${archive.status}`,
    );
  return archive.body;
}
