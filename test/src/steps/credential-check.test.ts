import { beforeEach, describe, expect, it } from "vitest";
import type { Http } from "../../../src/clients/http.ts";
import { checkCredential } from "../../../src/steps/credential-check.ts";
import { clientId, tenantId } from "../../pages-plugin/host/support/provider.ts";
import {
  createWorld,
  hostOrigin,
  production,
  rowWith,
  type World,
} from "../../pages-plugin/host/support/world.ts";
import { FakeTime, failure } from "../support.ts";

let world: World;
let time: FakeTime;
beforeEach(async () => {
  world = await createWorld();
  time = new FakeTime(world.clock.now, (milliseconds) => {
    world.clock.now += milliseconds;
  });
});

/** The real sign-in host, asked without a network. */
const http = {
  async send({ url, headers }: { url: string; headers: Record<string, string> }) {
    const answer = await world.fetch(new Request(url, { headers }));
    const fields = Object.fromEntries(answer.headers);
    return {
      status: answer.status,
      headers: { ...fields, "set-cookie": answer.headers.getSetCookie().join(", ") },
    };
  },
} as unknown as Http;

const check = () => {
  const { authority } = world.provider;
  const expected = {
    origin: hostOrigin,
    authority,
    tenantId,
    clientId,
    redirectUri: `${hostOrigin}/.auth/callback`,
  };
  return checkCredential(
    { http, now: time.now, sleep: time.sleep },
    rowWith({ origins: [production] }),
    expected,
  );
};
const refusing = (number: number, times: number) => () => {
  const { requests } = world.provider;
  const [error, numbers] =
    requests.length > times ? ["invalid_grant", [70000]] : ["invalid_client", [number]];
  return Response.json({ error, error_codes: numbers }, { status: 400 });
};

describe("checkCredential", () => {
  it("has the deployed host show its credential at Entra, and signs nobody in", async () => {
    await check();
    const [asked] = world.provider.requests;
    expect(asked?.form.get("client_secret")).toBe(world.env["ENTRA_CLIENT_SECRET"]);
    expect(time.slept).toEqual([]);
    expect(world.log.join()).not.toContain("signed-in");
  });

  it("waits for a secret that Entra has not spread yet", async () => {
    world.provider.answerToken = refusing(7000215, 3);
    await check();
    expect(time.slept).toHaveLength(3);
  });

  it.each([
    [7000215, "entra-secret-wrong"],
    [7000222, "entra-secret-expired"],
    [7000218, "entra-credential-missing"],
    [700016, "entra-application-unknown"],
    [700027, "entra-certificate-wrong"],
    [7000112, "entra-refused"],
  ])("AADSTS%i, again and again, is %s", async (number, code) => {
    world.provider.answerToken = refusing(number, 1_000);
    expect((await failure(check())).code).toBe(code);
    expect(time.slept.reduce((sum, one) => sum + one)).toBeLessThanOrEqual(60_000);
  });

  it("an Entra that looks at the code first says nothing about the credential, which is no failure", async () => {
    world.provider.answerToken = () =>
      Response.json({ error: "invalid_request", error_codes: [9002313] }, { status: 400 });
    await check();
  });
});
