import { beforeEach, describe, expect, it } from "vitest";
import type { PinnedKey } from "../../../contract/config/site.ts";
import { reviewer } from "../host/support/provider.ts";
import { Browser, cookieKid, hostOrigin, type World } from "../host/support/world.ts";
import { type Both, both, type Isolate } from "./both.ts";
import { codeOf, makeKey } from "./support.ts";

const minute = 60_000;
const other = await makeKey("other");

let world: Both;
beforeEach(async () => {
  world = await both();
});

const down = () => Promise.reject(new Error("unreachable"));
const refreshOf = (answer: Response) => /^(\d+);url=(\S+)$/.exec(answer.headers.get("refresh") ?? "");

/** Follows a page that tries again by itself, to the end. */
async function untilItStays(first: Response, open: (path: string) => Promise<Response>): Promise<Response[]> {
  const answers = [first];
  for (let next = refreshOf(first); next; next = refreshOf(answers.at(-1) as Response)) {
    if (answers.length > 10) throw new Error("a loop");
    answers.push(await open(next[2] ?? ""));
  }
  return answers;
}

async function pinned(): Promise<readonly PinnedKey[]> {
  const answer = await world.host.fetch(new Request(`${hostOrigin}/.auth/jwks`));
  return ((await answer.json()) as { keys: PinnedKey[] }).keys;
}

/** Whoever is signed in sees pages until his session ends, an hour after it began. */
async function keepsWorking({ visit }: Isolate = world): Promise<void> {
  for (const passed of [0, 10, 20, 29]) {
    world.host.clock.now += passed * minute;
    expect((await visit("/docs")).status).toBe(200);
    await world.settle();
  }
  world.host.clock.now += minute;
  expect((await visit("/docs")).status).toBe(401);
}

describe("the sign-in host is down", () => {
  const ways: readonly [string, () => Promise<Response>][] = [
    ["can't be reached", down],
    ["fails", async () => new Response("error code: 1101", { status: 500 })],
    ["is a closed project", async () => new Response("error code: 1016", { status: 530 })],
  ];

  it.each(ways)("%s: who is signed in goes on until his session ends", async (_, way) => {
    await world.arrive(true);
    world.jwks = way;
    await keepsWorking();
  });

  it.each(ways)("%s: a cold isolate goes on with pinned keys", async (_, way) => {
    await world.arrive(true);
    world.jwks = way;
    await keepsWorking(world.newIsolate(await pinned()));
  });

  it.each(ways)(
    "%s: the others are told here, three times by itself, and are on their way once it is back",
    async (_, way) => {
      world.jwks = way;
      const isolate = world.newIsolate(await pinned());
      expect((await isolate.visit("/docs?x=1")).status).toBe(401);
      const first = await isolate.visit("/.auth/login?return_to=%2Fdocs%3Fx%3D1");
      const answers = await untilItStays(first, async (path) => {
        world.host.clock.now += 5_000;
        return isolate.visit(path);
      });
      expect(answers.map((answer) => refreshOf(answer)?.[1])).toEqual(["5", "20", "60", undefined]);
      for (const answer of answers) {
        expect([answer.status, await codeOf(answer)]).toEqual([503, "sign-in-host-unavailable"]);
        const html = await answer.text();
        expect(html).toContain('href="/.auth/login?return_to=%2Fdocs%3Fx%3D1"');
        expect(html).toContain(answer.headers.get("x-entra-gate-reference"));
        expect(html).not.toContain("content for");
      }
      world.jwks = undefined;
      world.host.clock.now += 5_000;
      const back = await isolate.visit("/.auth/login?return_to=%2Fdocs%3Fx%3D1");
      expect(new URL(back.headers.get("location") ?? "").origin).toBe(hostOrigin);
    },
  );

  it("slow is not down: nobody waits for more than a second", async () => {
    world.jwks = () => new Promise(() => undefined);
    const before = performance.now();
    expect((await world.visit("/.auth/login?return_to=/docs")).status).toBe(302);
    expect(performance.now() - before).toBeLessThan(1_900);
  });
});

