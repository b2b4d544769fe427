import { notAfterOf } from "../../../contract/keys/key-id.ts";
import { makeCookieKey, makeSigningKey } from "../../../contract/keys/make.ts";
import { variables } from "../../../contract/names/variables.ts";

/** What goes to standard output, and what to the people who run it. */
export interface Keygen {
  /** Secrets are in it. */
  readonly output: string;
  readonly advice: string;
}

/**
 * Makes a ticket-signing key and a cookie key for a sign-in host that is set up by hand.
 *
 * @param json the output as one object, `{ secrets, variables }`, each by name; else one `NAME=value` a line
 * @param now milliseconds since 1970
 */
export async function keygen(json: boolean, now: number): Promise<Keygen> {
  const signing = await makeSigningKey(now);
  const cookie = makeCookieKey(now);
  const secrets = {
    [variables.signingKeyPrefix + signing.kid]: signing.secret,
    [variables.cookieKeyPrefix + cookie.kid]: cookie.secret,
  };
  const plain = { [variables.signingActive]: signing.kid, [variables.cookieActive]: cookie.kid };
  const lines = Object.entries({ ...secrets, ...plain }).map(([name, value]) => `${name}=${value}`);
  return {
    output: json ? JSON.stringify({ secrets, variables: plain }) : lines.join("\n"),
    advice: advice(Object.keys(secrets), Object.keys(plain), endOf(signing.kid)),
  };
}

function endOf(kid: string): string {
  return new Date((notAfterOf(kid) ?? 0) * 1000).toISOString().slice(0, 10);
}

function advice(secrets: readonly string[], plain: readonly string[], end: string): string {
  return [
    "Standard output holds private keys. Whoever has them can sign anybody in: put them where they belong and keep no copy.",
    "",
    "They belong to the sign-in host's Pages project, environment production, and nowhere else:",
    ...secrets.map((name) => `  secret    ${name}`),
    ...plain.map((name) => `  variable  ${name}`),
    "",
    "  npx entra-gate keygen --json | jq .secrets | npx wrangler pages secret bulk --project-name <sign-in host>",
    "",
    "stores secrets without showing them. Deploy afterwards: secrets reach new deployments only.",
    `To replace keys that are in use: first add the two secrets and deploy; ten minutes later, when every site has fetched`,
    `the new public key, write the variables and deploy; remove the old secrets once the last ticket and session of theirs`,
    `has ended (session.lifetime in gate.json). Both keys end on ${end}, 180 days from now.`,
  ].join("\n");
}
