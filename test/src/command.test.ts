import { describe, expect, it } from "vitest";
import { commandOf } from "../../src/command.ts";
import type { GateEvent } from "../../src/event.ts";

const named = (name: string, trigger = "") => ({ name, trigger }) as unknown as GateEvent;

describe("commandOf", () => {
  it("infers the command from the event", () => {
    expect(commandOf(undefined, named("workflow_run"))).toBe("protect");
  });

  it("lets the workflow say otherwise", () => {
    expect(commandOf("protect", named("other", "schedule"))).toBe("protect");
  });

  it("has none for an event that asks for nothing", () => {
    expect(() => commandOf(undefined, named("other", "push"))).toThrow(
      expect.objectContaining({ code: "event-unsupported", detail: 'Event: "push".' }),
    );
  });
});
