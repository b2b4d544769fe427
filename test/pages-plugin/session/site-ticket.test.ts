import fc from "fast-check";
import { jwtVerify } from "jose";
import { expect, it } from "vitest";
import { ticketType } from "../../../contract/tickets/claims.ts";
import { importPublicKey } from "../../../pages-plugin/src/session/fetched-keys.ts";
import { verifyTicket } from "../../../pages-plugin/src/session/site-ticket.ts";
import { claimsFor, hostOrigin, key, sign, siteOrigin, startTime, verifier } from "../site/support.ts";

const publicKey = await importPublicKey(key.jwk);
const keys = { holds: () => true, tend() {}, answers: async () => true, find: async () => publicKey };
const claims = await claimsFor();
const now = startTime / 1000;

const ours = (ticket: string) =>
  verifyTicket(
    ticket,
    verifier,
    { issuer: hostOrigin, origin: siteOrigin, environment: "preview", now: startTime },
    keys,
    () => undefined,
  ).then(
    (verified) => verified.claims,
    () => undefined,
  );

const theirs = (ticket: string) =>
  jwtVerify(ticket, publicKey, {
    algorithms: ["RS256"],
    typ: ticketType,
    issuer: hostOrigin,
    audience: siteOrigin,
    currentDate: new Date(startTime),
  }).then(
    ({ payload }) => payload,
    () => undefined,
  );

it("takes no claims that a general library would refuse, and all that the host makes", async () => {
  const members = [...Object.keys(claims), "nbf", "acrs", "app", "sub", "__proto__"];
  const times = [now - 1, now, now + 1, now + 0.5].map((time) => fc.constant(time));
  const values = fc.oneof(
    ...times,
    fc.constantFrom<unknown>(
      undefined,
      null,
      "",
      hostOrigin,
      [hostOrigin],
      siteOrigin,
      [siteOrigin],
      {},
      [],
      0,
    ),
  );
  const changes = fc.array(fc.tuple(fc.constantFrom(...members), values), { maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(changes, async (list) => {
      const ticket = await sign({ ...claims, ...Object.fromEntries(list) });
      const [mine, library] = [await ours(ticket), await theirs(ticket)];
      if (mine !== undefined) expect(mine).toEqual(library);
      if (list.length === 0) expect(mine).toEqual(claims);
      const timely = list.every(([name]) => name === "exp");
      if (timely)
        expect(mine === undefined).toBe(library === undefined || list.some(([, exp]) => exp === undefined));
    }),
    { numRuns: 400 },
  );
});
