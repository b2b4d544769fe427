import type { EntraEndpoints } from "./endpoints.ts";

/**
 * The address that ends a session at Entra, which then sends the browser back.
 *
 * Source: OpenID Connect RP-Initiated Logout 1.0; learn.microsoft.com, "Send a sign-out request": the address to come
 * back to has to be one of the registered redirect URIs, and the hint is what the `login_hint` claim held.
 *
 * @param loginHint spares the question which account is meant, where the visitor's is known
 */
export function endSessionUrl(
  { logout }: EntraEndpoints,
  redirectUri: string,
  loginHint: string | undefined,
): string {
  const query = new URLSearchParams({ post_logout_redirect_uri: redirectUri });
  if (loginHint !== undefined) query.set("logout_hint", loginHint);
  return `${logout}?${query}`;
}
