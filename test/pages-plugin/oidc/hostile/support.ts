import { authorizeUrl, Browser, codeOf, createWorld, formOf, type World } from "../../host/support/world.ts";

export { codeOf, createWorld, type World };

/** Somebody signs in while the provider misbehaves as the test made it; returns the code of what came of it. */
export async function outcome(world: World): Promise<string> {
  const response = await new Browser(world).signIn(await authorizeUrl());
  if (await formOf(response)) return "ticket";
  return codeOf(response) ?? `status ${response.status}`;
}

export const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
