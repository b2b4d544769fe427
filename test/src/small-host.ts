import { cookies } from "../../contract/names/cookies.ts";
import type { EntraStandIn } from "../../local/entra/entra.ts";
import type { NodeHandler } from "../../local/server.ts";

const keys = {
  keys: [{ kid: "k", kty: "RSA", n: "n".repeat(342), e: "AQAB", alg: "RS256", use: "sig", not_after: 4e9 }],
};
const status = {
  version: "1.0.0",
  role: "host",
  bundle: "b",
  keys: { signing: ["k"], cookie: "c", entra: "e" },
};

/** Answers as a sign-in host and as a site that lets a machine in, always the same: for tests of whoever asks. */
export function serveSmallHost(entra: EntraStandIn): NodeHandler {
  const { authority, tenantId, cast, directory } = entra;
  const { appId } = cast.applications.gate;
  return (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://host.localhost");
    const json = (body: unknown, headers: Record<string, string> = {}) =>
      response.writeHead(200, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
    switch (pathname) {
      case "/.auth/status":
        return void json(status);
      case "/.auth/jwks":
        return void json(keys);
      case "/.auth/me":
        return void json({});
      case "/.auth/session":
        return void json(
          { ticket: "t", expires: 4e9 },
          { "set-cookie": `${cookies.siteSession}=value; Path=/; Secure` },
        );
      case "/.auth/authorize": {
        const redirectUri = `http://${request.headers.host}/.auth/callback`;
        const found = directory.application(appId);
        if (found !== undefined && !found.web.redirectUris.includes(redirectUri))
          directory.writeApplication(found.id, {
            ...found,
            web: { ...found.web, redirectUris: [redirectUri] },
          });
        const query = new URLSearchParams({
          client_id: appId,
          redirect_uri: redirectUri,
          response_type: "code",
          scope: "openid",
          state: "s",
          nonce: "n",
          code_challenge: "c".repeat(43),
          code_challenge_method: "S256",
        });
        const location = `${authority}/${tenantId}/oauth2/v2.0/authorize?${query}`;
        return void response.writeHead(303, { location }).end();
      }
      default:
        return void response.writeHead(200, { "content-type": "text/html" }).end("<p>page</p>");
    }
  };
}
