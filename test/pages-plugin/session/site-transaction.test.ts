import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCookies } from "../../../pages-plugin/src/http/cookies.ts";
import { challengeOf } from "../../../pages-plugin/src/session/site-ticket.ts";
import {
  clearTransactions,
  findTransaction,
  startTransaction,
  usedTransactionCookie,
} from "../../../pages-plugin/src/session/site-transaction.ts";
import { siteOrigin, startTime } from "../site/support.ts";

const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));

/** What a browser keeps after these Set-Cookie lines. */
function browser(jar: Map<string, string>, lines: readonly string[]): string {
  for (const line of lines) {
    const [pair = ""] = line.split(";");
    const equals = pair.indexOf("=");
    if (/Max-Age=0(;|$)/.test(line)) jar.delete(pair.slice(0, equals));
    else jar.set(pair.slice(0, equals), pair.slice(equals + 1));
  }
  return [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
}

describe("site transactions", () => {
  it("keeps verifier and return target in a cookie that comes with a cross-site POST", async () => {
    const { id, challenge, cookies } = await startTransaction("/x?y=ü", readCookies(null), random, startTime);
    expect(cookies).toHaveLength(1);
    expect(cookies[0]).toMatch(
      /^__Host-entra-gate-tx-[\w-]{22}=[^;]*; Path=\/; Max-Age=600; Secure; HttpOnly; SameSite=None$/,
    );
    const found = findTransaction(id, readCookies(browser(new Map(), cookies)), siteOrigin, startTime);
    expect(found?.returnTo).toBe("/x?y=%C3%BC");
    expect(await challengeOf(found?.verifier ?? "")).toBe(challenge);
  });

  it("ends after ten minutes, whatever the browser keeps", async () => {
    const { id, cookies } = await startTransaction("/", readCookies(null), random, startTime);
    const jar = readCookies(browser(new Map(), cookies));
    expect(findTransaction(id, jar, siteOrigin, startTime + 599_000)).toBeDefined();
    expect(findTransaction(id, jar, siteOrigin, startTime + 600_000)).toBeUndefined();
  });

  it("oauth2-proxy#611: two tabs keep theirs apart; of more than four the oldest goes", async () => {
    const jar = new Map<string, string>();
    const ids: string[] = [];
    let header = "";
    for (let tab = 0; tab < 6; tab++) {
      const now = startTime + tab * 1000;
      const started = await startTransaction(`/tab-${tab}`, readCookies(header), random, now);
      header = browser(jar, started.cookies);
      ids.push(started.id);
    }
    expect(jar.size).toBe(4);
    const targets = ids.map(
      (id) => findTransaction(id, readCookies(header), siteOrigin, startTime + 6000)?.returnTo,
    );
    expect(targets).toEqual([undefined, undefined, "/tab-2", "/tab-3", "/tab-4", "/tab-5"]);
  });

  it("once used, only says where it leads, and gives way first", async () => {
    const jar = new Map<string, string>();
    const first = await startTransaction("/first", readCookies(null), random, startTime);
    let header = browser(jar, first.cookies);
    const found = findTransaction(first.id, readCookies(header), siteOrigin, startTime);
    if (found) header = browser(jar, [usedTransactionCookie(found, startTime + 63_000)]);
    expect(findTransaction(first.id, readCookies(header), siteOrigin, startTime + 64_000)).toEqual({
      id: first.id,
      verifier: "",
      returnTo: "/first",
    });
    for (let tab = 0; tab < 4; tab++) {
      const started = await startTransaction("/", readCookies(header), random, startTime + 61_000 + tab);
      header = browser(jar, started.cookies);
    }
    expect(jar.has(`__Host-entra-gate-tx-${first.id}`)).toBe(false);
  });

  it("trusts nothing for having been in a cookie", async () => {
    const id = "A".repeat(22);
    const name = `__Host-entra-gate-tx-${id}`;
    const seconds = startTime / 1000;
    const find = (value: string) =>
      findTransaction(id, readCookies(`${name}=${value}`), siteOrigin, startTime);
    const evil = btoa("//evil.example/").replace(/=+$/, "");
    expect(find(`${seconds}.${"v".repeat(43)}.${evil}`)?.returnTo).toBe("/");
    expect(find(`${seconds}.short.Lw`)).toBeUndefined();
    expect(
      findTransaction(
        id,
        readCookies(`${name}=${seconds}..Lw; ${name}=${seconds}..Lw`),
        siteOrigin,
        startTime,
      ),
    ).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), (value) => {
        const found = find(value.replace(/[;\s]/g, ""));
        expect(found === undefined || found.returnTo.startsWith("/")).toBe(true);
      }),
    );
  });

  it("cookie bomb: clears what it can name, and does not fall over names it can't", async () => {
    const header = Array.from({ length: 200 }, (_, index) => `__Host-entra-gate-tx-${index}=x`).join("; ");
    const jar = readCookies(`${header}; __Host-entra-gate-tx-ü=x; __Host-entra-gate-tx-a"b=x`);
    const { cookies } = await startTransaction("/", jar, random, startTime);
    expect(cookies.length).toBeGreaterThan(40);
    expect(cookies.length).toBeLessThan(60);
    expect(clearTransactions(jar)).toHaveLength(50);
  });
});
