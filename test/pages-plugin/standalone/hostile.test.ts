import { describe, vi } from "vitest";
import type * as world from "../host/support/world.ts";

// The very cases that the sign-in host has to stand, by another door.
vi.mock("../oidc/hostile/support.ts", () => import("./hostile-support.ts"));
vi.mock("../host/support/world.ts", async (original) => ({
  ...(await original<typeof world>()),
  authorizeUrl: async () => (await import("./support.ts")).loginUrl(),
}));

describe("a hostile provider and a site that signs in for itself", async () => {
  await import("../oidc/hostile/algorithms.test.ts");
  await import("../oidc/hostile/audience-and-tenant.test.ts");
  await import("../oidc/hostile/issuer.test.ts");
  await import("../oidc/hostile/keys.test.ts");
  await import("../oidc/hostile/nonce.test.ts");
  await import("../oidc/hostile/times.test.ts");
  await import("../oidc/hostile/token-answer.test.ts");
});
