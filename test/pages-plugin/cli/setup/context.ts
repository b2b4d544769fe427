import type { SetupContext } from "../../../../pages-plugin/src/cli/setup/context.ts";
import type { SetupNames } from "../../../../pages-plugin/src/cli/setup/names.ts";
import type { Http } from "../../../../src/clients/http.ts";

export const names: SetupNames = {
  repository: "acme/site",
  defaultBranch: "trunk",
  environment: "entra-gate",
  project: "site",
  signInHostProject: "acme-sign-in",
  accountId: "0123456789abcdef0123456789abcdef",
};

/** A context whose person says yes, whose clock stands still and whose network is not there, unless `given` says otherwise. */
export function contextWith(given: Partial<SetupContext> = {}): SetupContext {
  const nowhere: Http = {
    send: async ({ call }) => {
      throw new Error(`nothing is to be asked here: ${call}`);
    },
  };
  return {
    names,
    origins: {
      graph: "http://graph.localhost",
      github: "http://api.localhost",
      cloudflare: "http://cf.localhost",
      githubIssuer: "http://tokens.localhost",
    },
    logins: { token: async () => "token" },
    http: nowhere,
    facts: {},
    policyFile: "gate.json",
    ask: { confirm: async () => true },
    now: () => 0,
    sleep: async () => {},
    ...given,
  };
}
