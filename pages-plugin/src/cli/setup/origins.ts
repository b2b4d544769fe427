import { type Cloud, clouds } from "../../../../contract/names/clouds.ts";
import { variables } from "../../../../contract/names/variables.ts";
import { isLocalhost } from "../../../../contract/probes/loopback.ts";
import { CommandFault } from "../fault.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the services are that setup talks to. */
export interface Origins {
  /** `https://graph.microsoft.com` */
  readonly graph: string;
  /** `https://api.github.com` */
  readonly github: string;
  /** `https://api.cloudflare.com/client/v4` */
  readonly cloudflare: string;
  /** `iss` of GitHub's tokens, which Entra is to trust. */
  readonly githubIssuer: string;
}

/**
 * The services of a national cloud. A person's tokens go nowhere else: the variables by which the action is pointed at
 * stand-ins are taken for loopback only.
 *
 * @param env GRAPH_URL, GITHUB_API_URL, GITHUB_OIDC_ISSUER, CLOUDFLARE_API_BASE_URL
 * @throws CommandFault origin-invalid
 */
export function readOrigins(env: Environment, cloud: Cloud): Origins {
  return {
    graph: loopbackOr(clouds[cloud].graph, variables.graphUrl, env),
    github: loopbackOr("https://api.github.com", "GITHUB_API_URL", env),
    cloudflare: loopbackOr("https://api.cloudflare.com/client/v4", "CLOUDFLARE_API_BASE_URL", env),
    githubIssuer: loopbackOr("https://token.actions.githubusercontent.com", "GITHUB_OIDC_ISSUER", env),
  };
}

function loopbackOr(standard: string, name: string, env: Environment): string {
  const given = (env[name] ?? "").replace(/\/$/, "");
  if (given === "" || given === standard) return standard;
  const url = URL.parse(given);
  if (url?.protocol === "http:" && isLocalhost(url.hostname)) return given;
  throw new CommandFault(
    "origin-invalid",
    `${name} is ${JSON.stringify(given)}: your login would be sent there. It may name a stand-in at http://….localhost only; unset it.`,
  );
}
