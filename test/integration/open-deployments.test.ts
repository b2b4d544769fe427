import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { demo } from "../../local/world/demo.ts";
import {
  addresses,
  type Company,
  get,
  living,
  type Ran,
  runLimit,
  startCompany,
  withoutDelays,
} from "./company.ts";
import { packed, paths, smallRepository, smallSite } from "./small-site.ts";

const nonce = `release-${Date.now().toString(36)}`;
let company: Company;
let bypassed: Ran & { number: number; sha: string };
let dropped: Ran & { number: number; sha: string };
let production: Ran & { sha: string };
let sound: { readonly id: string };

const customDomain = () => `www.harbour-tides.localhost:${company.world.cloudflare.port}`;
const repository = () => company.world.demo.repository;
const change = async (text: string) => ({
  [paths.artifact]: await packed({ ...smallSite(nonce), "assets/new.html": `<p>${text} ${nonce}</p>` }),
});
/** Of the site, in the order they were made, from one run on. */
const madeFor = (sha: string) =>
  company.world.cloudflare.deployments(demo.project).filter(({ commit }) => commit.commit_hash === sha);

beforeAll(async () => {
  company = await startCompany(nonce);
  const { world } = company;
  withoutDelays(world);
  const files = await smallRepository(nonce, { "entra-credential": "federated" });
  const first = await company.push({ branch: "main", files, wholeTree: true });
  expect(first.gate?.conclusion, first.gate?.log).toBe("success");
  sound = { id: first.gate?.outputs["deployment-id"] ?? "" };
  await world.cloudflare.bypassWorker(demo.project, "/docs/*", "preview");
  bypassed = await company.pullRequest("one", await change("one"));
  await world.cloudflare.dropWorker(demo.project, "preview");
  dropped = await company.pullRequest("two", await change("two"));
  await world.cloudflare.dropWorker(demo.project, "production");
  // Until the deny-all deployment has taken its place, the open one is live and can't be deleted.
  world.cloudflare.timing.propagation = 2_000;
  world.cloudflare.addDomain(demo.project, customDomain());
  production = await company.push({ branch: "main", files: await change("three") });
}, 4 * runLimit);
afterAll(() => company?.close());

it("the host that came up holds nothing that Entra would know: it signs for itself", () => {
  const { entra, cloudflare } = company.world;
  const { appId } = entra.cast.applications.gate;
  const application = entra.directory.application(appId);
  const variables = cloudflare.project(demo.signInHostProject)?.configs.production.env_vars ?? {};
  expect([application?.passwordCredentials, application?.keyCredentials]).toEqual([[], []]);
  expect(Object.keys(variables).filter((name) => name.startsWith("ENTRA_CLIENT_"))).toEqual([
    "ENTRA_CLIENT_ID",
  ]);
  const trusted = entra.directory.applicationEntry(appId)?.federatedCredentials;
  expect(trusted).toMatchObject([
    { issuer: addresses(company.world).host, subject: "entra-gate-sign-in-host" },
  ]);
  // Entra took the host's word for who it is, and refused the code that the action sent.
  expect(cloudflare.consoleLines.map(({ line }) => line).join("\n")).toContain("entra-code-refused");
});

/** Everything that would show content of this deployment, where it or its alias answers. */
async function shown(origins: readonly string[]): Promise<string[]> {
  const answers = await Promise.all(
    origins.flatMap((origin) =>
      ["/", "/docs/", "/new", "/style.css", "/nothing-of-the-kind"].map(async (path) => {
        const { status, body } = await get(origin + path);
        return body.includes(nonce) ? `${status} ${origin}${path}` : "";
      }),
    ),
  );
  return answers.filter((answer) => answer !== "");
}

