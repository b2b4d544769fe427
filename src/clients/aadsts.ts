import * as v from "valibot";
import type { ActionErrorCode } from "../../contract/errors/action.ts";
import { ActionError, type Asked } from "../errors.ts";

/**
 * Which of our codes, and so which remedy, belongs to Entra's own.
 * Source: learn.microsoft.com, "Microsoft Entra authentication and authorization error codes".
 */
const codes: Readonly<Record<number, ActionErrorCode>> = {
  70021: "entra-federation-mismatch",
  70025: "entra-federation-mismatch",
  700211: "entra-federation-mismatch",
  700212: "entra-federation-mismatch",
  700213: "entra-federation-mismatch",
  7002138: "entra-federation-case",
  700016: "entra-application-unknown",
  7000229: "entra-application-unknown",
  7000215: "entra-secret-wrong",
  7000222: "entra-secret-expired",
  700027: "entra-certificate-wrong",
  1000502: "entra-certificate-wrong",
  7000218: "entra-credential-missing",
  50011: "entra-redirect-uri-unknown",
  50105: "entra-not-assigned",
  90002: "entra-tenant-unknown",
};

const refusal = v.object({
  error: v.string(),
  error_description: v.fallback(v.string(), ""),
  error_codes: v.fallback(v.array(v.number()), []),
});

/** What the token endpoint refused with: its number where it gave one, and its own first sentence. */
export interface EntraRefusal {
  readonly aadsts: number | undefined;
  readonly code: ActionErrorCode;
  readonly said: string;
}

/**
 * Reads a refusal of the token endpoint (RFC 6749 section 5.2 with Entra's additions). `error_codes` decides; only
 * where it is missing is the number taken from the description.
 */
export function readRefusal(body: unknown): EntraRefusal {
  const parsed = v.safeParse(refusal, body);
  if (!parsed.success)
    return { aadsts: undefined, code: "entra-refused", said: "no OAuth error in its answer" };
  const { error, error_description: description, error_codes: numbers } = parsed.output;
  const aadsts = numbers[0] ?? Number(/^AADSTS(\d+)/.exec(description)?.[1] ?? Number.NaN);
  const known = Number.isNaN(aadsts) ? undefined : aadsts;
  const sentence = description.split(/\r?\n| Trace ID:/)[0]?.slice(0, 300) ?? "";
  return {
    aadsts: known,
    code: (known === undefined ? undefined : codes[known]) ?? "entra-refused",
    said: sentence === "" ? error : sentence,
  };
}

/** The first refusal of those known here that is named in a page that Entra shows instead of its sign-in page; undefined for none. */
export function refusalInPage(html: string): EntraRefusal | undefined {
  for (const [said, number] of html.matchAll(/AADSTS(\d{5,7})\b/g)) {
    const code = codes[Number(number)];
    if (code !== undefined) return { aadsts: Number(number), code, said };
  }
  return undefined;
}

/** What a refusal's remedy takes, and whose it is. */
const remedies: Partial<Record<ActionErrorCode, Pick<Asked, "needs" | "grantedBy">>> = {
  "entra-federation-mismatch": {
    needs: "a federated credential with exactly this issuer, subject and audience",
    grantedBy: "an owner of the application",
  },
  "entra-federation-case": {
    needs: "the federated credential's subject in exactly this spelling",
    grantedBy: "an owner of the application",
  },
  "entra-application-unknown": {
    needs: "the application's registration in this tenant",
    grantedBy: "an Application Developer of the tenant",
  },
  "entra-not-assigned": {
    needs: "the groups' assignment to the gate's enterprise application",
    grantedBy: "a Cloud Application Administrator",
  },
  "entra-redirect-uri-unknown": {
    needs: "the redirect URI, platform Web",
    grantedBy: "an owner of the gate application",
  },
};

/** The error that a refusal ends the run with. */
export function entraError(
  refused: EntraRefusal,
  context: string,
  call = "POST /oauth2/v2.0/token",
): ActionError {
  const asked = { service: "Entra", call, ...remedies[refused.code] };
  return new ActionError(refused.code, `${context}: ${refused.said}`, { asked });
}
