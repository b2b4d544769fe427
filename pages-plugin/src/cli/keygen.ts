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
 * Makes a ticket-signing key and a cookie key for a sign-in host that is set up by hand, or the cookie key alone for a
 * site that signs in for itself.
 *
 * @param standalone for such a site
 * @param json the output as one object, `{ secrets, variables }`, each by name; else one `NAME=value` a line
 * @param now milliseconds since 1970
 */
export async function keygen(json: boolean, now: number, standalone = false): Promise<Keygen> {
  const signing = standalone ? undefined : await makeSigningKey(now);
  const cookie = makeCookieKey(now);
  const secrets = {
    ...(signing && { [variables.signingKeyPrefix + signing.kid]: signing.secret }),
    [variables.cookieKeyPrefix + cookie.kid]: cookie.secret,
  };
  const plain = {
    ...(signing && { [variables.signingActive]: signing.kid }),
    [variables.cookieActive]: cookie.kid,
  };
  const lines = Object.entries({ ...secrets, ...plain }).map(([name, value]) => `${name}=${value}`);
  return {
    output: json ? JSON.stringify({ secrets, variables: plain }) : lines.join("\n"),
    advice: advice(Object.keys(secrets), Object.keys(plain), endOf(cookie.kid), standalone),
  };
}

function endOf(kid: string): string {
  return new Date((notAfterOf(kid) ?? 0) * 1000).toISOString().slice(0, 10);
}

function advice(
  secrets: readonly string[],
  plain: readonly string[],
  end: string,
  standalone: boolean,
): string {
  const place = standalone ? "site's project" : "sign-in host's Pages project";
  return [
    "Standard output holds private keys. Whoever has them can sign anybody in: put them where they belong and keep no copy.",
    "",
    `They belong to the ${place}, environment production, and nowhere else:`,
    ...secrets.map((name) => `  secret    ${name}`),
    ...plain.map((name) => `  variable  ${name}`),
    "",
    `  npx entra-gate keygen${standalone ? " --standalone" : ""} --json | jq .secrets | npx wrangler pages secret bulk --project-name <project>`,
    "",
    "stores secrets without showing them. Deploy afterwards: secrets reach new deployments only.",
    ...(standalone
      ? [
          "To replace a key that is in use: add the secret, write the variable and deploy; remove the old secret once the last",
          "session of it has ended (session.lifetime in gate.json).",
        ]
      : [
          "To replace keys that are in use: first add the two secrets and deploy; ten minutes later, when every site has fetched",
          "the new public key, write the variables and deploy; remove the old secrets once the last ticket and session of theirs",
          "has ended (session.lifetime in gate.json).",
        ]),
    `What was made now ends on ${end}, 180 days from now.`,
  ].join("\n");
}
