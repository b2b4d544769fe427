import { describe, expect, it } from "vitest";
import { readSiteConfig } from "../../../pages-plugin/src/site/site-config.ts";
import {
  codeOf,
  config,
  makeGate,
  makeWorld,
  navigation,
  policy,
  sessionCookie,
  startTime,
} from "./support.ts";

const expires = startTime / 1000 + 600;
const limited = { ...config, policy: { ...policy, expires: 86_400 }, expires };

describe("a preview that lives for a limited time", () => {
  it("answers as any other until then", async () => {
    const world = makeWorld();
    const { ask } = makeGate({ world, config: limited });
    world.now = expires * 1000 - 1;
    expect((await ask("/open/x")).status).toBe(200);
    expect((await ask("/docs", { headers: { ...navigation, cookie: await sessionCookie() } })).status).toBe(
      200,
    );
  });

  it("is 410 on every path from then on, open or not, signed in or not, and the site behind hears nothing", async () => {
    const world = makeWorld();
    const { ask, reached } = makeGate({ world, config: limited });
    const cookie = await sessionCookie();
    expect((await ask("/docs", { headers: { ...navigation, cookie } })).status).toBe(200);
    world.now = expires * 1000;
    for (const path of ["/", "/open/x", "/docs", "/admin/x", "/%2e%2e%2fdocs", "/a%2Fb", "/favicon.ico"]) {
      for (const headers of [navigation, { ...navigation, cookie }, { accept: "*/*" }]) {
        const answer = await ask(path, { headers });
        expect([answer.status, await codeOf(answer)]).toEqual([410, "preview-expired"]);
        expect(answer.headers.get("cache-control")).toBe("no-store");
      }
    }
    expect(reached).toHaveLength(1);
    const [event] = (await world.events()).slice(-1);
    expect(event).toMatchObject({ status_code: "preview-expired" });
  });

  it("has a page of its own that starts no sign-in", async () => {
    const world = makeWorld();
    const { ask } = makeGate({ world, config: limited });
    world.now = expires * 1000 + 1;
    const text = await (await ask("/docs", { headers: navigation })).text();
    expect(text).toContain("This preview has ended");
    expect(text).not.toContain("/.auth/login");
    expect(text).not.toContain("<script");
  });

  it("still says which deployment it was", async () => {
    const world = makeWorld();
    const { ask } = makeGate({ world, config: limited });
    world.now = expires * 1000;
    expect((await ask("/.auth/status")).status).toBe(200);
  });

  it.each([
    ["the policy limits it and nobody said when it began", { ...limited, expires: undefined }],
    ["it ends and the policy doesn't say so", { ...config, expires }],
    ["the end is no time", { ...limited, expires: "soon" }],
    ["the end is infinite", { ...limited, expires: Number.POSITIVE_INFINITY }],
  ])("is closed where %s", (_, value) => {
    expect(readSiteConfig(value).ok).toBe(false);
  });
});
