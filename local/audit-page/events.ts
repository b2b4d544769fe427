import { authenticationEvent, entityManagementEvent } from "../../contract/audit/events.ts";
import type { AuditEvent, AuditVisitor } from "../../contract/audit/model.ts";

/** Two weeks of a small company's audit events, the same ones each time: for pictures and for tests of the page. */
export const tenantId = "5a0c1f7e-3d24-4b8e-9c61-7f2e8d1b4a90";
export const projects = ["harbour", "lighthouse", "tide-tables"] as const;
export const hostOrigin = "http://acme-sign-in.localhost";

const day = 86_400_000;
const hour = 3_600_000;

const people: readonly AuditVisitor[] = [
  "Ada Moreau",
  "Ben Okafor",
  "Chiara Rossi",
  "Dmitri Sokolov",
  "Elif Yıldız",
  "Fumiko Tanaka",
  "Gustavo Pereira",
  "Hanna Lindqvist",
].map((name, index) => ({
  name,
  kind: index === 6 ? "guest" : "user",
  tid: tenantId,
  oid: `0b7d3c1e-52a4-4f0e-9d11-0000000000${String(10 + index)}`,
}));
const stranger: AuditVisitor = {
  name: "Mallory Vance",
  kind: "guest",
  tid: tenantId,
  oid: "f3e1d0c9-1111-4222-8333-444455556666",
};

/** Numbers that look thrown and are the same each time (Lehmer, 1951). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

interface Place {
  readonly project?: string;
  readonly pull?: number;
  readonly commit?: string;
}

type Made = Pick<
  Parameters<typeof entityManagementEvent>[0],
  "activity" | "entity" | "comment" | "origins" | "expires"
>;

/** Writes events down, one after the other. */
class Story {
  readonly events: AuditEvent[] = [];
  readonly roll = dice(20_261_123);

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.roll() * list.length)] as T;
  }

  signIn(
    time: number,
    who: AuditVisitor | undefined,
    where: Place,
    activity: "sign-in" | "ticket" | "sign-out",
    refused?: string,
  ): void {
    const reference = Array.from({ length: 10 }, () => this.pick([..."0123456789ABCDEFGHJKMNPQRSTVWXYZ"]));
    this.events.push(
      authenticationEvent({
        ...this.#occurrence(time, "host", where),
        activity,
        success: refused === undefined,
        code: refused ?? (activity === "ticket" ? "admitted" : "signed-in"),
        service: originOf(where),
        visitor: who,
        request: { method: "GET", url: new URL(`${hostOrigin}/.auth/authorize`) },
        ...(refused === undefined ? {} : { reference: reference.join("").replace(/^(.{5})/, "$1-") }),
      }),
    );
  }

  change(time: number, made: Made, where: Place = {}): void {
    const repository = `acme/${where.project ?? "harbour"}`;
    const codes: Readonly<Record<string, string>> = { create: "created", delete: "deleted" };
    this.events.push(
      entityManagementEvent({
        ...made,
        ...this.#occurrence(time, "action", where),
        success: true,
        code: codes[made.activity] ?? "updated",
        actor: {
          app: "8b4c0d63-95e2-4f1d-b8a6-2d3e4f5a6b01",
          repository,
          run: `https://github.com/${repository}/actions/runs/${17_000_000 + this.events.length}`,
          login: this.pick(["ada-moreau", "benok", "chiara-r"]),
        },
      }),
    );
  }

  #occurrence(time: number, role: "host" | "action", { project, pull, commit }: Place) {
    const environment = pull === undefined ? "production" : "preview";
    return {
      context: {
        role,
        version: "0.1.0",
        project,
        pullRequest: pull,
        commit,
        environment: project === undefined ? undefined : environment,
      },
      time,
      uid: `sample-${this.events.length}`,
    } as const;
  }
}

function originOf({ project, pull }: Place): string {
  if (project === undefined) return hostOrigin;
  return pull === undefined ? `https://${project}.pages.dev` : `https://pr-${pull}.${project}.pages.dev`;
}

function commitOf(pull: number, push: number): string {
  const digits = ((pull * 7_919 + push * 104_729) * 2_654_435_761) % 4_294_967_296;
  return digits.toString(16).padStart(8, "0").repeat(5);
}

