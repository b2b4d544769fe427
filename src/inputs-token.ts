import * as v from "valibot";
import { ActionError } from "./errors.ts";
import { guid, serviceOrigin } from "./inputs.ts";
import { givenFor, mistakesOf, type Variables } from "./inputs-read.ts";

/** What the `token` command works with: public all of it, so that a job which tests a preview needs no secret. */
export interface TokenInputs {
  readonly tenantId: string;
  /** The gate application, which the token is for. */
  readonly gateClientId: string;
  /** The test application, which this job's ID token stands for. */
  readonly testClientId: string;
  /** Origin of the sign-in host. */
  readonly signInOrigin: string;
  /** Origin of the site that is to be tested. */
  readonly origin: string;
  readonly entraAuthority: string;
}

const siteOrigin = v.pipe(
  v.string(),
  v.check((text) => originOf(text) !== undefined, "is not an https address; give"),
  v.transform((text) => originOf(text) ?? ""),
);

const schema = v.object({
  "tenant-id": guid,
  "gate-client-id": guid,
  "test-client-id": guid,
  "sign-in-origin": v.pipe(v.string(), v.nonEmpty("is missing; give"), serviceOrigin),
  url: v.pipe(v.string(), v.nonEmpty("is missing; give"), siteOrigin),
  "entra-authority": serviceOrigin,
});

const remedies: Readonly<Record<keyof v.InferInput<typeof schema>, string>> = {
  "tenant-id": "the Directory (tenant) ID from the Entra admin centre's overview",
  "gate-client-id": "the Application (client) ID of the gate application",
  "test-client-id": "the Application (client) ID of the test application",
  "sign-in-origin": "the origin of the sign-in host, such as https://acme-sign-in.pages.dev",
  url: "the address of the preview that is to be tested",
  "entra-authority": "an origin such as https://login.microsoftonline.com",
};

/**
 * Reads the `with:` of a step with `command: token`.
 * @throws ActionError inputs-invalid naming every mistake
 */
export function readTokenInputs(env: Variables): TokenInputs {
  const raw = Object.fromEntries(Object.keys(schema.entries).map((name) => [name, givenFor(env, name)]));
  raw["entra-authority"] ||= "https://login.microsoftonline.com";
  const parsed = v.safeParse(schema, raw);
  if (!parsed.success)
    throw new ActionError("inputs-invalid", mistakesOf(parsed.issues, remedies).join("\n"));
  const { output } = parsed;
  return Object.freeze({
    tenantId: output["tenant-id"],
    gateClientId: output["gate-client-id"],
    testClientId: output["test-client-id"],
    signInOrigin: output["sign-in-origin"],
    origin: output.url,
    entraAuthority: output["entra-authority"],
  });
}

function originOf(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "") return undefined;
  const local = url.protocol === "http:" && /(^|\.)localhost$/.test(url.hostname);
  return url.protocol === "https:" || local ? url.origin : undefined;
}
