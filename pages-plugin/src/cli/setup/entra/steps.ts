import type { SetupNames } from "../names.ts";
import type { SetupStep } from "../step.ts";
import { applicationWork } from "./application-step.ts";
import { assignmentWork, testRoleWork } from "./assignment.ts";
import { federationWork } from "./federation.ts";
import { groupsWork } from "./groups.ts";
import { assignmentText, testFederationText, testRoleText, testText } from "./optional-texts.ts";
import { ownerWork } from "./owner.ts";
import { consentWork, permissionWork } from "./permissions.ts";
import {
  automationText,
  consentText,
  federationText,
  gateText,
  graphAppId,
  groupsText,
  ownerText,
  permissionText,
  signInScopeIds,
} from "./texts.ts";

/** What a company does once in Entra, in the order in which one step needs another. */
export function entraSteps(names: SetupNames): readonly SetupStep[] {
  const signIn = signInScopeIds.map((id) => ({ id, type: "Scope" }));
  const gate = applicationWork({
    kind: "gate",
    displayName: "Entra Gate",
    fields: {
      api: { requestedAccessTokenVersion: 2 },
      requiredResourceAccess: [{ resourceAppId: graphAppId, resourceAccess: signIn }],
    },
  });
  const automation = applicationWork({ kind: "automation", displayName: "Entra Gate automation" });
  const test = applicationWork({ kind: "test", displayName: "Entra Gate test" });
  return [
    { ...gateText(names), ...gate },
    { ...automationText(names), ...automation },
    { ...federationText(names), ...federationWork("automation") },
    { ...ownerText, ...ownerWork },
    { ...permissionText, ...permissionWork },
    { ...consentText, ...consentWork },
    { ...groupsText(names), ...groupsWork },
    ...(names.assignmentRequired ? [{ ...assignmentText(names), ...assignmentWork }] : []),
    ...(names.testRole === undefined
      ? []
      : [
          { ...testText(names), ...test },
          { ...testFederationText(names), ...federationWork("test") },
          { ...testRoleText(names), ...testRoleWork },
        ]),
  ];
}
