import { AadstsError } from "./aadsts.ts";

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Checks the tenant part of a URL. Entra also knows `common`, `organizations` and `consumers`; the registrations here
 * are single-tenant, and those are refused there.
 * @throws AadstsError 90002 for a tenant that isn't there, 50194 for the shared endpoints
 */
export function checkTenant(segment: string, tenantId: string): void {
  if (segment.toLowerCase() === tenantId) return;
  if (["common", "organizations", "consumers"].includes(segment)) {
    throw new AadstsError(
      50194,
      `The application is not configured as a multi-tenant application. Usage of the /${segment} endpoint is not supported. Use a tenant-specific endpoint.`,
    );
  }
  throw new AadstsError(
    90002,
    `Tenant '${segment}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.${
      guid.test(segment) ? "" : " The tenant identifier is neither a verified domain name nor a GUID."
    }`,
  );
}
