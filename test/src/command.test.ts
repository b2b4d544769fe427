import { describe, expect, it } from "vitest";
import { commandOf } from "../../src/command.ts";
import type { GateEvent } from "../../src/event.ts";

const named = (name: string, more: object = {}) => ({ name, ...more }) as unknown as GateEvent;

describe("commandOf", () => {
  it("infers the command from the event", () => {
    expect(commandOf(undefined, named("workflow_run"))).toBe("protect");
    for (const name of ["pull_request", "pull_request_target"]) {
      expect(commandOf(undefined, named(name, { action: "opened" }))).toBe("protect");
      expect(commandOf(undefined, named(name, { action: "closed" }))).toBe("cleanup");
    }
    expect(commandOf(undefined, named("schedule"))).toBe("audit");
  });

  it("lets the workflow say otherwise", () => {
    expect(commandOf("protect", named("workflow_dispatch"))).toBe("protect");
  });

  it("has none for an event that asks for nothing, or for anything", () => {
    expect(() => commandOf(undefined, named("workflow_dispatch"))).toThrow(
      expect.objectContaining({ code: "event-unsupported" }),
    );
    expect(() => commandOf(undefined, named("other", { trigger: "push" }))).toThrow(
      expect.objectContaining({ code: "event-unsupported", detail: 'Event: "push".' }),
    );
  });
});
