import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CallLog } from "../../../../../local/call-log.ts";
import { TestClock } from "../../../../../local/clock.ts";
import type { DirectoryRole } from "../../../../../local/entra/directory/model.ts";
import { type EntraStandIn, startEntra } from "../../../../../local/entra/entra.ts";
import { Faults } from "../../../../../local/faults.ts";
import type { SetupContext } from "../../../../../pages-plugin/src/cli/setup/context.ts";
import type { SetupNames } from "../../../../../pages-plugin/src/cli/setup/names.ts";
import { createHttp } from "../../../../../src/clients/http.ts";
import { nodeTransport } from "../../../../../src/clients/transport.ts";
import { names as baseNames } from "../context.ts";

export const issuer = "http://tokens.localhost";
export const immutable = "repo:acme@77/site@4242";

/** A tenant in which nothing of the gate is there yet, a person who runs setup, and GitHub's word about subjects. */
export async function startCompany() {
  const clock = new TestClock();
  const log = new CallLog();
  const entra = await startEntra({ clock, log, faults: new Faults() });
  const { directory } = entra;
  const groups = [...directory.groups];
  const folder = mkdtempSync(join(tmpdir(), "setup-company-"));
  const policyFile = join(folder, "gate.json");
  const github = await startGitHub();
  const { admin } = entra.cast.people;

  /** As on the first day; a new tenant for each test would cost more than all its calls. */
  function reset(): void {
    for (const id of directory.applications.keys()) directory.removeApplication(id);
    directory.roleAssignments.length = 0;
    directory.groups.clear();
    for (const [id, group] of groups) directory.groups.set(id, group);
    directory.directoryRoles.clear();
    log.calls.length = 0;
    for (const name of Object.keys(github.variables)) delete github.variables[name];
    for (const name of Object.keys(github.subjects)) delete github.subjects[name];
    Object.assign(github.subjects, { use_default: true, sub_claim_prefix: immutable });
    rmSync(policyFile, { force: true });
  }
  reset();

  return {
    ...{ entra, directory, log, github, policyFile, clock, reset },
    writePolicy: (policy: unknown) => writeFileSync(policyFile, JSON.stringify(policy, null, 2)),
    /** A fresh process of the command: nothing is carried over but what the services hold. */
    async contextOf(who: Who = {}): Promise<SetupContext> {
      const { names = {}, roles = ["Global Administrator"], oid = admin.oid, github: has = true } = who;
      directory.directoryRoles.set(oid, new Set(roles));
      const token = await entra.azureCliToken(oid);
      const now = () => clock.now();
      const sleep = async (milliseconds: number) => clock.advance(milliseconds);
      return {
        names: { ...baseNames, ...names },
        origins: {
          ...{
            graph: entra.graphUrl,
            github: github.origin,
            cloudflare: "http://cf.localhost",
            githubIssuer: issuer,
          },
        },
        logins: {
          async token(service) {
            if (service === "entra") return token;
            if (service === "github" && has) return "github-token";
            throw new Error(`no login for ${service}`);
          },
        },
        http: createHttp({
          transport: nodeTransport,
          now,
          sleep,
          random: () => 0,
          left: () => 86_400_000,
        }),
        facts: {},
        ask: { confirm: async () => true },
        policyFile,
        now,
        sleep,
        ...who.over,
      };
    },
    /** All that the tenant holds, without ids and times that differ from run to run. */
    state: () => stateOf(entra),
    async close() {
      await entra.close();
      await github.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export type Company = Awaited<ReturnType<typeof startCompany>>;

export interface Who {
  readonly names?: Partial<SetupNames>;
  readonly roles?: readonly DirectoryRole[];
  readonly oid?: string;
  readonly github?: boolean;
  readonly over?: Partial<SetupContext>;
}

/** The two things that Entra's steps ask GitHub; all of GitHub is local/github's. */
async function startGitHub() {
  const variables: Record<string, string> = {};
  const subjects: Record<string, unknown> = { use_default: true, sub_claim_prefix: immutable };
  const server = createServer((request, response) => {
    const url = request.url ?? "";
    const variable = /\/environments\/entra-gate\/variables\/(\w+)$/.exec(url)?.[1];
    const found = url.endsWith("/actions/oidc/customization/sub")
      ? subjects
      : variable !== undefined && variables[variable] !== undefined
        ? { name: variable, value: variables[variable] }
        : undefined;
    response.writeHead(found === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(found ?? { message: "Not Found" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://api.localhost:${(server.address() as AddressInfo).port}`,
    variables,
    subjects,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function stateOf({ directory }: EntraStandIn) {
  const nameOf = (id: string) => {
    const principal = directory.servicePrincipals.get(id)?.object.current;
    if (principal !== undefined) return `principal of ${directory.application(principal.appId)?.displayName}`;
    return directory.users.get(id)?.name ?? directory.groups.get(id)?.name ?? id;
  };
  const applications = [...directory.applications.values()].map(
    ({ object, owners, federatedCredentials }) => {
      const { id: _, appId, createdDateTime: __, ...rest } = object.current;
      const principal = directory.servicePrincipalEntry(appId);
      return {
        ...rest,
        owners: [...owners].map(nameOf).sort(),
        federated: federatedCredentials.map(({ id: _id, usableFrom: _from, ...one }) => one),
        consents: directory.consents.of(appId).map(({ oid, scopes }) => [oid, [...scopes].sort()]),
        assigned: directory.roleAssignments
          .filter((one) => one.appId === appId)
          .map((one) => [nameOf(one.principalId), one.value]),
        principal: principal && {
          owners: [...principal.owners].map(nameOf).sort(),
          permissions: principal.object.current.graphPermissions,
          assignmentRequired: principal.object.current.appRoleAssignmentRequired,
        },
      };
    },
  );
  return applications.sort((a, b) => a.displayName.localeCompare(b.displayName));
}
