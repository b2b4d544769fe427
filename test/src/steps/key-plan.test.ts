import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newKeyId, notAfterOf } from "../../../contract/keys/key-id.ts";
import { cookieKind, type KeyKind, planKeys, signingKind } from "../../../src/steps/key-plan.ts";
import { keysHeardOf } from "../../../src/steps/sign-in-deployment.ts";
import type { StoredVariables } from "../../../src/steps/sign-in-variables.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const start = Date.UTC(2026, 10, 25, 9);

type Stored = Record<string, { type: string; value: string }>;
type Plan = ReturnType<typeof planKeys>;

/** Writes what a plan says, as the action does. */
function apply(stored: Stored, kind: KeyKind, plan: Plan, now: number): void {
  const made = plan.make ? newKeyId(now) : undefined;
  if (made !== undefined) stored[kind.prefix + made] = { type: "secret_text", value: "" };
  const active = plan.active ?? made ?? "";
  const next = plan.next ?? (made === active ? undefined : made);
  stored[kind.active] = { type: "plain_text", value: active };
  stored[kind.since] = { type: "plain_text", value: plan.since };
  delete stored[kind.next];
  if (next !== undefined) stored[kind.next] = { type: "plain_text", value: next };
  for (const kid of plan.remove) delete stored[kind.prefix + kid];
}

/** A host's project on which runs of the action follow each other; every run is checked. */
function simulate(kind: KeyKind) {
  const stored: Stored = {};
  let deployed = 0;
  let live: string[] = [];
  const usedUntil = new Map<string, number>();
  const keys = () =>
    Object.keys(stored)
      .filter((name) => name.startsWith(kind.prefix))
      .map((name) => name.slice(kind.prefix.length));
  const active = () => stored[kind.active]?.value ?? "";
  const ended = (kid: string, now: number) => now >= (notAfterOf(kid) ?? 0) * 1000;

  const check = (plan: Plan, wasActive: string, now: number): void => {
    expect(keys()).toContain(active());
    expect(ended(active(), now)).toBe(false);
    // What it made has ended, or it has itself.
    for (const kid of plan.remove)
      expect(now >= (usedUntil.get(kid) ?? 0) + kind.overlap || ended(kid, now)).toBe(true);
    if (wasActive === "" || wasActive === active() || ended(wasActive, now)) return;
    expect(live).toContain(active());
    expect(now).toBeGreaterThanOrEqual(deployed + 10 * minute);
  };

  return {
    stored,
    keys,
    active,
    /** Runs the action at a moment. Tickets and sessions are made until the next one. */
    run(now: number, rotate = false): Plan {
      const wasActive = keys().includes(active()) ? active() : "";
      usedUntil.set(wasActive, now);
      const status = { version: "", role: "host", bundle: "" } as const;
      const said = { ...status, keys: { signing: live, cookie: "", entra: "" } };
      const heardOf = keysHeardOf(said, new Date(deployed).toISOString(), now);
      const plan = planKeys(stored as StoredVariables, kind, { now, rotate, heardOf });
      const before = JSON.stringify(stored);
      apply(stored, kind, plan, now);
      check(plan, wasActive, now);
      if (JSON.stringify(stored) === before) return plan;
      deployed = now;
      live = keys();
      return plan;
    },
  };
}

describe.each([
  ["signing keys", signingKind],
  ["cookie keys", cookieKind],
])("%s", (_, kind) => {
  it("begin with one, and stay as they are until two thirds of its life", () => {
    const host = simulate(kind);
    host.run(start);
    const first = host.active();
    for (let passed = 0; passed < 119; passed += 7)
      expect(host.run(start + passed * day)).toMatchObject({ make: false, remove: [], next: undefined });
    expect(host.active()).toBe(first);
  });

  it("are replaced in three runs: published, used, the old one removed", () => {
    const host = simulate(kind);
    host.run(start);
    const first = host.active();
    const published = start + 120 * day;
    host.run(published);
    expect([host.active(), host.keys().length]).toEqual([first, 2]);
    host.run(published + 9 * minute);
    expect(host.active()).toBe(first);
    host.run(published + 10 * minute);
    expect(host.active()).not.toBe(first);
    host.run(published + 10 * minute + kind.overlap - 1);
    expect(host.keys()).toContain(first);
    host.run(published + 10 * minute + kind.overlap);
    expect(host.keys()).toEqual([host.active()]);
  });

  it("are replaced on demand, once for each demand", () => {
    const host = simulate(kind);
    host.run(start);
    const first = host.active();
    host.run(start + hour, true);
    host.run(start + hour + minute, true);
    expect([host.active(), host.keys().length]).toEqual([first, 2]);
    host.run(start + 2 * hour, true);
    expect([host.active() === first, host.keys().length]).toEqual([false, 2]);
  });

  it("an administrator who deletes the key in use gets another one that is in use at once", () => {
    const host = simulate(kind);
    host.run(start);
    const first = host.active();
    delete host.stored[kind.prefix + first];
    host.run(start + hour);
    expect(host.keys()).toEqual([host.active()]);
    expect(host.active()).not.toBe(first);
  });

  it("with nobody running the action for longer than a key lives there is a new one at once", () => {
    const host = simulate(kind);
    host.run(start);
    const first = host.active();
    host.run(start + 400 * day);
    expect(host.keys()).toEqual([host.active()]);
    expect(host.active()).not.toBe(first);
  });

  it("whenever runs come, a key is used only after every site heard of it, and goes only after its last ticket", () => {
    const step = fc.record({
      after: fc.oneof(fc.integer({ min: 1, max: 20 * minute }), fc.integer({ min: hour, max: 50 * day })),
      rotate: fc.integer({ min: 0, max: 9 }).map((drawn) => drawn === 0),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
        const host = simulate(kind);
        let now = start;
        for (const { after, rotate } of steps) {
          host.run(now, rotate);
          expect(host.keys().length).toBeLessThan(20);
          now += after;
        }
      }),
    );
  });
});

describe("keysHeardOf", () => {
  const keys = { signing: ["a", "b"], cookie: "c", cookies: ["c", "d"], entra: "e" };
  const live = { version: "1.0.0", role: "host", bundle: "b", keys } as const;
  const at = new Date(start).toISOString();

  it("is what a deployment of ten minutes has", () => {
    expect([...keysHeardOf(live, at, start + 10 * minute)]).toEqual(["a", "b", "c", "d"]);
    expect(keysHeardOf(live, at, start + 10 * minute - 1).size).toBe(0);
  });

  it("is nothing where nobody knows how old the deployment is, or nothing answers", () => {
    expect(keysHeardOf(live, undefined, start).size).toBe(0);
    expect(keysHeardOf(live, "", start).size).toBe(0);
    expect(keysHeardOf(undefined, at, start + day).size).toBe(0);
  });
});
