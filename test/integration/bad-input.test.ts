import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FederatedCredential } from "../../local/entra/directory/model.ts";
import { demo } from "../../local/world/demo.ts";
import { type Company, type Ran, runLimit, settings, startCompany, withoutDelays } from "./company.ts";
import { packed, paths, policy, quickBuild, smallRepository, smallSite } from "./small-site.ts";

const nonce = `release-${Date.now().toString(36)}`;
const text = (content: string) => Buffer.from(content);
let company: Company;
let good: Awaited<ReturnType<typeof smallRepository>>;
let count = 0;

/** The action waits more than a minute for a federated credential to reach all of Entra: that goes on beside the rest. */
let elsewhere: { readonly company: Company; readonly ran: Promise<Ran> };

beforeAll(async () => {
  company = await startCompany(nonce);
  withoutDelays(company.world);
  good = await smallRepository(nonce);
  const other = await startCompany(nonce);
  const push = { branch: "main", files: good, wholeTree: true };
  const ran = withSubject(
    other,
    (subject) => subject.replace("harbour", "harbor"),
    () => other.push(push),
  );
  ran.catch(() => undefined);
  elsewhere = { company: other, ran };
}, runLimit);
afterAll(async () => {
  await elsewhere?.ran.catch(() => undefined);
  await Promise.all([company?.close(), elsewhere?.company.close()]);
});

/** A push of the good repository but for these files, onto whatever the test before has left there. */
async function pushWith(files: Readonly<Record<string, Buffer>> = {}): Promise<Ran> {
  count += 1;
  const all = { ...good, ...files, "count.txt": text(String(count)) };
  return company.push({ branch: "main", files: all, wholeTree: true });
}

/** One annotation with this code, exit code 1; its text comes back. */
function expectOneError(ran: Ran, code: string): string {
  const { gate, gateJob, errors } = ran;
  expect([gate?.conclusion, gate?.exitCode, gateJob?.conclusion], gate?.log).toEqual([
    "failure",
    1,
    "failure",
  ]);
  expect(errors.map(({ properties }) => properties["title"])).toEqual([`Entra Gate: ${code}`]);
  return errors[0]?.message ?? "";
}

/** Does this and expects that nothing was changed at Entra or Cloudflare by it. */
async function changingNothing(work: () => Promise<void>): Promise<void> {
  const before = settings(company.world);
  await work();
  expect(settings(company.world)).toBe(before);
}

const environment = () => {
  const { github, demo: site } = company.world;
  return github.store.environment(site.repository, demo.environment);
};

/** Runs with other values in the environment `entra-gate`; undefined takes one away. */
async function withEnvironment(
  values: Readonly<Record<string, string | undefined>>,
  work: () => Promise<void>,
): Promise<void> {
  const { variables, secrets } = environment();
  const before = [new Map(variables), new Map(secrets)] as const;
  for (const [name, value] of Object.entries(values)) {
    const where = secrets.has(name) ? secrets : variables;
    if (value === undefined) where.delete(name);
    else where.set(name, value);
  }
  await work().finally(() => {
    for (const [index, map] of [variables, secrets].entries()) {
      map.clear();
      for (const [name, value] of before[index] ?? []) map.set(name, value);
    }
  });
}

/** Runs with another federated credential of the automation application than the right one. */
async function withSubject<T>(
  { world }: Company,
  change: (subject: string) => string,
  work: () => Promise<T>,
): Promise<T> {
  const { directory, cast } = world.entra;
  const credentials = directory.applicationEntry(cast.applications.automation.appId)?.federatedCredentials;
  const right = credentials?.[0] as FederatedCredential;
  credentials?.splice(0, 1, { ...right, subject: change(right.subject) });
  return work().finally(() => credentials?.splice(0, 1, right));
}

describe("what the default branch says", () => {
  it(
    "a broken gate.json: all that is wrong with it, in one error, by place",
    () =>
      changingNothing(async () => {
        const broken = {
          ...policy,
          groups: { reviewers: "reviewers@contoso.example" },
          preview: {
            rules: [
              { path: "about", allow: "anyone" },
              { path: "/*", allow: { groups: ["nobody"] } },
            ],
          },
          productoin: "open",
        };
        const said = expectOneError(
          await pushWith({ [paths.policy]: text(JSON.stringify(broken)) }),
          "policy-invalid",
        );
        for (const place of [
          "groups.reviewers",
          "preview.rules[0].path",
          "preview.rules[1].allow.groups[0]",
          "productoin",
        ])
          expect(said).toContain(place);
      }),
    runLimit,
  );

  it(
    "a gate.json that is no JSON",
    () =>
      changingNothing(async () => {
        const said = expectOneError(
          await pushWith({ [paths.policy]: text('{ "preview": ') }),
          "policy-invalid",
        );
        expect(said).toContain("gate.json");
      }),
    runLimit,
  );

  it(
    "a policy whose own tests fail",
    () =>
      changingNothing(async () => {
        const tests = [{ in: "preview", as: "anyone", get: "/", expect: "allow" }];
        const said = expectOneError(
          await pushWith({ [paths.policy]: text(JSON.stringify({ ...policy, tests })) }),
          "policy-tests-failed",
        );
        expect(said).toContain("tests[0]");
      }),
    runLimit,
  );
});

