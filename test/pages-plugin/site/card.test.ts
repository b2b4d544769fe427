import { describe, expect, it } from "vitest";
import { isCardPage } from "../../../contract/probes/card-page.ts";
import { config, makeGate, navigation, policy, sessionCookie, siteOrigin } from "./support.ts";

const fetcher = { accept: "text/html,application/xhtml+xml", "user-agent": "LinkPreview/1.0" };
const withCard = { ...config, policy: { ...policy, card: true, name: "Harbour “Handbook”" } };

describe("a program that shows links", () => {
  it("gets the sign-in page with its card, and 200 where the policy has card", async () => {
    const { ask, reached } = makeGate({ config: withCard });
    const answer = await ask("/docs?x=1", { headers: fetcher });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-entra-gate-code")).toBe("sign-in-required");
    expect(answer.headers.has("www-authenticate")).toBe(false);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const html = await answer.clone().text();
    const tags = Object.fromEntries(
      [...html.matchAll(/<meta property="og:([^"]+)" content="([^"]+)">/g)].map(([, name, text]) => [
        name,
        text,
      ]),
    );
    expect(tags).toEqual({
      title: "Harbour “Handbook”",
      description: "Sign in to see this page",
      image: `${siteOrigin}/.auth/card.png`,
      "image:width": "1200",
      "image:height": "630",
    });
    expect(html).not.toContain(`${siteOrigin}/docs`);
    expect(reached).toHaveLength(0);
    const body = Buffer.from(await answer.arrayBuffer());
    const headers = Object.fromEntries(answer.headers);
    expect(isCardPage({ status: answer.status, headers, body, sha256: "" })).toBe(true);
  });

  it.each([
    ["a browser", withCard, "/docs", { headers: navigation }, 401],
    ["a script", withCard, "/docs", { headers: { accept: "application/json" } }, 401],
    ["a command", withCard, "/docs", { headers: { accept: "*/*" } }, 401],
    ["HEAD", withCard, "/docs", { method: "HEAD", headers: fetcher }, 401],
    ["POST", withCard, "/docs", { method: "POST", headers: fetcher }, 401],
    [
      "another origin's script",
      withCard,
      "/docs",
      { headers: { ...fetcher, origin: "https://x.example" } },
      401,
    ],
    ["whoever asks for what can't be read", withCard, "/docs%2fx", { headers: fetcher }, 400],
    ["a fetcher where the policy has no card", config, "/docs", { headers: fetcher }, 401],
  ] as const)("%s: not with 200", async (_, config, path, init, status) => {
    expect((await makeGate({ config }).ask(path, init)).status).toBe(status);
  });

  it("that comes with a session which isn't good gets no 200, nor does anybody who is refused", async () => {
    const { ask } = makeGate({ config: withCard });
    const stale = await ask("/docs", { headers: { ...fetcher, cookie: "__Host-entra-gate-session=x" } });
    expect([stale.status, stale.headers.get("x-entra-gate-code")]).toEqual([401, "session-invalid"]);
    const cookie = await sessionCookie({ groups: [] });
    expect((await ask("/docs", { headers: { ...fetcher, cookie } })).status).toBe(403);
  });
});
