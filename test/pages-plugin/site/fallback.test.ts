import { describe, expect, it } from "vitest";
import { codeOf, config, makeAssets, makeGate, policy, sessionCookie } from "./support.ts";

/** A site whose code only asks the asset server. */
function staticSite(files: Record<string, string>, singlePage = false, rules = policy.rules) {
  const { assets, asked } = makeAssets(files, singlePage);
  const made = makeGate({
    assets,
    site: (request) => assets.fetch(request),
    config: { ...config, policy: { ...policy, rules } },
  });
  return { ...made, asked };
}

describe("an open path without a file", () => {
  it("shows no closed 404.html", async () => {
    const { ask } = staticSite({ "/404.html": "secret links", "/open/x.html": "open" });
    const answer = await ask("/open/none");
    expect([answer.status, await codeOf(answer)]).toEqual([404, "fallback-closed"]);
    expect(await answer.text()).not.toContain("secret");
    expect(await (await ask("/open/x")).text()).toBe("open");
  });

  it("shows the nearest 404.html where that one is open", async () => {
    const { ask } = staticSite({ "/404.html": "secret", "/open/404.html": "open page" });
    expect(await (await ask("/open/a/b/none")).text()).toBe("open page");
    const inner = staticSite({ "/open/404.html": "x" }, false, [
      ...policy.rules.filter(({ path }) => path !== "/open/*"),
    ]);
    expect((await inner.ask("/open/none")).status).toBe(401);
  });

  it("shows no closed /index.html of a site of one page", async () => {
    const { ask, asked } = staticSite({ "/index.html": "secret app", "/open/x.html": "open" }, true);
    const answer = await ask("/open/none");
    expect([answer.status, await codeOf(answer)]).toEqual([404, "fallback-closed"]);
    const head = await ask("/open/none", { method: "HEAD" });
    expect(head.status).toBe(404);
    expect(await (await ask("/open/x")).text()).toBe("open");
    expect(asked.filter((path) => path === "/.auth/no-such-file")).toHaveLength(1);
  });

  it("shows it to who may see it anyway, at no cost", async () => {
    const { ask, asked } = staticSite({ "/index.html": "app" }, true);
    const headers = { "sec-fetch-site": "same-origin", cookie: await sessionCookie() };
    expect(await (await ask("/open/none", { headers })).text()).toBe("app");
    expect(asked).toEqual(["/open/none"]);
    const pages = staticSite({ "/404.html": "not here" });
    const answer = await pages.ask("/open/none", { headers });
    expect([answer.status, await answer.text()]).toEqual([404, "not here"]);
    expect(pages.asked).toEqual(["/open/none"]);
  });

  it("shows it to nobody who may see the path but not the file (a role for one folder)", async () => {
    const { ask } = staticSite({ "/404.html": "secret" });
    const headers = {
      "sec-fetch-site": "same-origin",
      cookie: await sessionCookie({ groups: [], roles: ["Site.Admin"] }),
    };
    const answer = await ask("/admin/none", { headers });
    expect(await codeOf(answer)).toBe("fallback-closed");
  });

  it("leaves an API's own 404 and pages without an ETag alone", async () => {
    const { assets } = makeAssets({ "/404.html": "secret", "/index.html": "secret" });
    const json = makeGate({ assets, site: () => Response.json({ error: "no such thing" }, { status: 404 }) });
    expect(await (await json.ask("/open/api")).json()).toEqual({ error: "no such thing" });
    const html = makeGate({
      assets,
      site: () => new Response("<p>rendered</p>", { headers: { "content-type": "text/html" } }),
    });
    expect(await (await html.ask("/open/page")).text()).toBe("<p>rendered</p>");
  });

  it("without an asset server to ask, an error page on an open path is the gate's own", async () => {
    const { ask } = makeGate({
      site: () => new Response("secret", { status: 404, headers: { "content-type": "text/html" } }),
    });
    expect(await codeOf(await ask("/open/none"))).toBe("fallback-closed");
  });
});
