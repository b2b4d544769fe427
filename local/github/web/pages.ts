import type { IncomingMessage, ServerResponse } from "node:http";
import type { Store } from "../state/store.ts";
import { pullRequestPage } from "./pull-request-page.ts";
import { runPage } from "./run-page.ts";

/** Answers `/<owner>/<repository>/pull/<number>` and `…/actions/runs/<id>`: GitHub as a person looks at it. */
export function servePage(store: Store, request: IncomingMessage, response: ServerResponse): void {
  const path = new URL(request.url ?? "/", "http://github.localhost").pathname;
  const page = pageAt(store, path);
  response.setHeader("content-type", "text/html; charset=utf-8");
  // A comment is whatever the action wrote: pictures may come from anywhere, scripts from nowhere.
  response.setHeader("content-security-policy", "default-src 'none'; img-src *; style-src 'unsafe-inline'");
  response.writeHead(page === undefined ? 404 : 200);
  response.end(page ?? "<!doctype html><title>Not found</title><h1>Not found</h1>");
}

function pageAt(store: Store, path: string): string | undefined {
  const [, owner = "", name = "", kind, number] =
    /^\/([^/]+)\/([^/]+)\/(pull|actions\/runs)\/(\d+)$/.exec(path) ?? [];
  const repository = store.repository(owner, name);
  if (repository === undefined) return undefined;
  if (kind === "pull") {
    const pull = repository.pulls.get(Number(number));
    return pull && pullRequestPage(repository, pull);
  }
  const run = repository.runs.find(({ id }) => id === Number(number));
  return run && runPage(repository, run);
}
