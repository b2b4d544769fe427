import { afterEach, describe, expect, it } from "vitest";
import { gatingOf } from "../../../src/steps/gated.ts";
import { answering, json, plain, type SmallServer } from "../support.ts";

let server: SmallServer | undefined;
afterEach(() => server?.close());

const status = { role: "site", environment: "preview", version: "0.1.0", bundle: "b" };

describe("gatingOf", () => {
  it.each([
    ["a gate's status", json(200, status), "gated"],
    ["a gate without its settings", json(503, {}, { "x-entra-gate-code": "not-configured" }), "gated"],
    ["a deny-all deployment", plain(403, "closed", { "x-entra-gate-code": "deny-all" }), "gated"],
    ["a page", plain(200, "<h1>harbour</h1>"), "ungated"],
    ["somebody else's JSON", json(200, { role: 7 }), "ungated"],
    ["a 404", plain(404, "not here"), "ungated"],
    ["a redirect", plain(302, "", { location: "/" }), "ungated"],
    ["a fault", plain(522, "timed out"), "unclear"],
    ["a challenge", plain(403, "prove that you are human", { "cf-mitigated": "challenge" }), "unclear"],
  ])("takes %s for what it is", async (_, answer, expected) => {
    server = await answering("127.0.0.1", answer);
    expect(await gatingOf(`${server.url}/`, 2_000)).toBe(expected);
  });

  it("says nothing of what does not answer", async () => {
    server = await answering("127.0.0.1", () => {});
    expect(await gatingOf(server.url, 100)).toBe("unclear");
  });
});
