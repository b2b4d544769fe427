import { describe, expect, it } from "vitest";
import { CommandFault } from "../../../../pages-plugin/src/cli/fault.ts";
import { removeSetup } from "../../../../pages-plugin/src/cli/setup/remove.ts";
import { runSetup } from "../../../../pages-plugin/src/cli/setup/run.ts";
import { Denied, type SetupStep } from "../../../../pages-plugin/src/cli/setup/step.ts";
import { ActionError } from "../../../../src/errors.ts";
import { contextWith } from "./context.ts";

/** A service that holds names; what it is told is seen `lag` looks later, as with replicas. */
class Shelf {
  readonly things = new Map<string, { by: "setup" | "others"; lag: number }>();
  readonly calls: string[] = [];

  put(name: string, by: "setup" | "others" = "others", lag = 0): void {
    this.things.set(name, { by, lag });
  }
}

function stepOn(shelf: Shelf, id: string, over: Partial<SetupStep> = {}): SetupStep {
  return {
    id,
    service: "entra",
    title: `Make ${id}`,
    why: "because",
    wont: "nothing else",
    role: "Application Developer",
    shell: [],
    byHand: "",
    async look() {
      const thing = shelf.things.get(id);
      if (thing === undefined) return { state: "missing" };
      thing.lag -= 1;
      return thing.lag < 0 ? { state: "done" } : { state: "missing" };
    },
    async apply() {
      shelf.calls.push(`apply ${id}`);
      shelf.put(id, "setup", 2);
      return [`made ${id}`];
    },
    async made() {
      return shelf.things.get(id)?.by === "setup" ? [id] : [];
    },
    async remove() {
      shelf.calls.push(`remove ${id}`);
      shelf.things.delete(id);
    },
    ...over,
  };
}

const silent = { dryRun: false, tell: () => {} };

describe("runSetup", () => {
  it("does what is missing, in order, and the second time nothing", async () => {
    const shelf = new Shelf();
    shelf.put("b");
    const steps = ["a", "b", "c"].map((id) => stepOn(shelf, id));
    await runSetup(steps, contextWith(), silent);
    expect(shelf.calls).toEqual(["apply a", "apply c"]);
    await runSetup(steps, contextWith({ ask: { confirm: () => expect.unreachable() } }), silent);
    expect(shelf.calls).toHaveLength(2);
  });

  it("changes nothing in a dry run or without a yes", async () => {
    const shelf = new Shelf();
    const steps = [stepOn(shelf, "a")];
    const { data } = await runSetup(steps, contextWith(), { ...silent, dryRun: true });
    expect(data).toMatchObject({ dryRun: true, steps: [{ id: "a", state: "missing", changed: [] }] });
    await expect(
      runSetup(steps, contextWith({ ask: { confirm: async () => false } }), silent),
    ).rejects.toMatchObject({ code: "setup-declined" });
    expect(shelf.calls).toEqual([]);
  });

  it("stops at a refusal with who may and how to hand it on; what was done before stays", async () => {
    const shelf = new Shelf();
    const refused = stepOn(shelf, "b", {
      apply: async () => {
        throw new Denied("Graph said no", "Privileged Role Administrator");
      },
    });
    const run = runSetup([stepOn(shelf, "a"), refused, stepOn(shelf, "c")], contextWith(), silent);
    const fault = await run.then(
      () => expect.unreachable(),
      (thrown: CommandFault) => thrown,
    );
    expect(fault.code).toBe("setup-denied");
    expect(fault.message).toMatch(
      /Make b.*Graph said no[\s\S]*Privileged Role Administrator[\s\S]*--print ticket/,
    );
    expect(shelf.calls).toEqual(["apply a"]);
  });

  it("tells of all missing logins before it makes anything", async () => {
    const shelf = new Shelf();
    const without = (id: string) =>
      stepOn(shelf, id, {
        look: async () => {
          throw new CommandFault("login-missing", `no login for ${id}`);
        },
      });
    const run = runSetup([stepOn(shelf, "a"), without("b"), without("c")], contextWith(), silent);
    await expect(run).rejects.toMatchObject({
      code: "login-missing",
      message: expect.stringMatching(/no login for b\nno login for c/),
    });
    expect(shelf.calls).toEqual([]);
  });

  it("tells at once, and each once, what only a person can mend", async () => {
    const shelf = new Shelf();
    const odd = (id: string, what: string) =>
      stepOn(shelf, id, {
        look: async () => {
          throw new CommandFault("group-unknown", what);
        },
      });
    const steps = [stepOn(shelf, "a"), odd("b", "one thing"), odd("c", "one thing"), odd("d", "another")];
    const fault = await runSetup(steps, contextWith(), silent).then(
      () => expect.unreachable(),
      (thrown: CommandFault) => thrown,
    );
    expect(fault.code).toBe("group-unknown");
    expect(fault.message.match(/one thing|another/g)).toEqual(["one thing", "another"]);
    expect(shelf.calls).toEqual([]);
  });

  it("does not believe a write that is never to be seen, and passes on the client's codes", async () => {
    const shelf = new Shelf();
    const lost = stepOn(shelf, "a", { look: async () => ({ state: "missing" }) });
    await expect(runSetup([lost], contextWith(), silent)).rejects.toMatchObject({ code: "setup-unsettled" });
    const down = stepOn(shelf, "b", {
      apply: async () => {
        throw new ActionError("service-failing", "Graph");
      },
    });
    await expect(runSetup([down], contextWith(), silent)).rejects.toMatchObject({ code: "service-failing" });
  });

  it("leaves what has to wait", async () => {
    const shelf = new Shelf();
    const later = stepOn(shelf, "a", { look: async () => ({ state: "waiting", detail: "the first run" }) });
    const { data } = await runSetup([later], contextWith(), silent);
    expect(data).toMatchObject({ steps: [{ state: "waiting", detail: "the first run" }] });
    expect(shelf.calls).toEqual([]);
  });
});

describe("removeSetup", () => {
  it("takes away the last first, and only what setup made", async () => {
    const shelf = new Shelf();
    shelf.put("a", "setup");
    shelf.put("b", "others");
    shelf.put("c", "setup");
    const steps = ["a", "b", "c"].map((id) => stepOn(shelf, id));
    await removeSetup(steps, contextWith(), { ...silent, dryRun: true });
    expect(shelf.calls).toEqual([]);
    await removeSetup(steps, contextWith(), silent);
    expect(shelf.calls).toEqual(["remove c", "remove a"]);
    expect([...shelf.things.keys()]).toEqual(["b"]);
  });

  it("asks first", async () => {
    const shelf = new Shelf();
    shelf.put("a", "setup");
    await expect(
      removeSetup([stepOn(shelf, "a")], contextWith({ ask: { confirm: async () => false } }), silent),
    ).rejects.toMatchObject({ code: "setup-declined" });
    expect(shelf.calls).toEqual([]);
  });
});
