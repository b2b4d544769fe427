import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CommandFault } from "../../fault.ts";
import type { Service } from "../names.ts";

/** The logins that a company's people have already; each is looked for when the first step needs it, and once. */
export interface Logins {
  /**
   * The token for a service's API. Whoever gets it puts it into an Authorization header and nowhere else.
   * @throws CommandFault login-missing with how to log in
   */
  token(service: Service): Promise<string>;
}

export interface LoginSources {
  /** GH_TOKEN, GITHUB_TOKEN, CLOUDFLARE_API_TOKEN, PATH */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Origin of Microsoft Graph, for which `az` is asked for a token. */
  readonly graph: string;
  /** A token for Graph that came on standard input. */
  readonly graphToken?: string;
  /**
   * Asks the person at the terminal for a secret, without showing it; absent where there is no terminal.
   * @returns undefined where they would not say
   */
  askSecret?(question: string): Promise<string | undefined>;
}

/** Tokens as headers may carry them (RFC 6750 section 2.1). */
const tokenShape = /^[A-Za-z0-9\-._~+/]+=*$/;

/** Logins from the environment and from `az` and `gh`; no token is kept anywhere but in memory. */
export function createLogins({ env, graph, graphToken, askSecret }: LoginSources): Logins {
  const sources: Readonly<Record<Service, () => Promise<string>>> = {
    entra: async () =>
      graphToken ??
      fromProgram(
        "az",
        ["account", "get-access-token", "--resource", graph, "--query", "accessToken", "--output", "tsv"],
        env,
        "Run `az login` with the tenant's account, or give a token for Microsoft Graph on standard input with --graph-token-stdin.",
      ),
    github: async () =>
      env["GH_TOKEN"] ||
      env["GITHUB_TOKEN"] ||
      fromProgram("gh", ["auth", "token"], env, "Run `gh auth login`, or set GH_TOKEN."),
    cloudflare: async () => {
      const token = env["CLOUDFLARE_API_TOKEN"] || (await askSecret?.("Cloudflare API token of the account"));
      if (!token) throw missing("Set CLOUDFLARE_API_TOKEN to an API token of the account.");
      return token;
    },
  };
  const kept = new Map<Service, Promise<string>>();
  return {
    token(service) {
      const known = kept.get(service) ?? sources[service]().then(checked);
      kept.set(service, known);
      return known;
    },
  };
}

function checked(text: string): string {
  const token = text.trim();
  if (tokenShape.test(token)) return token;
  throw new CommandFault(
    "login-missing",
    "What was given as a token is none: it is empty or holds odd characters.",
  );
}

function missing(remedy: string): CommandFault {
  return new CommandFault("login-missing", remedy);
}

async function fromProgram(
  program: "az" | "gh",
  words: readonly string[],
  env: LoginSources["env"],
  remedy: string,
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, words, { env: { ...env }, timeout: 60_000 });
    return stdout;
  } catch (error) {
    // Its standard error may hold whatever it was told; only that it failed is passed on.
    const why = (error as { code?: unknown }).code === "ENOENT" ? "is not installed" : "has no login";
    throw missing(`\`${program}\` ${why}. ${remedy}`);
  }
}
