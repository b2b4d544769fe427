import {
  browserIn,
  codeOf,
  createWorld,
  destination,
  land,
  loginUrl,
  type StandaloneWorld,
} from "./support.ts";

export { codeOf, createWorld };

/** What came of a sign-in; "ticket", as at a sign-in host, where the visitor is let in. */
export async function outcome(world: StandaloneWorld): Promise<string> {
  const browser = browserIn(world);
  const answer = await land(browser, await browser.signIn(loginUrl()));
  const end = await destination(answer);
  return end === "/docs?x=1" ? "ticket" : end;
}

export const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
