import { ActionError } from "../errors.ts";

/** What octokit throws; known by its name, since octokit's packages may be there twice. */
interface RequestError extends Error {
  readonly name: "HttpError";
  readonly status: number;
  readonly request: { readonly method: string; readonly url: string };
  readonly response?: { readonly headers: Readonly<Record<string, unknown>> };
}

function isRequestError(thrown: unknown): thrown is RequestError {
  return thrown instanceof Error && thrown.name === "HttpError";
}

/**
 * What octokit threw, as the action's own error: which call, what GitHub said, which permission it asks for.
 * Source: GitHub REST, "Troubleshooting the REST API"; header `x-accepted-github-permissions`.
 */
export function githubError(thrown: unknown): ActionError {
  if (thrown instanceof ActionError) return thrown;
  if (!isRequestError(thrown)) throw thrown;
  if (thrown.cause instanceof ActionError) return thrown.cause;
  const { method, url } = thrown.request;
  const call = `${method} ${new URL(url).pathname}`;
  const said = `GitHub, ${call}: status ${thrown.status}, ${shorten(thrown.message)}`;
  const asked = { service: "GitHub", call };
  switch (thrown.status) {
    case 401:
      return new ActionError("github-token-refused", said, { cause: thrown, asked });
    case 403: {
      const wanted = thrown.response?.headers["x-accepted-github-permissions"];
      return new ActionError("github-permission-missing", said, {
        cause: thrown,
        asked: { ...asked, ...jobPermission(wanted) },
      });
    }
    case 404:
    case 410:
      return new ActionError("github-not-found", said, { cause: thrown, asked });
    default:
      return new ActionError("github-request-refused", said, { cause: thrown, asked });
  }
}

/** @param wanted what GitHub named in `x-accepted-github-permissions`, if it did */
export function jobPermission(wanted: unknown): { readonly needs: string; readonly grantedBy: string } {
  return {
    needs: typeof wanted === "string" ? `the permission ${wanted}` : "a permission that GitHub does not name",
    grantedBy: "a maintainer, under `permissions:` of the gate workflow",
  };
}

/** True where GitHub said that there is no such thing. */
export function isNotFound(thrown: unknown): boolean {
  return isRequestError(thrown) && (thrown.status === 404 || thrown.status === 410);
}

function shorten(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** The answer, or GitHub's refusal as an ActionError. */
export async function called<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (thrown) {
    throw githubError(thrown);
  }
}

/** The answer, or undefined where GitHub said that there is no such thing. */
export async function orNothing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (thrown) {
    if (isNotFound(thrown)) return undefined;
    throw githubError(thrown);
  }
}
