import { describe, expect, test } from "vitest";
import { actionErrors } from "../../../contract/errors/action.ts";
import type { ErrorTable } from "../../../contract/errors/definition.ts";
import { hostErrors } from "../../../contract/errors/host.ts";
import { errors } from "../../../contract/errors/index.ts";
import { siteErrors } from "../../../contract/errors/site.ts";

const tables: Readonly<Record<string, ErrorTable>> = { siteErrors, hostErrors, actionErrors };

/** What a visitor has no use for and an attacker has. */
const revealing =
  /AADSTS|\d{5}|[0-9a-f]{8}-|\btid\b|\boid\b|tenant|cookie name|__Host|JWT|JWKS|PKCE|nonce|secret|GATE_|ENTRA_|D1|workerd|wrangler|gate\.json|https?:/i;

test("a code stands in one table only", () => {
  const codes = Object.values(tables).flatMap((table) => Object.keys(table));
  expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
  expect(Object.keys(errors).sort()).toEqual([...new Set(codes)].sort());
});

describe.each(Object.entries(tables))("%s", (_, table) => {
  test.each(Object.entries(table))("%s", (code, { status, visitor, operator }) => {
    expect(code).toMatch(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/);
    expect(operator.trim().length).toBeGreaterThan(20);
    expect(visitor).not.toMatch(revealing);
    if (status === 0) expect(visitor).toBe("");
    else {
      expect(visitor).not.toBe("");
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(600);
    }
  });
});
