import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { siteEndpoints } from "../../../../contract/names/endpoints.ts";
import { CallLog } from "../../../../local/call-log.ts";
import { Faults } from "../../../../local/faults.ts";
import { startServer } from "../../../../local/server.ts";
import { type Expected, look } from "../../../../src/steps/audit/sighting.ts";

const bundle = "a".repeat(32);
const expected: Expected = { environment: "preview", paths: ["/", "/assets/x.js"], bundle };
const gate = { role: "site", version: "0.1.0", environment: "preview", policy: "p", bundle };

type Shown = readonly [status: number, body?: string, headers?: Readonly<Record<string, string>>];
const refusal: Shown = [401, "{}", { "x-entra-gate-code": "sign-in-required" }];
const says = (body: unknown): Shown => [200, JSON.stringify(body), { "content-type": "application/json" }];
const page: Shown = [200, "<h1>harbour</h1>"];
const lost: Shown = [404, "not found"];

let shown: Readonly<Record<string, Shown | undefined>> = {};
let origin: string;
let server: { close(): Promise<void> };

beforeAll(async () => {
  const running = await startServer({
    service: () => "site",
    log: new CallLog(),
    faults: new Faults(),
    handler: (request, response) => {
      const answer = shown[request.url ?? ""] ?? shown["*"];
      if (answer === undefined) request.socket.destroy();
      else response.writeHead(answer[0], answer[2]).end(answer[1]);
    },
  });
  server = running;
  origin = `http://127.0.0.1:${running.port}`;
});
afterAll(() => server.close());

async function verdict(answers: typeof shown, changes: Partial<Expected> = {}): Promise<string> {
  shown = answers;
  return (await look(origin, { ...expected, ...changes }, 500)).verdict;
}
const { status } = siteEndpoints;
const closed = { [status]: says(gate), "*": refusal };

describe("one address", () => {
  it("is closed where a gate of this bundle and environment answers and refuses everything", async () => {
    expect(await verdict(closed)).toBe("closed");
    expect(await verdict({ "*": [403, "", { "x-entra-gate-code": "deny-all" }] })).toBe("closed");
  });

  it.each<[string, typeof shown]>([
    ["no gate, and pages", { "*": page }],
    ["no gate, and nothing at the places asked", { "*": lost }],
    ["a gate, but a page at the root", { ...closed, "/": page }],
    ["a gate, but files past it", { ...closed, "/assets/x.js": lost }],
    ["a gate that only reports", { ...closed, [status]: says({ ...gate, mode: "report" }) }],
    ["a redirect within the site", { ...closed, "/": [302, "", { location: "/home" }] }],
    ["a cached copy", { ...closed, "/": [304] }],
    [
      "code behind the gate that ran and threw",
      { ...closed, "/": [500, "", { "x-entra-gate-code": "site-threw" }] },
    ],
    [
      "a page that calls itself refused",
      { ...closed, "/": [200, "", { "x-entra-gate-code": "sign-in-required" }] },
    ],
    ["a page that speaks of roles", { "*": says({ role: "site" }) }],
  ])("is open with %s", async (_, answers) => {
    expect(await verdict(answers)).toBe("open");
  });

  it.each<[string, typeof shown, Partial<Expected>?]>([
    ["nothing answers", {}],
    ["only its status answers", { [status]: says(gate) }],
    ["it fails", { "*": [522, "timed out"] }],
    ["Cloudflare asks for a human", { "*": [403, "", { "cf-mitigated": "challenge" }] }],
    ["somebody else refuses", { ...closed, "/": [403, "forbidden"] }],
    ["it leads elsewhere", { ...closed, "/": [302, "", { location: "https://elsewhere.example/" }] }],
    ["another bundle answers", { ...closed, [status]: says({ ...gate, bundle: "b".repeat(32) }) }],
    [
      "another environment's gate answers",
      { ...closed, [status]: says({ ...gate, environment: "production" }) },
    ],
    ["a sign-in host answers", { ...closed, [status]: says({ ...gate, role: "host" }) }],
    ["a failed deployment's fault is no fault of a good one", { "*": [500] }, { mayBeEmpty: false }],
  ])("is unproven, not closed, where %s", async (_, answers, changes) => {
    expect(await verdict(answers, changes)).toBe("unproven");
  });

  it("is nothing where a deployment failed and none answers, open where it shows a page all the same", async () => {
    expect(await verdict({ "*": lost }, { mayBeEmpty: true })).toBe("nothing");
    expect(await verdict({ "*": page }, { mayBeEmpty: true })).toBe("open");
  });

  it("is public where the policy lets anyone see everything", async () => {
    expect(await verdict({ "*": page }, { paths: [] })).toBe("public");
  });
});
