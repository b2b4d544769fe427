import type { SetupNames } from "../names.ts";
import type { SetupStep } from "../step.ts";
import { applicationWork } from "./application-step.ts";
import { assignmentWork, testRoleWork } from "./assignment.ts";
import { federationWork } from "./federation.ts";
import { groupsWork } from "./groups.ts";
import { assignmentText, testFederationText, testRoleText, testText } from "./optional-texts.ts";
import { ownerWork } from "./owner.ts";
import { asksToWriteOwned, consentWork, permissionWork } from "./permissions.ts";
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

/** What whoever builds the site may do: applications of one's own, and the policy. In the order of what needs what. */
export function registrationSteps(names: SetupNames): readonly SetupStep[] {
  const signIn = signInScopeIds.map((id) => ({ id, type: "Scope" }));
  const gate = applicationWork({
    kind: "gate",
    displayName: "Entra Gate",
    fields: {
      api: { requestedAccessTokenVersion: 2 },
      requiredResourceAccess: [{ resourceAppId: graphAppId, resourceAccess: signIn }],
    },
  });
  const automation = applicationWork({
    kind: "automation",
    displayName: "Entra Gate automation",
    fields: { requiredResourceAccess: [asksToWriteOwned] },
  });
  const test = applicationWork({ kind: "test", displayName: "Entra Gate test" });
  return [
    { ...gateText(names), ...gate },
    { ...automationText(names), ...automation },
    { ...federationText(names), ...federationWork("automation") },
    { ...ownerText, ...ownerWork },
    ...(names.testRole === undefined
      ? []
      : [
          { ...testText(names), ...test },
          { ...testFederationText(names), ...federationWork("test") },
        ]),
    { ...groupsText(names), ...groupsWork },
  ];
}

/** What administrators of the tenant do, once the rest is there. */
export function administratorSteps(names: SetupNames): readonly SetupStep[] {
  return [
    { ...permissionText, ...permissionWork },
    { ...consentText, ...consentWork },
    ...(names.assignmentRequired ? [{ ...assignmentText(names), ...assignmentWork }] : []),
    ...(names.testRole === undefined ? [] : [{ ...testRoleText(names), ...testRoleWork }]),
  ];
}
