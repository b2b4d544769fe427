import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostTransactions } from "../../../pages-plugin/src/session/host-transaction.ts";
import { newTransactionId } from "../../../pages-plugin/src/session/sealed-transaction.ts";

const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
const prefix = "__Host-entra-gate-htx-";

describe("a transaction's id", () => {
  test("sorts by age and is never met twice", () => {
    const moment = fc.integer({ min: 1_700_000_000, max: 4_000_000_000 });
    fc.assert(
      fc.property(moment, moment, (a, b) => {
        fc.pre(a !== b);
        const [first, second] = [newTransactionId(a, random), newTransactionId(b, random)];
        expect(first < second).toBe(a < b);
        expect(first).toMatch(/^[0-9a-z]{22}$/);
      }),
    );
    expect(newTransactionId(1, random)).not.toBe(newTransactionId(1, random));
  });
});

describe("making room", () => {
  test("keeps the three youngest and nothing of it touches other cookies", () => {
    const names = [5, 1, 4, 2, 3].map((second) => prefix + newTransactionId(1_800_000_000 + second, random));
    const jar = new Map([...names, "__Host-entra-gate-host", "other"].map((name) => [name, ["v"]]));
    const cleared = hostTransactions.evict(jar).map((line) => line.split("=")[0]);
    expect(cleared.sort()).toEqual([names[1], names[3]].sort());
  });

  test("is not needed for three", () => {
    const jar = new Map([1, 2, 3].map((second) => [prefix + newTransactionId(second, random), ["v"]]));
    expect(hostTransactions.evict(jar)).toEqual([]);
  });
});