describe.each([
  ["one folder of a preview past the worker", () => bypassed, "/docs/"],
  ["a preview's files as if it had no worker", () => dropped, "/style.css"],
] as const)("Cloudflare serves %s", (_, ran, seen) => {
  it("fails the run with verify-open, which names what was open", () => {
    const { gate, gateJob, errors } = ran();
    expect([gate?.conclusion, gate?.exitCode, gateJob?.conclusion]).toEqual(["failure", 1, "failure"]);
    expect(errors.map(({ properties }) => properties["title"])).toEqual(["Entra Gate: verify-open"]);
    expect(errors[0]?.message).toMatch(
      new RegExp(`open: GET http://[0-9a-f]{8}\\.harbour\\.localhost:\\d+${seen}`),
    );
    expect(gate?.outputs).toMatchObject({
      "deployment-url": "",
      "alias-url": "",
      verified: "false",
      gated: "false",
    });
  });

  it("puts a deny-all deployment over it and deletes it", async () => {
    const { number, sha } = ran();
    const [open, cover, ...more] = madeFor(sha);
    expect([more.length, open?.deletedAt !== undefined, cover?.deletedAt]).toEqual([0, true, undefined]);
    expect(cover).toMatchObject({ alias: `pr-${number}`, environment: "preview" });
    const { deployment, preview } = addresses(company.world);
    const origins = [deployment(open?.shortId ?? ""), deployment(cover?.shortId ?? ""), preview(number)];
    // A deleted deployment may answer for a while longer.
    await vi.waitFor(async () => expect(await shown(origins)).toEqual([]), { timeout: 5_000, interval: 100 });
  });

  it("says what was open where people look: comment, commit status, deployment", () => {
    const { number, sha, gate } = ran();
    const [comment, ...more] = repository().comments.filter(({ issue }) => issue === number);
    expect(more).toEqual([]);
    expect(comment?.body).toContain("verify-open");
    expect(comment?.body).toMatch(/\*\*open\*\* \| GET/);
    expect(comment?.body).not.toContain("card.png");
    expect(comment?.body).not.toContain(nonce);
    expect(gate?.summary).toContain("verify-open");
    const statuses = repository().statuses.filter((status) => status.sha === sha);
    expect(statuses.map(({ state }) => state)).toEqual(["pending", "failure"]);
    const made = repository().deployments.find(
      (one) => one.sha === sha && one.environment === "harbour (preview)",
    );
    expect(made?.statuses.map(({ state }) => state)).toEqual(["failure"]);
    expect(made?.statuses.map(({ environmentUrl }) => environmentUrl)).toEqual([""]);
  });

  it("does not take minutes", () => {
    expect(ran().gate?.seconds).toBeLessThan(60);
  });
});

describe("Cloudflare serves production's files as if it had no worker", () => {
  it("fails the run, and production shows nothing any more", async () => {
    expect(production.gate?.conclusion).toBe("failure");
    expect(production.errors.map(({ properties }) => properties["title"])).toEqual([
      "Entra Gate: verify-open",
    ]);
    const { production: address, deployment } = addresses(company.world);
    const [open, cover] = madeFor(production.sha);
    expect([open?.deletedAt !== undefined, cover?.environment]).toEqual([true, "production"]);
    const origins = [address, deployment(open?.shortId ?? ""), deployment(cover?.shortId ?? "")];
    await vi.waitFor(async () => expect(await shown(origins)).toEqual([]), { timeout: 5_000, interval: 100 });
    const statuses = repository().statuses.filter(({ sha }) => sha === production.sha);
    expect(statuses.map(({ state }) => state)).toEqual(["pending", "failure"]);
  });

  it("microfeed#70: asks the project's custom domain, too, and it shows nothing any more", async () => {
    const asked = production.calls.filter(
      ({ service, host }) => service === "site" && host === customDomain(),
    );
    expect(asked.filter(({ marked }) => marked).length).toBeGreaterThan(0);
    expect(await shown([`http://${customDomain()}`])).toEqual([]);
  });

  it("keeps the deployment that was verified, to go back to", () => {
    const kept = living(company.world).filter(({ environment }) => environment === "production");
    expect(kept.map(({ id }) => id)).toContain(sound.id);
  });
});
