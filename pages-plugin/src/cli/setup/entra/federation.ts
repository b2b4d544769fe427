import { createHash } from "node:crypto";
import { CommandFault } from "../../fault.ts";
import type { SetupContext } from "../context.ts";
import type { StepWork } from "../step.ts";
import { vetted } from "./application-step.ts";
import { credentialsOf, forRepository, type Kind } from "./applications.ts";
import { eventually, graphOf } from "./graph.ts";
import { subjectOf } from "./subject.ts";

/** Source: learn.microsoft.com, "Workload identity federation": audience; at most so many of an application. */
export const federationAudience = "api://AzureADTokenExchange";
const most = 20;

/** GitHub's tokens from the one environment stand for the application; other credentials stay as they are. */
export function federationWork(kind: Kind): StepWork {
  return {
    async look(context) {
      const subject = await subjectOf(context);
      context.facts.subject = subject;
      const application = await vetted(context, kind);
      const there = application !== undefined && (await present(context, application.id, subject)).there;
      return { state: there ? "done" : "missing", detail: subject };
    },

    async apply(context) {
      const application = await vetted(context, kind);
      if (application === undefined)
        throw new CommandFault("setup-unsettled", "The application is not to be seen yet.");
      const subject = await subjectOf(context);
      const body = {
        name: `github-${createHash("sha256").update(subject).digest("hex").slice(0, 12)}`,
        issuer: context.origins.githubIssuer,
        subject,
        audiences: [federationAudience],
        description: forRepository(context.names),
      };
      await eventually(context, async () => {
        const { there, count } = await present(context, application.id, subject);
        if (there) return;
        if (count >= most) throw full(application.appId, count);
        await graphOf(context).send("POST", credentialsAt(application.id), body);
      });
      return [`federated credential for ${subject}`];
    },

    async made(context) {
      return (await ours(context, kind)).map(({ subject }) => `federated credential for ${subject}`);
    },

    async remove(context) {
      const application = await vetted(context, kind);
      for (const { id } of await ours(context, kind)) {
        const { path, name } = credentialsAt(application?.id ?? "");
        await graphOf(context).send("DELETE", { path: `${path}/${id}`, name: `${name}/{id}` });
      }
    },
  };
}

async function present(context: SetupContext, id: string, subject: string) {
  const all = await credentialsOf(context, id);
  const there = all.some(
    (one) =>
      one.issuer === context.origins.githubIssuer &&
      one.subject === subject &&
      one.audiences.join() === federationAudience,
  );
  return { there, count: all.length };
}

function full(appId: string, count: number): CommandFault {
  return new CommandFault(
    "federation-full",
    `Application ${appId} has ${count} federated credentials, the most that Entra allows. Take one away that is not needed.`,
  );
}

function credentialsAt(id: string) {
  return {
    path: `/applications/${id}/federatedIdentityCredentials`,
    name: "/applications/{id}/federatedIdentityCredentials",
  };
}

/** Those that bear setup's mark. */
async function ours(context: SetupContext, kind: Kind) {
  const application = await vetted(context, kind);
  if (application === undefined) return [];
  const mark = forRepository(context.names);
  return (await credentialsOf(context, application.id)).filter(({ description }) => description === mark);
}
