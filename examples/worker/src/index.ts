import { withEntraGate } from "pages-plugin-entra-gate/worker";
import policy from "../gate.json";

interface Env {
  readonly ASSETS: { fetch(request: Request): Promise<Response> };
}

const site = {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url);
    // Also on open paths: who is signed in, or nobody.
    if (pathname === "/api/me")
      return Response.json({ name: request.headers.get("x-ms-client-principal-name") });
    return env.ASSETS.fetch(request);
  },
};

export default withEntraGate(site, policy);
