import { describe, expect, it } from "vitest";
import { site } from "../host/support/world.ts";
import { both } from "./both.ts";

describe("site and sign-in host together", () => {
  it("from 401 to the page, and back again without a question when the ticket has ended", async () => {
    const { host, visit, arrive } = await both();
    expect((await visit("/docs")).status).toBe(401);
    const accepted = await arrive(true);
    expect(accepted.status).toBe(303);
    expect(await (await visit(accepted.headers.get("location") ?? "")).text()).toContain('href="/docs"');
    expect(await (await visit("/docs")).text()).toMatch(/^content for [0-9a-f-]{36}$/);
    host.clock.now += 3600_000;
    expect((await visit("/docs")).status).toBe(401);
  });

  it("a second sign-in within the claims' time asks Entra nothing", async () => {
    const { visit, arrive } = await both();
    await arrive(true);
    await visit("/.auth/logout", {
      method: "POST",
      headers: { origin: site, "sec-fetch-site": "same-origin" },
    });
    expect((await visit("/docs")).status).toBe(401);
    expect((await arrive(false)).status).toBe(303);
    expect((await visit("/docs")).status).toBe(200);
  });
});
