import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { workflowDispatchEvent } from "../../../local/github/index.ts";
import type { Repository } from "../../../local/github/state/model.ts";
import { run } from "../../../src/run.ts";
import type { DoctorRow } from "../../../src/steps/doctor-report.ts";
import { type HostWorld, startHostWorld } from "../host-world.ts";
import { userToken } from "../stage.ts";
import { failure } from "../support.ts";

let world: HostWorld;
beforeAll(async () => {
  world = await startHostWorld();
});
afterAll(() => world.close());

const gateJob = (more = "") => `name: Gate
on:
  workflow_run: { workflows: [Build], types: [completed] }
  schedule: [{ cron: "17 4 * * 1" }]
permissions:
  id-token: write
  contents: read
  actions: read
  pull-requests: write
  statuses: write
  deployments: write
jobs:
  gate:
    runs-on: ubuntu-latest
    environment: entra-gate
    steps:
      - uses: acme/entra-gate@v1
${more}`;

const oneJob = `name: Preview
on: pull_request
permissions: { contents: read, statuses: read }
jobs:
  gate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: acme/entra-gate@v1
  other:
    runs-on: ubuntu-latest
    steps:
      - run: echo "no action"
`;

async function commit(files: Readonly<Record<string, string>>): Promise<void> {
  const bytes = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]));
  await world.stage.github.activities.push(world.stage.repository, { branch: "main", files: bytes });
}

function environment(): Repository["environments"] extends Map<string, infer E> ? E : never {
  return world.stage.github.store.environment(world.stage.repository, "entra-gate");
}

interface Seen {
  readonly rows: readonly DoctorRow[];
  readonly code: string | undefined;
  readonly detail: string;
  readonly log: string;
  readonly summary: string;
}

/** Runs doctor by hand; nothing but reading and asking for tokens may go out. */
async function doctor(changes: Readonly<Record<string, string | undefined>> = {}): Promise<Seen> {
  const { stage } = world;
  const event = await workflowDispatchEvent(stage.github, stage.repository, {
    path: ".github/workflows/entra-gate-doctor.yml",
    ref: "refs/heads/main",
    inputs: {},
    actor: stage.repository.owner,
  });
  const before = stage.log.calls.length;
  const { context, log } = stage.context({ ...stage.eventRun(event), INPUT_COMMAND: "doctor", ...changes });
  const error = await run(world.reached(context)).then(
    () => undefined,
    (thrown: unknown) => failure(Promise.reject(thrown)),
  );
  const sent = stage.log.calls.slice(before);
  expect(sent.length).toBeGreaterThan(5);
  const writes = sent.filter(({ method, path }) => method !== "GET" && !path.endsWith("/oauth2/v2.0/token"));
  expect(writes).toEqual([]);
  const { doctor: json = "[]", summary = "" } = stage.outputs;
  return {
    rows: JSON.parse(json),
    code: error?.code,
    detail: error?.detail ?? "",
    log: log.lines.map(({ text }) => text).join("\n"),
    summary,
  };
}

const told = ({ rows }: Seen) =>
  rows
    .filter(({ state }) => state !== "as wanted")
    .map(({ state, code, check }) => `${state}: ${code ?? check}`)
    .sort();