const projectOf = (pull: number): string => projects[pull % 3] as string;

/** What the action did: credentials, deployments of each pull request and of production. */
function changes(story: Story, now: number): void {
  const secret = {
    type: "credential",
    uid: "7b1c6d1e-9a2f-4c55-8a10-6f0e2b7d9c31",
    name: "client secret",
  } as const;
  story.change(now - 13 * day, { activity: "create", entity: secret, expires: now + 77 * day });
  for (let pull = 31; pull <= 47; pull += 1)
    for (let push = 0; push < 1 + (pull % 3); push += 1) {
      const [project, commit] = [projectOf(pull), commitOf(pull, push)];
      const url = `https://${commit.slice(0, 8)}.${project}.pages.dev`;
      const made = {
        activity: "create",
        entity: { type: "deployment", uid: `d-${pull}-${push}`, name: url },
        comment: "behind the gate",
        origins: [url, originOf({ project, pull })],
      } as const;
      story.change(now - (48 - pull) * 0.8 * day + push * 9 * hour, made, { project, pull, commit });
    }
  for (const project of projects) {
    const url = `https://1f00ba11.${project}.pages.dev`;
    const made = {
      activity: "create",
      entity: { type: "deployment", uid: `live-${project}`, name: url },
      comment: project === "tide-tables" ? "not gated, as the policy says" : "behind the gate",
      origins: [url, originOf({ project })],
    } as const;
    story.change(now - 2 * day, made, { project, commit: commitOf(99, 1) });
  }
  const application = {
    type: "application",
    uid: "6f3a9b52-84d1-4e0c-a7f5-1c2d3e4f5a01",
    name: "Entra Gate",
  } as const;
  story.change(now - 1.2 * day, { activity: "update", entity: application, comment: "app role Site.Admin" });
}

/** Somebody opens a preview or production, in working hours rather than at night. */
function visit(story: Story, time: number, now: number): void {
  const date = new Date(time);
  const weekend = date.getUTCDay() % 6 === 0;
  const office = date.getUTCHours() > 6 && date.getUTCHours() < 18;
  if (story.roll() > (weekend ? 0.02 : office ? 0.42 : 0.03)) return;
  const who = story.pick(people);
  const newest = Math.max(31, Math.floor(47 - (now - time) / day / 0.8));
  const pull = Math.max(31, newest - Math.floor(story.roll() * 3));
  const where =
    story.roll() < 0.75 ? { project: projectOf(pull), pull } : { project: story.pick(projects.slice(0, 2)) };
  const at = time + Math.floor(story.roll() * 500_000);
  if (story.roll() < 0.35) story.signIn(at - 900, who, where, "sign-in");
  story.signIn(at, who, where, "ticket", story.roll() < 0.03 ? "entry-refused" : undefined);
  if (story.roll() < 0.05) story.signIn(at + 200_000, who, {}, "sign-out");
  if (story.roll() < 0.02) story.signIn(at + 1000, undefined, {}, "sign-in", "callback-state-missing");
}

/** One night somebody tries every door. */
function intruder(story: Story, now: number): void {
  const night = Math.floor((now - 1.5 * day) / day) * day + 2.2 * hour;
  story.signIn(night - 60_000, stranger, { project: "harbour", pull: 42 }, "sign-in", "entra-access-denied");
  for (let attempt = 0; attempt < 27; attempt += 1) {
    const nobody = attempt % 4 === 3;
    const pull = 36 + 3 * (attempt % 4);
    const code = nobody ? "callback-transaction-missing" : "entry-refused";
    story.signIn(
      night + attempt * 70_000,
      nobody ? undefined : stranger,
      { project: "harbour", pull },
      "ticket",
      code,
    );
  }
}

/**
 * @param now milliseconds since 1970; events lie in the two weeks before
 */
export function sampleEvents(now: number): AuditEvent[] {
  const story = new Story();
  changes(story, now);
  for (let time = now - 14 * day; time < now; time += 10 * 60_000) visit(story, time, now);
  intruder(story, now);
  return story.events.filter(({ time }) => time < now).sort((one, other) => one.time - other.time);
}
