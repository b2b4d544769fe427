import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** How a wrangler behaves that is not as it should be. */
export interface FakeWrangler {
  /** How often it posts the deployment. */
  readonly posts: number;
  readonly code: number;
  /** Written to its standard output at the end; `TOKEN` stands for the token that it was given. */
  readonly says: string;
}

/**
 * A wrangler.js that posts an empty deployment under the given message, as often as told, says what it is told to say,
 * and ends with that code.
 */
export function writeFakeWrangler(path: string, { posts, code, says }: FakeWrangler): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    `
const { CLOUDFLARE_API_BASE_URL: base, CLOUDFLARE_ACCOUNT_ID: account, CLOUDFLARE_API_TOKEN: token } = process.env;
const given = (name) => process.argv.find((one) => one.startsWith("--" + name + "="))?.slice(name.length + 3);
for (let post = 0; post < ${posts}; post += 1) {
  const form = new FormData();
  form.set("manifest", "{}");
  form.set("branch", given("branch"));
  form.set("commit_hash", given("commit-hash"));
  form.set("commit_message", given("commit-message"));
  const url = base + "/accounts/" + account + "/pages/projects/" + given("project-name") + "/deployments";
  const answer = await fetch(url, { method: "POST", headers: { authorization: "Bearer " + token }, body: form });
  if (!answer.ok) throw new Error(await answer.text());
}
console.log(${JSON.stringify(says)}.replaceAll("TOKEN", token));
process.exitCode = ${code};
`,
  );
}
