import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GitHubEvent } from "../../../local/github/index.ts";
import { type Company, startCompany, withoutDelays } from "../company.ts";
import { paths, smallRepository } from "../small-site.ts";

/** Something that happened in the repository, and what the action has to make of it. */
export interface Occasion {
  readonly commit: string;
  readonly pullRequest?: number;
  readonly events: readonly GitHubEvent[];
}

export interface Scenario {
  /** A company for one kill, or for several in a row. */
  start(): Promise<Company>;
  /** Something new each time. */
  happen(company: Company): Promise<Occasion>;
  /** How many occasions a company is good for: nothing can be first twice, and keys get older. */
  readonly uses: number;
}

/** A role and an address that somebody else has put into the application, and that must stay. */
const others = { role: "Somebody.Else", redirectUri: "https://elsewhere.example/callback" };

let made = 0;

async function emptyCompany(inputs: Readonly<Record<string, string>>, ownApplication: boolean) {
  made += 1;
  const nonce = `killed-${process.pid}-${made}-${Date.now().toString(36)}`;
  // What a killed run leaves on its machine goes with it.
  const scratch = await mkdtemp(join(tmpdir(), "kills-"));
  const company = await startCompany(nonce);
  withoutDelays(company.world);
  shareApplication(company);
  const files = await smallRepository(nonce, inputs);
  const workflow = `${files[paths.gate]}`
    .replace("env:\n", `env:\n          TMPDIR: ${scratch}\n`)
    .replace(/ +gate-client-id: .*\n/, (line) => (ownApplication ? "" : line));
  return {
    push: { branch: "main", files: { ...files, [paths.gate]: Buffer.from(workflow) }, wholeTree: true },
    company: {
      ...company,
      close: async () => {
        await company.close();
        await rm(scratch, { recursive: true, force: true });
      },
    } satisfies Company,
  };
}

function shareApplication({ world: { entra } }: Company): void {
  const { directory, cast } = entra;
  const found = directory.application(cast.applications.gate.appId);
  if (found === undefined) throw new Error("no gate application");
  const role = { id: crypto.randomUUID(), value: others.role, displayName: "x", description: "x" };
  directory.writeApplication(found.id, {
    ...found,
    appRoles: [...found.appRoles, { ...role, isEnabled: true, allowedMemberTypes: ["User"] }],
    web: { ...found.web, redirectUris: [...found.web.redirectUris, others.redirectUri] },
  });
}

async function settledCompany(inputs: Readonly<Record<string, string>> = {}): Promise<Company> {
  const { company, push } = await emptyCompany(inputs, false);
  const first = await company.push(push);
  if (first.gate?.conclusion !== "success") throw new Error(first.gate?.log ?? "no gate ran");
  return company;
}

const firstPushes = new WeakMap<Company, Parameters<Company["push"]>[0]>();

function firstPush(ownApplication: boolean): Scenario {
  return {
    uses: 1,
    async start() {
      const { company, push } = await emptyCompany({}, ownApplication);
      firstPushes.set(company, push);
      return company;
    },
    async happen(company) {
      const push = firstPushes.get(company);
      if (push === undefined) throw new Error("this company has pushed before");
      const { sha, events } = await company.world.github.activities.push(company.world.demo.repository, push);
      return { commit: sha, events };
    },
  };
}

/** A branch with a change, and a pull request for it. */
export async function pullRequest({ world }: Company): Promise<Occasion> {
  const { activities } = world.github;
  const { repository } = world.demo;
  made += 1;
  const branch = `change-${made}`;
  const { sha } = await activities.push(repository, { branch, files: { "x.txt": Buffer.from(branch) } });
  const { pull, events } = await activities.openPullRequest(repository, { branch });
  return { commit: sha, pullRequest: pull.number, events };
}

/** The pull request of that occasion is closed. */
export async function closed({ world }: Company, opened: Occasion): Promise<Occasion> {
  const { github, demo } = world;
  const events = await github.activities.closePullRequest(demo.repository, opened.pullRequest ?? 0);
  return { ...opened, events };
}

/** A push into an empty world. */
export const emptyWorld = firstPush(false);

/** Everything that the action is asked to do, by the name that the tests give it. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  "a first push": emptyWorld,
  "a first push that creates the application": firstPush(true),
  "a push that renews every credential": {
    uses: 6,
    start: () => settledCompany({ rotate: '"true"' }),
    async happen({ world }) {
      made += 1;
      const files = { "x.txt": Buffer.from(`${made}`) };
      const push = { branch: "main", files };
      const { sha, events } = await world.github.activities.push(world.demo.repository, push);
      return { commit: sha, events };
    },
  },
  "a pull request": { uses: 12, start: () => settledCompany(), happen: pullRequest },
  "a pull request that is closed": {
    uses: 12,
    start: () => settledCompany(),
    async happen(company) {
      const opened = await pullRequest(company);
      const ran = await company.run(opened.events);
      if (ran.gate?.conclusion !== "success") throw new Error(ran.gate?.log ?? "no gate ran");
      return closed(company, opened);
    },
  },
};
