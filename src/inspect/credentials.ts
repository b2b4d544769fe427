import { madeAt, notAfterOf } from "../../contract/keys/key-id.ts";
import { hostFederation } from "../../contract/names/federation.ts";
import { variables } from "../../contract/names/variables.ts";
import type { Project } from "../clients/cloudflare-model.ts";
import type { InspectedApplication } from "../clients/graph-inspect.ts";
import type { Finding } from "../findings.ts";
import { isNameOfHost } from "../steps/credential.ts";
import { cookieKind, signingKind } from "../steps/key-plan.ts";
import type { StoredVariables } from "../steps/sign-in-variables.ts";
import { found } from "./codes.ts";

const day = 86_400_000;
/** What renewal may take beyond two thirds of a life: a schedule runs weekly, and once may fail. */
const grace = 21 * day;
const renew =
  "Run the audit, or the gate workflow, for the default branch of the repository that owns the host.";

interface Credential {
  readonly keyId: string;
  readonly displayName?: string | null | undefined;
  readonly startDateTime?: string | null | undefined;
  readonly endDateTime?: string | null | undefined;
}

/**
 * Secrets and certificates of the gate application: the one in use and its end, and any that the action did not make.
 * @param host the sign-in host's project
 * @param now milliseconds since 1970
 */
export function credentials(application: InspectedApplication, host: Project, now: number): Finding[] {
  const { appId, passwordCredentials, keyCredentials } = application;
  const stored = host.deployment_configs.production.env_vars ?? {};
  const inUse = stored[variables.entraKeyId]?.value ?? "";
  const all: Credential[] = [...passwordCredentials, ...keyCredentials];
  const current = all.find(({ keyId }) => keyId === inUse.toLowerCase());
  return [
    ...all
      .filter((one) => one !== current && !isNameOfHost(one.displayName ?? "", host.name))
      .map((one) => unknown(appId, one)),
    ...(inUse === hostFederation.keyId ? [] : ageOfCredential(appId, inUse, current, now)),
  ];
}

/** The automation stands on GitHub's token alone; a credential of its own is a way around that. */
export function automationCredentials(application: InspectedApplication): Finding[] {
  const { appId, passwordCredentials, keyCredentials } = application;
  return [...passwordCredentials, ...keyCredentials].map(({ keyId, displayName }) =>
    found("automation-has-credential", {
      subject: `${appId} ${keyId}`,
      text: `The automation application has a secret or certificate (${displayName ?? "without a name"}). Whoever holds it is the automation, from anywhere.`,
      remedy: `az ad app credential delete --id ${appId} --key-id ${keyId} (with --cert for a certificate)`,
    }),
  );
}

function unknown(appId: string, { keyId, displayName, endDateTime }: Credential): Finding {
  return found("credential-unknown", {
    subject: `${appId} ${keyId}`,
    text: `The gate application has a credential that the action did not make: ${displayName ?? "without a name"}, ends ${endDateTime ?? "at no known time"}.`,
    remedy: `If nobody needs it: az ad app credential delete --id ${appId} --key-id ${keyId} (with --cert for a certificate)`,
  });
}

function ageOfCredential(
  appId: string,
  keyId: string,
  current: Credential | undefined,
  now: number,
): Finding[] {
  const subject = `${appId} ${keyId}`;
  if (current === undefined)
    return [
      found("credential-ended", {
        subject,
        text: "The credential that the sign-in host uses is not one of the application's any more: nobody can sign in.",
        remedy: renew,
      }),
    ];
  const end = Date.parse(current.endDateTime ?? "");
  const begin = Date.parse(current.startDateTime ?? "");
  return aged(
    {
      subject,
      what: "The sign-in host's credential",
      begin: Number.isNaN(begin) ? end - 90 * day : begin,
      end,
    },
    now,
    ["credential-ended", "credential-ends"],
  );
}

/** Signing and cookie keys that are in use, by the settings of the host's project. */
export function keyAges(host: Project, now: number): Finding[] {
  const stored: StoredVariables = host.deployment_configs.production.env_vars ?? {};
  return [signingKind, cookieKind].flatMap((kind) => {
    const kid = stored[kind.active]?.value ?? "";
    const [made, end] = [madeAt(kid), notAfterOf(kid)];
    const subject = `${host.name} ${kid}`;
    if (made === undefined || end === undefined)
      return [
        found("key-ended", {
          subject: `${host.name} ${kind.active}`,
          text: `${kind.active} names no ${kind.name}: the sign-in host does not start.`,
          remedy: renew,
        }),
      ];
    const age = { subject, what: `The ${kind.name} ${kid}`, begin: made * 1000, end: end * 1000 };
    return aged(age, now, ["key-ended", "key-ends"]);
  });
}

interface Age {
  readonly subject: string;
  readonly what: string;
  readonly begin: number;
  readonly end: number;
}

/** Past two thirds of its life it should have been renewed. */
function aged(
  { subject, what, begin, end }: Age,
  now: number,
  [ended, ends]: readonly ["credential-ended", "credential-ends"] | readonly ["key-ended", "key-ends"],
): Finding[] {
  if (!(now < end))
    return [
      found(ended, { subject, text: `${what} ended on ${dateOf(end)}: nobody can sign in.`, remedy: renew }),
    ];
  if (now < begin + ((end - begin) * 2) / 3 + Math.min(grace, (end - begin) / 6)) return [];
  const text = `${what} ends on ${dateOf(end)} and was not renewed at two thirds of its life.`;
  return [found(ends, { subject, text, remedy: renew })];
}

function dateOf(time: number): string {
  return Number.isNaN(time) ? "an unknown day" : new Date(time).toISOString().slice(0, 10);
}
