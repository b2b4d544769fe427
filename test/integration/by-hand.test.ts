import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enter, openTerminal, type Terminal } from "../terminal/terminal.ts";
import { accountId, cloudflareToken, startNewCompany } from "./new-company.ts";

let company: Awaited<ReturnType<typeof startNewCompany>>;
let terminal: Terminal;

beforeAll(async () => {
  company = await startNewCompany();
  // Whoever works by hand trusts GitHub itself.
  const { GITHUB_OIDC_ISSUER: _, ...env } = company.env;
  terminal = await openTerminal({ cwd: join(company.home, "site"), env, limit: 60_000 });
}, 60_000);
afterAll(async () => {
  terminal.close();
  await company.close();
});

const names = `--repository acme/site --project site --sign-in-host-project acme-sign-in --account-id ${accountId}`;
const group = "b3d5a1f0-6c2e-4f7a-8e19-2a4c6d8f0b11";
const rules = [{ path: "/*", allow: { groups: ["reviewers"] } }];
const policy = { groups: { reviewers: group }, preview: { rules }, production: { rules } };

it("the printed script leaves nothing for setup to do", { timeout: 120_000 }, async () => {
  await writeFile(join(company.home, "site", "gate.json"), JSON.stringify(policy));
  await terminal.type("npm install --save-dev pages-plugin-entra-gate wrangler");
  await terminal.type(`npx entra-gate setup ${names} --print az > setup.sh`);
  await terminal.type("sh setup.sh", [[/Cloudflare API token: $/, `${cloudflareToken}${enter}`]]);
  const { repository, entra } = company;
  const environment = repository.environments.get("entra-gate");
  expect(environment?.branches).toEqual(["main"]);
  expect(environment?.secrets.get("CLOUDFLARE_API_TOKEN")).toBe(cloudflareToken);
  expect(environment?.variables.get("ENTRA_TENANT_ID")).toBe(entra.tenantId);

  const dryRun = `CLOUDFLARE_API_TOKEN=${cloudflareToken} npx entra-gate setup ${names} --dry-run --json`;
  const [json = "{}"] = /\{"dryRun.*\}/.exec(await terminal.type(dryRun)) ?? [];
  const { steps } = JSON.parse(json) as { steps: { id: string; state: string; detail?: string }[] };
  const later = ["cloudflare-projects", "github-status"];
  expect(steps.filter(({ state }) => state !== "done").map(({ id }) => id)).toEqual(later);
});