describe("the sign-in host's key set is no use", () => {
  const ways: readonly [string, () => Promise<Response>][] = [
    ["a page", async () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["empty", async () => Response.json({ keys: [] })],
    ["cut off", async () => new Response('{"keys":[{"kty"')],
    ["of another kind", async () => Response.json({ keys: [{ kty: "EC", kid: "x", alg: "ES256" }] })],
  ];

  it.each(ways)(
    "%s: sessions go on, in a warm isolate and in a cold one that has keys pinned",
    async (_, way) => {
      await world.arrive(true);
      const cold = world.newIsolate(await pinned());
      world.jwks = way;
      expect((await cold.visit("/docs")).status).toBe(200);
      await keepsWorking();
    },
  );

  it.each(ways)(
    "%s: signing in works where keys are pinned; else it ends with a page that waits",
    async (_, way) => {
      world.jwks = way;
      expect((await world.newIsolate(await pinned()).arrive(true)).status).toBe(303);
      const bare = world.newIsolate();
      const page = await bare.visit("/docs");
      expect([page.status, await codeOf(page)]).toEqual([503, "keys-unavailable"]);
      const next = await bare.visit(refreshOf(page)?.[2] ?? "");
      expect(next.status).toBe(302);
      const end = await bare.arrive(false);
      expect([end.status, await codeOf(end), refreshOf(end)]).toEqual([503, "keys-unavailable", null]);
    },
  );

  it("other keys: the key was dropped, which ends its sessions; a ticket of it ends with a page that waits", async () => {
    await world.arrive(true);
    world.jwks = async () => Response.json({ keys: [other.jwk] });
    world.host.clock.now += 6 * minute;
    await world.visit("/docs");
    await world.settle();
    const page = await world.visit("/docs");
    expect([page.status, await codeOf(page)]).toEqual([401, "session-invalid"]);
    const end = await world.arrive(false);
    expect([end.status, await codeOf(end), refreshOf(end)]).toEqual([400, "ticket-key-unknown", null]);
  });

  it("a script is told so as JSON and when to ask again; nothing is begun for it", async () => {
    await world.arrive(true);
    world.jwks = down;
    const answer = await world.newIsolate().visit("/docs", {
      headers: { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty", "sec-fetch-site": "same-origin" },
    });
    expect(answer.headers.get("content-type")).toContain("application/json");
    expect([answer.headers.get("retry-after"), refreshOf(answer)]).toEqual(["60", null]);
  });
});

/** What the sign-in host answers to somebody who comes from the site, and each page that follows by itself. */
async function throughHost(host: World, browser = new Browser(host)): Promise<Response[]> {
  const login = await world.visit("/.auth/login?return_to=/docs");
  const open = async (path: string): Promise<Response> => {
    const answer = await browser.visit(new URL(path, hostOrigin));
    const location = answer.headers.get("location");
    return location?.startsWith(host.provider.authority)
      ? browser.visit(host.provider.authorize(location))
      : answer;
  };
  return untilItStays(await open(login.headers.get("location") ?? ""), async (path) => {
    host.clock.now += 5_000;
    return open(path);
  });
}

describe("behind the sign-in host", () => {
  const faults: readonly [string, string, (host: World) => void, (host: World) => void][] = [
    [
      "Entra is down",
      "entra-unavailable",
      ({ provider }) => {
        provider.answerDiscovery = down;
      },
      ({ provider }) => {
        provider.answerDiscovery = undefined;
      },
    ],
    [
      "Entra fails",
      "entra-unavailable",
      ({ provider }) => {
        provider.answerDiscovery = () => new Response("", { status: 503 });
      },
      ({ provider }) => {
        provider.answerDiscovery = undefined;
      },
    ],
    [
      "Entra goes down between question and answer",
      "entra-unavailable",
      ({ provider }) => {
        provider.answerToken = down;
      },
      ({ provider }) => {
        provider.answerToken = undefined;
      },
    ],
    [
      "Entra is too slow to redeem a code",
      "entra-unavailable",
      ({ provider }) => {
        provider.answerToken = async ({ init }) => {
          expect(init.signal).toBeInstanceOf(AbortSignal);
          throw new DOMException("late", "TimeoutError");
        };
      },
      ({ provider }) => {
        provider.answerToken = undefined;
      },
    ],
    [
      "Entra's key set can't be had",
      "entra-keys-unavailable",
      ({ provider }) => {
        provider.answerKeys = down;
      },
      ({ provider }) => {
        provider.answerKeys = undefined;
      },
    ],
    [
      "Entra's key set is empty",
      "entra-keys-unavailable",
      ({ provider }) => {
        provider.answerKeys = () => Response.json({ keys: [] });
      },
      ({ provider }) => {
        provider.answerKeys = undefined;
      },
    ],
    [
      "Graph is throttled",
      "graph-unavailable",
      ({ provider }) => {
        provider.visitor = { ...reviewer, groups: undefined, hasgroups: true };
        provider.answerGraph = () => new Response("{}", { status: 429, headers: { "retry-after": "10" } });
      },
      ({ provider }) => {
        provider.answerGraph = () => Response.json({ value: reviewer.groups });
      },
    ],
    [
      "the sites table can't be read",
      "sites-unavailable",
      (host) => {
        host.rows = new Error("D1_ERROR: Network connection lost.");
      },
      (host) => {
        host.rows = rows;
      },
    ],
  ];
  let rows: World["rows"];
  beforeEach(() => {
    rows = world.host.rows;
  });

  it.each(faults)(
    "%s (%s): three more attempts by itself, then it waits; when it is over, in",
    async (_, code, begin, end) => {
      const { host, visit } = world;
      begin(host);
      const answers = await throughHost(host);
      expect(answers.map((answer) => refreshOf(answer)?.[1])).toEqual(["5", "20", "60", undefined]);
      for (const answer of answers) {
        expect([answer.status, await codeOf(answer)]).toEqual([503, code]);
        expect(await answer.text()).toContain(answer.headers.get("x-entra-gate-reference"));
      }
      expect((await visit("/docs")).status).toBe(401);
      end(host);
      host.clock.now += 6 * minute;
      expect((await world.arrive(true)).status).toBe(303);
      expect((await visit("/docs")).status).toBe(200);
    },
  );

  it.each(faults)("%s (%s): who is signed in goes on until his session ends", async (_, __, begin) => {
    await world.arrive(true);
    begin(world.host);
    await keepsWorking();
  });

  it("Entra's key set is of other keys: the ID token is refused, and nothing is tried again by itself", async () => {
    world.host.provider.answerKeys = () =>
      Response.json({ keys: [{ ...other.jwk, issuer: world.host.provider.issuer }] });
    const [answer, ...more] = await throughHost(world.host);
    expect([answer?.status, answer && (await codeOf(answer)), more.length]).toEqual([
      503,
      "id-token-key-unknown",
      0,
    ]);
  });

  it("a full database takes no events and stops nobody", async () => {
    const full = await both({
      GATE_DB: {
        prepare: (sql: string) => ({
          bind: () => ({ all: async () => Promise.reject(new Error("D1_ERROR: database is full")) }),
          all: async () => ({
            results: sql.startsWith("SELECT")
              ? (full.host.rows as object[]).map((row) => ({
                  project: (row as { project: string }).project,
                  data: JSON.stringify(row),
                }))
              : [],
          }),
        }),
        batch: () => Promise.reject(new Error("D1_ERROR: Exceeded maximum DB size")),
      },
    });
    expect((await full.arrive(true)).status).toBe(303);
    expect((await full.visit("/docs")).status).toBe(200);
    await Promise.all(full.host.waiting);
    const status = await (await full.host.fetch(new Request(`${hostOrigin}/.auth/status`))).json();
    expect(status).toMatchObject({ keys: { cookie: cookieKid }, audit: { failed: 2 } });
    expect(full.host.log.join("\n")).toContain("audit-sink-failed");
  });
});

describe("clocks that differ", () => {
  it.each([-45, 45])(
    "the site's by %i s: signing in works, and no session outlives its ticket there",
    async (seconds) => {
      world.ahead = seconds * 1000;
      const { host, visit } = world;
      const began = host.clock.now;
      expect((await world.arrive(true)).status).toBe(303);
      expect((await visit("/docs")).status).toBe(200);
      host.clock.now = began + 60 * minute - world.ahead - 1;
      expect((await visit("/docs")).status).toBe(200);
      host.clock.now += 1;
      expect((await visit("/docs")).status).toBe(401);
    },
  );

  it.each([-45, 45])(
    "Entra's by %i s: signing in works, and the session counts from the host's clock",
    async (seconds) => {
      const { host, visit } = world;
      const began = host.clock.now;
      host.provider.tamper = (claims) => ({
        ...claims,
        iat: Math.floor(began / 1000) + seconds,
        nbf: Math.floor(began / 1000) + seconds,
        auth_time: Math.floor(began / 1000) + seconds,
      });
      expect((await world.arrive(true)).status).toBe(303);
      host.clock.now = began + 60 * minute - 1;
      expect((await visit("/docs")).status).toBe(200);
      host.clock.now += 1;
      expect((await visit("/docs")).status).toBe(401);
    },
  );

  it("a site whose clock is a minute ahead refuses the ticket with a page that waits, and says which clocks", async () => {
    world.ahead = 61_000;
    const answer = await world.arrive(true);
    expect([answer.status, await codeOf(answer), refreshOf(answer)]).toEqual([400, "ticket-late", null]);
  });
});
