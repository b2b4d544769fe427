import accessPlugin from "@cloudflare/pages-plugin-cloudflare-access";
import { oidcAuthMiddleware } from "@hono/oidc-auth";
import { Hono } from "hono";
import { accessDomain } from "./names.ts";
import { site } from "./site.ts";

/** @hono/oidc-auth as its README mounts it, in front of the same site. */
export function oidcAuthApp(): Hono {
  const app = new Hono();
  app.use(oidcAuthMiddleware());
  app.get("*", (context) => site.fetch(context.req.raw));
  return app;
}

const onRequest = accessPlugin({ domain: accessDomain, aud: "bench" }) as unknown as (
  pages: object,
) => Promise<Response>;

/** @cloudflare/pages-plugin-cloudflare-access as root middleware of a Pages project, in front of the same site. */
export function accessMiddleware(env: object, context: { waitUntil(promise: Promise<unknown>): void }) {
  return (request: Request): Promise<Response> =>
    onRequest({
      request,
      env,
      functionPath: "/",
      params: {},
      data: {},
      waitUntil: context.waitUntil,
      passThroughOnException() {},
      next: () => site.fetch(request),
    });
}
