import { describe, expect, it } from "vitest";
import { challengeOf } from "../../../pages-plugin/src/session/site-ticket.ts";
import {
  codeOf,
  config,
  cookiesOf,
  hostOrigin,
  key,
  makeGate,
  makeKey,
  makeWorld,
  navigation,
  reviewers,
  siteOrigin,
  ticketFor,
} from "./support.ts";

const fromHost = {
  "sec-fetch-site": "cross-site",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
};
const form = { ...fromHost, origin: hostOrigin, "content-type": "application/x-www-form-urlencoded" };

/** A browser that has begun to sign in: its cookies, and what the sign-in host was asked. */
async function begin(returnTo = "/docs?x=1", made = makeGate()) {
  const answer = await made.ask(`/.auth/login?${new URLSearchParams({ return_to: returnTo })}`, {
    headers: navigation,
  });
  const location = new URL(answer.headers.get("location") ?? "");
  const jar = cookiesOf(answer);
  const cookie = () => [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
  const tx = location.searchParams.get("tx") ?? "";
  const challenge = location.searchParams.get("challenge") ?? "";
  const post = async (
    ticket: string,
    headers: Record<string, string> = {},
    fields: Record<string, string> = {},
  ) => {
    const response = await made.ask("/.auth/accept", {
      method: "POST",
      headers: { ...form, cookie: cookie(), ...headers },
      body: new URLSearchParams({ ticket, tx, ...fields }),
    });
    for (const [name, value] of cookiesOf(response)) jar.set(name, value);
    return response;
  };
  const ticket = (changes: Parameters<typeof ticketFor>[0] = {}, by = key) =>
    ticketFor({ cnf: { challenge }, ...changes }, by);
  const follow = (response: Response) =>
    made.ask(response.headers.get("location") ?? "", { headers: { ...fromHost, cookie: cookie() } });
  return { ...made, answer, location, jar, cookie, tx, challenge, post, ticket, follow };
}

describe("login", () => {
  it("sends a navigation to the sign-in host with a challenge, an empty fragment and a transaction of its own", async () => {
    const { answer, location, jar, tx, challenge } = await begin();
    expect(answer.status).toBe(302);
    expect(location.origin + location.pathname).toBe(`${hostOrigin}/.auth/authorize`);
    expect(answer.headers.get("location")?.endsWith("#")).toBe(true);
    expect(location.searchParams.get("origin")).toBe(siteOrigin);
    expect(location.searchParams.get("environment")).toBe("preview");
    const value = jar.get(`__Host-entra-gate-tx-${tx}`) ?? "";
    expect(await challengeOf(value.split(".")[1] ?? "")).toBe(challenge);
    expect(answer.headers.get("location")).not.toContain(value.split(".")[1]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it.each([
    ["a fetch", { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" }],
    ["a frame", { ...navigation, "sec-fetch-dest": "iframe" }],
    ["an image", { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }],
    ["curl", { accept: "*/*" }],
  ])("is for navigations only, not for %s", async (_, headers) => {
    const { ask } = makeGate();
    const answer = await ask("/.auth/login", { headers });
    expect([answer.status, await codeOf(answer)]).toEqual([403, "login-not-navigation"]);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect((await ask("/.auth/login", { method: "POST", headers: navigation })).status).toBe(405);
  });

  it("CR/LF in a return target splits no header", async () => {
    const { ask } = makeGate();
    const answer = await ask("/.auth/login?return_to=/x%0d%0aSet-Cookie:%20a=b", { headers: navigation });
    expect(answer.headers.getSetCookie()).toHaveLength(1);
    expect(new URL(answer.headers.get("location") ?? "").origin).toBe(hostOrigin);
  });
});

describe("accept", () => {
  it("makes a session of a ticket and leads back, with the fragment put back by script", async () => {
    const browser = await begin();
    const accepted = await browser.post(await browser.ticket());
    expect(accepted.status).toBe(303);
    const line = accepted.headers
      .getSetCookie()
      .find((text) => text.startsWith("__Host-entra-gate-session="));
    expect(line).toMatch(/; Path=\/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax$/);
    expect(accepted.headers.get("location")).toBe(`/.auth/accept?done=${browser.tx}`);
    const page = await browser.follow(accepted);
    expect(page.status).toBe(200);
    const text = await page.text();
    expect(text).toContain('href="/docs?x=1"');
    expect(text).toContain('href="/docs?x=1"');
    const seen = await browser.ask("/docs?x=1", { headers: { ...navigation, cookie: browser.cookie() } });
    expect(seen.status).toBe(200);
    const [event] = (await browser.world.events()).filter((entry) => entry["class_uid"] === 3002);
    expect(event).toMatchObject({ activity_name: "Logon", status: "Success", session: { uid: "ticket-1" } });
  });

  it("two tabs at once both arrive (oauth2-proxy#611)", async () => {
    const made = makeGate();
    const one = await begin("/one", made);
    const two = await begin("/two", made);
    const cookie = `${one.cookie()}; ${two.cookie()}`;
    for (const tab of [two, one]) {
      const accepted = await tab.post(await tab.ticket(), { cookie });
      expect(accepted.headers.get("location")).toBe(`/.auth/accept?done=${tab.tx}`);
      expect(await (await tab.follow(accepted)).text()).toContain(
        tab === one ? 'href="/one"' : 'href="/two"',
      );
    }
  });

  it("form posted twice, Back into a used form: goes on, changes nothing", async () => {
    const browser = await begin();
    const ticket = await browser.ticket();
    await browser.post(ticket);
    const before = browser.jar.get("__Host-entra-gate-session");
    browser.world.now += 300_000;
    const again = await browser.post(ticket);
    expect(again.headers.getSetCookie()).toEqual([]);
    expect(browser.jar.get("__Host-entra-gate-session")).toBe(before);
    expect(await (await browser.follow(again)).text()).toContain('href="/docs?x=1"');
  });

  it("transaction lost: explains with a link and tries nothing by itself", async () => {
    const browser = await begin();
    browser.jar.clear();
    const answer = await browser.post(await browser.ticket());
    expect(answer.status).toBe(303);
    expect(answer.headers.getSetCookie()).toEqual([]);
    const page = await browser.follow(answer);
    expect([page.status, await codeOf(page)]).toEqual([400, "accept-transaction-missing"]);
    const text = await page.text();
    expect(text).not.toContain("<script");
    expect(text).toContain('href="/.auth/login');
  });

  it("cookies blocked: explains and stops", async () => {
    const browser = await begin();
    const accepted = await browser.post(await browser.ticket());
    browser.jar.clear();
    const page = await browser.follow(accepted);
    expect([page.status, await codeOf(page)]).toEqual([400, "accept-cookie-missing"]);
    expect(await page.text()).not.toContain("<script");
  });

  it("GET without a form explains, too", async () => {
    const { ask } = makeGate();
    const page = await ask("/.auth/accept", { headers: navigation });
    expect([page.status, await codeOf(page)]).toEqual([400, "accept-transaction-missing"]);
  });

  it.each([
    [
      "forged accept: a sibling's Origin",
      { origin: "https://b2b2b2b2.demo.example" },
      "accept-origin-foreign",
    ],
    ["forged accept: its own Origin", { origin: siteOrigin }, "accept-origin-foreign"],
    ["forged accept: Origin null", { origin: "null" }, "accept-origin-foreign"],
    [
      "forged accept: the host's name with another scheme",
      { origin: "http://gate.example" },
      "accept-origin-foreign",
    ],
    ["JSON", { "content-type": "application/json" }, "accept-form-invalid"],
    ["multipart", { "content-type": "multipart/form-data; boundary=x" }, "accept-form-invalid"],
    ["text/plain", { "content-type": "text/plain" }, "accept-form-invalid"],
  ])("refuses %s", async (_, headers, code) => {
    const browser = await begin();
    const answer = await browser.post(await browser.ticket(), headers);
    expect(await codeOf(answer)).toBe(code);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it("refuses a POST without an Origin", async () => {
    const browser = await begin();
    const { origin: _, ...headers } = form;
    const body = new URLSearchParams({ ticket: await browser.ticket(), tx: browser.tx });
    const answer = await browser.ask("/.auth/accept", {
      method: "POST",
      headers: { ...headers, cookie: browser.cookie() },
      body,
    });
    expect(await codeOf(answer)).toBe("accept-origin-foreign");
  });

  it("login CSRF: somebody else's ticket is of no use in this browser (GHSA-x445-f3h2-j279)", async () => {
    const attacker = await begin();
    const victim = await begin();
    const answer = await victim.post(await attacker.ticket());
    expect([answer.status, await codeOf(answer)]).toEqual([400, "ticket-challenge"]);
    expect(answer.headers.getSetCookie()).toEqual([]);
    const lost = await victim.post(await attacker.ticket(), {}, { tx: attacker.tx });
    expect(lost.headers.getSetCookie()).toEqual([]);
  });

  const cases: [string, Parameters<typeof ticketFor>[0], string][] = [
    ["ticket of another preview", { aud: "https://b2b2b2b2.demo.example" }, "ticket-audience"],
    ["ticket of the alias for the hash URL", { aud: "https://pr-7.demo.example" }, "ticket-audience"],
    ["another host's ticket (ALBeast)", { iss: "https://evil.example" }, "ticket-issuer"],
    ["production's ticket", { environment: "production" }, "ticket-environment"],
    ["a ticket that was kept for more than a minute", { accept_by: 0 }, "ticket-late"],
    ["a ticket that has ended", { exp: 1 }, "ticket-late"],
  ];
  it.each(cases)("refuses %s", async (_, changes, code) => {
    const browser = await begin();
    const answer = await browser.post(await browser.ticket(changes));
    expect(await codeOf(answer)).toBe(code);
    expect(answer.headers.getSetCookie()).toEqual([]);
    const events = await browser.world.events();
    expect(events.at(-1)).toMatchObject({ class_uid: 3002, status: "Failure", status_code: code });
  });

  it("refuses a ticket by a key that the host does not publish, or by another under its id", async () => {
    const browser = await begin();
    expect(await codeOf(await browser.post(await browser.ticket({}, await makeKey("k9"))))).toBe(
      "ticket-key-unknown",
    );
    expect(await codeOf(await browser.post(await browser.ticket({}, await makeKey("k1"))))).toBe(
      "ticket-signature",
    );
  });

  it("a ticket too large for a cookie is a clear error", async () => {
    const browser = await begin();
    const groups = Array.from({ length: 60 }, (_, index) =>
      reviewers.replace(/..$/, String(index).padStart(2, "0")),
    );
    const answer = await browser.post(await browser.ticket({ groups }));
    expect([answer.status, await codeOf(answer)]).toEqual([503, "accept-session-too-large"]);
  });

  it("a ticket with the policy's fifty groups fits", async () => {
    const browser = await begin();
    const groups = Array.from({ length: 50 }, (_, index) =>
      reviewers.replace(/..$/, String(index).padStart(2, "0")),
    );
    const answer = await browser.post(await browser.ticket({ groups }));
    expect(answer.status).toBe(303);
    const length = browser.jar.get("__Host-entra-gate-session")?.length ?? 0;
    expect(length).toBeLessThan(4060);
  });

  it.each([
    ["no ticket", { ticket: "" }, "ticket-malformed"],
    ["a ticket that is none", { ticket: "a.b" }, "ticket-malformed"],
    ["too much", { extra: "x".repeat(9000) }, "accept-form-invalid"],
  ])("refuses a form with %s", async (_, fields, code) => {
    const browser = await begin();
    expect(await codeOf(await browser.post(await browser.ticket(), {}, fields))).toBe(code);
  });

  it("refuses doubled fields", async () => {
    const browser = await begin();
    const body = `ticket=${await browser.ticket()}&ticket=x&tx=${browser.tx}`;
    const answer = await browser.ask("/.auth/accept", {
      method: "POST",
      headers: { ...form, cookie: browser.cookie() },
      body,
    });
    expect(await codeOf(answer)).toBe("accept-form-invalid");
  });

  it("no keys: 503 page, no loop", async () => {
    const world = makeWorld();
    world.jwks = () => new Response("<html>");
    const browser = await begin(
      "/",
      makeGate({ world, config: { ...config, signIn: { origin: hostOrigin, keys: [] } } }),
    );
    const answer = await browser.post(await browser.ticket());
    expect([answer.status, await codeOf(answer)]).toEqual([503, "keys-unavailable"]);
  });

  it("neither ticket nor verifier ever reach a log, an address or a page", async () => {
    const browser = await begin();
    const ticket = await browser.ticket();
    const pages = [await browser.post(ticket), await browser.post("x.y.z", {}, {})];
    pages.push(
      ...(await Promise.all(pages.map((page) => (page.status === 303 ? browser.follow(page) : page)))),
    );
    const secrets = [
      ticket.split(".")[2] ?? "",
      browser.jar.get("__Host-entra-gate-session")?.split(".")[3] ?? "",
    ];
    const seen = [...browser.world.lines, ...pages.map((page) => page.headers.get("location") ?? "")].join(
      "\n",
    );
    const texts = (await Promise.all(pages.map((page) => (page.bodyUsed ? "" : page.text())))).join("\n");
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(20);
      expect(seen + texts).not.toContain(secret);
    }
  });
});
