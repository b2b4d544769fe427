import fc from "fast-check";
import { expect, test } from "vitest";
import { createMemo } from "../../../pages-plugin/src/session/site-memo.ts";

test("a memo knows what was asked for last, forgets what was deleted, and never holds more than it may", () => {
  const most = 8;
  const step = fc.record({ does: fc.constantFrom("get", "set", "delete"), key: fc.nat(20).map(String) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const memo = createMemo<{ key: string }>(most);
      // In the order of last use; what was deleted keeps its place, since it took one.
      const model = new Map<string, { key: string } | undefined>();
      for (const { does, key } of steps) {
        const known = model.get(key);
        const hit = memo.get(key);
        // What it knows is right; what it must know is the half that was asked for last.
        if (hit !== undefined) expect(hit).toBe(known);
        if (known && [...model.keys()].slice(-most / 2).includes(key)) expect(hit).toBe(known);
        if (does === "delete") {
          memo.delete(key);
          model.delete(key);
          model.set(key, undefined);
          expect(memo.get(key)).toBeUndefined();
          continue;
        }
        if (does === "set") memo.set(key, { key });
        const now = memo.get(key);
        model.delete(key);
        if (now !== undefined) model.set(key, now);
      }
      const held = Array.from({ length: 21 }, (_, key) => String(key)).filter((key) => memo.get(key));
      expect(held.length).toBeLessThanOrEqual(most);
    }),
    { numRuns: 500 },
  );
});