describe("the doctor", () => {
  it("has nothing to say of what is in place, but what it cannot read", async () => {
    await commit({ ".github/workflows/gate.yml": gateJob() });
    environment().branches = ["main"];
    const closed = { fail_open: false };
    const { cloudflare } = await world.scheduled();
    await cloudflare.patchProject("site", { deployment_configs: { preview: closed, production: closed } });
    const seen = await doctor();
    expect(seen.code).toBeUndefined();
    expect(told(seen)).toEqual([
      "not checked: cloudflare-may-write",
      "not checked: consent",
      "to mend: assignment-open",
    ]);
    expect(seen.log).toContain("subject repo:acme/site:environment:entra-gate");
    expect(seen.summary).toContain("2 not checked");
    for (const { remedy, who, text } of seen.rows.filter(({ state }) => state !== "as wanted"))
      expect([remedy, who, text].every((one) => (one ?? "").length > 3)).toBe(true);
  });

  it("names workflows and environments that give away what they hold", async () => {
    await commit({ ".github/workflows/preview.yml": oneJob });
    environment().branches = ["main", "release/*"];
    const seen = await doctor();
    await commit({ ".github/workflows/preview.yml": "name: Nothing\non: push\njobs: {}\n" });
    expect(told(seen)).toEqual([
      "missing: workflow-permission-missing",
      "not checked: cloudflare-may-write",
      "not checked: consent",
      "to mend: assignment-open",
      "to mend: environment-admits-others",
      "to mend: workflow-one-job",
      "to mend: workflow-without-environment",
    ]);
    expect(seen.code).toBe("doctor-found");
    expect(seen.detail).toContain("id-token: write");
    environment().branches = ["main"];
  });

  it("gives the command with the subject as it really is, where no federated credential fits", async () => {
    const repository = world.stage.repository as { immutableSubject: boolean };
    repository.immutableSubject = true;
    const seen = await doctor();
    repository.immutableSubject = false;
    const { id, owner } = world.stage.repository;
    const subject = `repo:acme@${owner.id}/site@${id}:environment:entra-gate`;
    const row = seen.rows.find(({ code }) => code === "federation-missing");
    expect(row).toMatchObject({ state: "missing", check: "federation", who: "entra" });
    expect(row?.remedy).toContain(`az ad app federated-credential create --id`);
    expect(row?.remedy).toContain(`"subject":"${subject}"`);
    expect(row?.remedy).toContain(`"issuer":"${world.stage.github.issuer}"`);
    expect(seen.code).toBe("doctor-found");
  });

  it("says who gives what where the automation or the job may too little", async () => {
    const { entra } = world.stage;
    const { automation, gate } = entra.cast.applications;
    const principal = entra.directory.servicePrincipals.get(automation.servicePrincipalId)?.object;
    const application = entra.directory.applications.get(gate.objectId);
    if (principal === undefined || application === undefined) throw new Error("no automation");
    const before = principal.current;
    principal.write({ ...before, graphPermissions: ["Directory.Read.All"] }, 0);
    application.owners.delete(automation.servicePrincipalId);
    const seen = await doctor();
    principal.write(before, 0);
    application.owners.add(automation.servicePrincipalId);
    expect(told(seen)).toEqual([
      "missing: graph-permission-missing",
      "missing: owner-missing",
      "not checked: cloudflare-may-write",
      "to mend: assignment-open",
    ]);
    const owner = seen.rows.find(({ code }) => code === "owner-missing");
    expect(owner?.remedy).toContain(
      `az ad app owner add --id ${gate.appId} --owner-object-id ${automation.servicePrincipalId}`,
    );
  });

  it("goes on where the job has no token, and needs another repository's host to be there", async () => {
    const seen = await doctor({
      ACTIONS_ID_TOKEN_REQUEST_URL: undefined,
      "INPUT_SIGN-IN-HOST": "use",
      "INPUT_SIGN-IN-HOST-PROJECT": "another",
    });
    expect(told(seen)).toEqual([
      "missing: id-token-unavailable",
      "missing: sign-in-host-missing",
      "not checked: cloudflare-may-write",
    ]);
  });

  it("knows that the first push makes a host of one's own", async () => {
    const own = await doctor({ "INPUT_SIGN-IN-HOST-PROJECT": "another" });
    expect(told(own)).toContain("to mend: project-missing");
    expect(own.code).toBeUndefined();
  });

  it("tells a person's token that may too little from one that Cloudflare does not take; finds a policy that is none", async () => {
    await commit({ "gate.json": '{ "preview": 1 }' });
    const refused = await doctor({ "INPUT_CLOUDFLARE-API-TOKEN": "not-a-token" });
    expect(told(refused)).toContain("missing: cloudflare-token-refused");
    expect(told(refused)).toContain("missing: policy-unusable");
    expect(refused.detail).toContain("gate.json");
    const ofUser = await doctor({ "INPUT_CLOUDFLARE-API-TOKEN": userToken });
    expect(told(ofUser)).toContain("to mend: cloudflare-token-of-user");
    expect(told(ofUser)).toContain("missing: cloudflare-permission-missing");
    expect(ofUser.rows.find(({ code }) => code === "cloudflare-permission-missing")?.subject).toContain("D1");
    for (const { log, summary } of [refused, ofUser]) {
      expect(log + summary).not.toContain("not-a-token");
      expect(log + summary).not.toContain(userToken);
    }
  });
});