describe("what the workflow gives", () => {
  it(
    "missing and wrong inputs: all of them at once, by name, and no value of a secret",
    () =>
      changingNothing(() =>
        withEnvironment(
          {
            ENTRA_TENANT_ID: undefined,
            CLOUDFLARE_ACCOUNT_ID: "acme",
            CLOUDFLARE_API_TOKEN: "two words",
            GRAPH_URL: "http://graph.example",
          },
          async () => {
            const ran = await pushWith();
            const said = expectOneError(ran, "inputs-invalid");
            for (const name of ["tenant-id", "cloudflare-account-id", "cloudflare-api-token", "graph-url"])
              expect(said).toContain(`${name}: `);
            expect(said).not.toContain("project-name");
            expect(ran.gate?.log).not.toContain("two words");
          },
        ),
      ),
    runLimit,
  );

  it(
    "a tenant that does not exist: AADSTS90002 and where to look",
    () =>
      changingNothing(() =>
        withEnvironment({ ENTRA_TENANT_ID: randomUUID() }, async () => {
          const said = expectOneError(await pushWith(), "entra-tenant-unknown");
          expect(said).toMatch(/AADSTS90002[\s\S]*tenant-id/);
        }),
      ),
    runLimit,
  );

  it(
    "a Cloudflare token that Cloudflare does not know",
    () =>
      changingNothing(() =>
        withEnvironment({ CLOUDFLARE_API_TOKEN: "not-a-token" }, async () => {
          const said = expectOneError(await pushWith(), "cloudflare-token-refused");
          expect(said).toContain("cloudflare-api-token");
          expect(said).not.toContain("not-a-token");
        }),
      ),
    runLimit,
  );
});

describe("what Entra has", () => {
  const expectRightSubject = (ran: Ran, of: Company, code: string) => {
    const said = expectOneError(ran, code);
    expect(said).toContain("repo:acme/harbour:environment:entra-gate");
    expect(said).toContain(of.world.github.issuer);
  };

  it(
    "a federated credential whose subject is in another case: the right one is named",
    () =>
      changingNothing(() =>
        withSubject(
          company,
          (subject) => subject.replace("acme", "Acme"),
          async () => expectRightSubject(await pushWith(), company, "entra-federation-case"),
        ),
      ),
    runLimit,
  );

  it(
    "a federated credential whose subject is of another repository: the right one is named",
    async () => expectRightSubject(await elsewhere.ran, elsewhere.company, "entra-federation-mismatch"),
    runLimit,
  );

  it.each([
    ["forbids client secrets", { blocked: true }, "secrets-forbidden"],
    ["forbids client secrets of a week", { maxDays: 3 }, "secret-too-long"],
  ] as const)(
    "a policy of the tenant that %s: nothing is deployed, no secret is left",
    async (_, forbidding, code) => {
      const { entra, cloudflare } = company.world;
      const { secretPolicy } = entra;
      const allowed = { ...secretPolicy };
      Object.assign(secretPolicy, forbidding);
      try {
        expect(expectOneError(await pushWith(), code)).toMatch(/Application Administrator/);
      } finally {
        Object.assign(secretPolicy, allowed);
      }
      for (const name of [demo.project, demo.signInHostProject]) {
        expect(cloudflare.deployments(name)).toEqual([]);
        const variables = Object.values(cloudflare.project(name)?.configs.production.env_vars ?? {});
        expect(variables.filter(({ type }) => type === "secret_text")).toEqual([]);
      }
      const application = entra.directory.application(entra.cast.applications.gate.appId);
      expect(application?.passwordCredentials).toEqual([]);
    },
    runLimit,
  );
});

describe("what the build hands over", () => {
  const link = { name: "assets/link", type: "symlink", linkname: "/etc/passwd" };
  const above = { name: "assets/../../above.html", content: "<p>above</p>" };

  it.each([
    ["a name that leaves its folder", above],
    ["a symbolic link", link],
  ])(
    "an artifact with %s: refused by that name",
    (_, entry) =>
      changingNothing(async () => {
        const artifact = await packed(smallSite(nonce), [entry]);
        const said = expectOneError(await pushWith({ [paths.artifact]: artifact }), "artifact-invalid");
        expect(said).toContain(entry.name);
      }),
    runLimit,
  );

  it(
    "the same from a pull request's own build",
    () =>
      changingNothing(async () => {
        await company.world.github.activities.push(company.world.demo.repository, {
          branch: "main",
          files: good,
          wholeTree: true,
        });
        const artifact = await packed(smallSite(nonce), [link]);
        const ran = await company.pullRequest("linked", { [paths.artifact]: artifact });
        expect(expectOneError(ran, "artifact-invalid")).toContain(link.name);
        const { comments, statuses } = company.world.demo.repository;
        const [comment] = comments.filter(({ issue }) => issue === ran.number);
        expect(comment?.body).toContain("artifact-invalid");
        const states = statuses.filter(({ sha }) => sha === ran.sha).map(({ state }) => state);
        expect(states).toEqual(["pending", "failure"]);
      }),
    runLimit,
  );

  it(
    "an artifact that is no pack",
    () =>
      changingNothing(async () => {
        const ran = await pushWith({ [paths.artifact]: text("this is no tar") });
        expectOneError(ran, "artifact-invalid");
      }),
    runLimit,
  );

  it(
    "no artifact at all",
    () =>
      changingNothing(async () => {
        const build = quickBuild.replace(/ +- uses: actions\/upload-artifact[\s\S]*/, "");
        const said = expectOneError(await pushWith({ [paths.build]: text(build) }), "artifact-missing");
        expect(said).toContain("entra-gate");
      }),
    runLimit,
  );
});
