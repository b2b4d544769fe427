import { authorizeUrl, Browser, createWorld, formOf } from "../test/pages-plugin/host/support/world.ts";

/**
 * What a sign-in costs a warm sign-in host in subrequests: the second one of two, from the site's redirect to the form
 * that carries the ticket. Counted is everything that leaves the worker: the token request, key sets, D1.
 *
 * @throws Error where no ticket came of it
 */
export async function countSignInSubrequests(): Promise<number> {
  const world = await createWorld();
  const { provider, queries } = world;
  const sent = () =>
    provider.requests.length + provider.keyFetches.count + provider.discoveryFetches.count + queries.length;
  await new Browser(world).signIn(await authorizeUrl());
  const before = sent();
  const answer = await new Browser(world).signIn(await authorizeUrl());
  if ((await formOf(answer)) === undefined) throw new Error("the sign-in host handed out no ticket");
  return sent() - before;
}
