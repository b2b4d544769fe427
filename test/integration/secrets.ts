import { readFileSync } from "node:fs";
import { demo } from "../../local/world/demo.ts";
import type { World } from "../../local/world/world.ts";
import type { Ran } from "./company.ts";

/** Keeps each token that GitHub gives a job, from now on. */
export function watchJobTokens({ github }: World): string[] {
  const seen: string[] = [];
  const { tokens, idTokens } = github;
  const [issue, open] = [tokens.issue.bind(tokens), idTokens.open.bind(idTokens)];
  const keep = <In extends unknown[]>(make: (...given: In) => string) => {
    return (...given: In): string => {
      const token = make(...given);
      seen.push(token);
      return token;
    };
  };
  Object.assign(tokens, { issue: keep(issue) });
  Object.assign(idTokens, { open: keep(open) });
  return seen;
}

/** Cloudflare's token, and what the sign-in host's project holds as secrets: client secret, signing and cookie keys. */
export function secretsOf({ cloudflare, demo: { nonce } }: World): string[] {
  const variables = Object.values(
    cloudflare.project(demo.signInHostProject)?.configs.production.env_vars ?? {},
  );
  const stored = variables.filter(({ type }) => type === "secret_text").map(({ value }) => value);
  return [demo.cloudflareToken(nonce), ...stored.flatMap((value) => [value, ...privateParts(value)])];
}

/** The private members of a JWK (RFC 7518 section 6.3.2). */
function privateParts(value: string): string[] {
  if (!value.startsWith("{")) return [];
  const jwk = JSON.parse(value) as Record<string, string>;
  return ["d", "p", "q", "dp", "dq", "qi"].map((name) => jwk[name] ?? "").filter((part) => part !== "");
}

/** All that anybody can read of these runs, by where it stands. */
export function everythingSaid({ log, cloudflare, demo: { repository } }: World, rans: readonly Ran[]) {
  const said: Record<string, string> = {
    "call log": JSON.stringify(log.calls),
    comments: JSON.stringify(repository.comments.map(({ body }) => body)),
    statuses: JSON.stringify(
      repository.statuses.map(({ description, context, targetUrl }) => [description, context, targetUrl]),
    ),
    deployments: JSON.stringify(
      repository.deployments.map(({ description, statuses }) => [
        description,
        statuses.map(({ description: said, environmentUrl, logUrl }) => [said, environmentUrl, logUrl]),
      ]),
    ),
    "commit messages at Cloudflare": JSON.stringify(
      [demo.project, demo.signInHostProject].flatMap((name) =>
        cloudflare.deployments(name).map(({ commit }) => commit),
      ),
    ),
    "consoles of the deployments": cloudflare.consoleLines.map(({ line }) => line).join("\n"),
  };
  for (const { jobs, workflow, runId } of rans.flatMap(({ runs }) => runs)) {
    for (const { steps, outputs } of jobs) {
      said[`${workflow} ${runId}`] = JSON.stringify([outputs, steps]);
      const evidence = steps.map((step) => step.outputs["evidence-path"]).find((path) => path);
      if (evidence !== undefined) said[`evidence of ${runId}`] = readFileSync(evidence, "utf8");
    }
  }
  return said;
}

/** Files and modules of the site's deployments: a site holds no secret. */
export function everythingDeployed({ cloudflare }: World): Record<string, string> {
  return Object.fromEntries(
    cloudflare
      .deployments(demo.project)
      .map(({ id, upload, config }) => [
        id,
        JSON.stringify([
          config.env_vars,
          upload.headersFile,
          upload.redirectsFile,
          (upload.worker?.modules ?? []).map(({ contents }) =>
            Buffer.from(contents as string).toString("utf8"),
          ),
        ]),
      ]),
  );
}
