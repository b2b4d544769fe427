import { hostFederation } from "../../contract/names/federation.ts";
import { federationAudience } from "../clients/entra.ts";
import type { InspectedApplication, Trust } from "../clients/graph-inspect.ts";
import type { Finding } from "../findings.ts";
import { type FindingCode, found } from "./codes.ts";
import { word } from "./shell.ts";

/** GitHub's issuer; a GitHub Enterprise with one of its own has its slug behind it. */
const github = "https://token.actions.githubusercontent.com";

/** What federation matches on. */
export interface Subject {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
}

/** Exactly this token would be taken. Entra compares issuer, subject and audience letter by letter. */
export function fits({ issuer, subject, audiences }: Trust, token: Subject): boolean {
  return issuer === token.iss && subject === token.sub && audiences.includes(token.aud);
}

/** The command that adds the missing one. */
export function trustCommand(appId: string, { iss, sub, aud }: Subject): string {
  const parameters = { name: "entra-gate", issuer: iss, subject: sub, audiences: [aud] };
  return `az ad app federated-credential create --id ${appId} --parameters ${word(JSON.stringify(parameters))}`;
}

/**
 * Whom the automation application trusts: it may write the gate application, so that each is somebody who may.
 * @param issuer of this job's token
 */
export function automationTrusts(
  { appId }: Pick<InspectedApplication, "appId">,
  trusts: readonly Trust[],
  issuer: string,
): Finding[] {
  return trusts.flatMap((trust) => {
    const subject = `${appId} ${trust.name}`;
    const remove = `az ad app federated-credential delete --id ${appId} --federated-credential-id ${word(trust.name)}`;
    const here = (code: FindingCode, text: string) => found(code, { subject, text, remedy: remove });
    const pattern = trust.claimsMatchingExpression?.value;
    const sub = trust.subject ?? "";
    if (pattern || /[*?]/.test(sub))
      return [
        here(
          "federation-pattern",
          `The federated credential ${trust.name} matches by a pattern (${pattern || sub}), not one environment.`,
        ),
      ];
    if (trust.issuer !== issuer && trust.issuer !== github)
      return [
        here(
          "federation-foreign",
          `The federated credential ${trust.name} trusts another issuer: ${trust.issuer}.`,
        ),
      ];
    return [
      ...(/:pull_request(:|$)/.test(sub)
        ? [
            here(
              "federation-pull-request",
              `${sub}: any workflow of any pull request of that repository, as its author writes it, is the automation.`,
            ),
          ]
        : []),
      ...(/:ref:refs\//.test(sub) && !/:environment:/.test(sub)
        ? [
            here(
              "federation-branch",
              `${sub}: any workflow on that branch or tag is the automation, without the environment's rules.`,
            ),
          ]
        : []),
      ...(trust.audiences.includes(federationAudience)
        ? []
        : [
            here(
              "federation-audience",
              `${sub} is for the audience ${trust.audiences.join(", ")}, not ${federationAudience}: it is never taken.`,
            ),
          ]),
    ];
  });
}

/** Whom the gate application trusts: at most its own sign-in host. */
export function gateTrusts(
  { appId }: Pick<InspectedApplication, "appId">,
  trusts: readonly Trust[],
  hostOrigin: string,
): Finding[] {
  return trusts
    .filter(
      ({ issuer, subject, audiences }) =>
        issuer !== hostOrigin ||
        subject !== hostFederation.subject ||
        audiences.join() !== hostFederation.audience,
    )
    .map(({ name, issuer, subject }) =>
      found("federation-foreign", {
        subject: `${appId} ${name}`,
        text: `The gate application trusts ${issuer}, ${subject ?? "by a pattern"}: whoever has such a token is the sign-in host to Entra.`,
        remedy: `az ad app federated-credential delete --id ${appId} --federated-credential-id ${word(name)}`,
      }),
    );
}
