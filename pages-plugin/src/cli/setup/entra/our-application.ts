import { CommandFault } from "../../fault.ts";
import type { SetupContext } from "../context.ts";
import {
  type Application,
  applicationByClientId,
  applicationsByTag,
  credentialsOf,
  type Kind,
  ownersOf,
  principalByClientId,
  tagOf,
} from "./applications.ts";
import { subjectOf } from "./subject.ts";
import { pinsOf, tenantOf } from "./tenant.ts";

/**
 * The application that is meant: the one that is named by its id, else the one that an interrupted run has left. Anybody
 * in a tenant may register an application with any name and tag, so one that is only found by its tag is taken for ours
 * where nobody but the caller could use it: no credential, no redirect URI, no other owner.
 *
 * @throws CommandFault application-unknown, application-taken, application-ambiguous
 */
export async function lookUp(
  context: SetupContext,
  kind: Kind,
): Promise<{ readonly application?: Application; readonly pinned: boolean }> {
  const pin = (await pinsOf(context))[`${kind}ClientId`];
  if (pin !== undefined) {
    const application = await applicationByClientId(context, pin);
    return { ...(application === undefined ? {} : { application }), pinned: true };
  }
  const tag = tagOf(context.names, kind);
  const found = await applicationsByTag(context, tag);
  const [application, ...more] = found;
  if (application === undefined) return { pinned: false };
  if (more.length > 0)
    throw new CommandFault(
      "application-ambiguous",
      `Several applications bear the tag ${tag}: ${found.map(({ appId }) => appId).join(", ")}. Say which one is meant: --${kind}-client-id <id>.`,
    );
  // Once vetted is enough for a run: while all is taken away, what is left may look odd.
  if (application.appId === context.facts[`${kind}ClientId`]) return { application, pinned: false };
  const reason = await whyNotOurs(context, kind, application);
  if (reason !== undefined)
    throw new CommandFault(
      "application-taken",
      `Application ${application.appId} (“${application.displayName}”) bears the tag ${tag}, but ${reason}. If it is the right one, say so: --${kind}-client-id ${application.appId}.`,
    );
  return { application, pinned: false };
}

async function whyNotOurs(
  context: SetupContext,
  kind: Kind,
  application: Application,
): Promise<string | undefined> {
  const principal = await principalByClientId(context, application.appId);
  const credentials = [application, principal].flatMap((one) =>
    one === undefined ? [] : [...one.passwordCredentials, ...one.keyCredentials],
  );
  if (credentials.length > 0) return "it has a secret or a certificate already";
  const { web, spa, publicClient } = application;
  if ([web, spa, publicClient].some((platform) => (platform?.redirectUris.length ?? 0) > 0))
    return "it has a redirect URI already";
  for (const { issuer, subject } of await credentialsOf(context, application.id)) {
    const ours = kind !== "gate" && issuer === context.origins.githubIssuer;
    if (!ours || subject !== (await subjectOf(context)))
      return `it trusts ${issuer} with the subject ${subject}`;
  }
  const may = await mayOwn(context, kind);
  const owners = await ownersOf(context, `/applications/${application.id}`);
  if (principal !== undefined)
    owners.push(...(await ownersOf(context, `/servicePrincipals/${principal.id}`)));
  const stranger = owners.find(({ id }) => !may.has(id));
  return stranger && `it is owned by ${stranger.displayName ?? stranger.id}, who is not signed in here`;
}

async function mayOwn(context: SetupContext, kind: Kind): Promise<ReadonlySet<string>> {
  const { me } = await tenantOf(context);
  if (kind !== "gate") return new Set([me]);
  const { application: automation } = await lookUp(context, "automation");
  const principal = automation && (await principalByClientId(context, automation.appId));
  return new Set(principal === undefined ? [me] : [me, principal.id]);
}
