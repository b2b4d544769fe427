import type { SetupNames } from "../names.ts";
import { shellWord } from "../shell.ts";
import type { StepText } from "../step.ts";
import { audience, federationText, issuer, registrationLines, subjectText, trustingLines } from "./texts.ts";

export function assignmentText({ groups = [] }: SetupNames): StepText {
  const named = groups.length === 0 ? "the policy's groups" : groups.map(({ name }) => name).join(", ");
  return {
    id: "gate-assignment",
    service: "entra",
    title: "Assign the policy's groups to the gate application, and require assignment",
    why: "Entra itself then refuses everybody else, before the gate sees them. Groups need Entra ID P1.",
    wont: "gives nobody a role",
    role: "Cloud Application Administrator",
    shell: [
      `GATE_PRINCIPAL=$(az ad sp show --id "$GATE" --query id --output tsv)`,
      `for GROUP in $(node -p "Object.values(require('./gate.json').groups ?? {}).join(' ')"); do az rest --method POST --url "https://graph.microsoft.com/v1.0/servicePrincipals/$GATE_PRINCIPAL/appRoleAssignedTo" --body "{\\"principalId\\":\\"$GROUP\\",\\"resourceId\\":\\"$GATE_PRINCIPAL\\",\\"appRoleId\\":\\"00000000-0000-0000-0000-000000000000\\"}"; done`,
      `az ad sp update --id "$GATE" --set appRoleAssignmentRequired=true`,
    ],
    byHand: `Enterprise applications > Entra Gate > Users and groups: ${named}; then Properties > Assignment required: Yes.`,
  };
}

export const testText = ({ testClientId }: SetupNames): StepText => ({
  id: "test-application",
  service: "entra",
  title: "Register the test application, as which previews are looked at from outside",
  why: "Who gets in is then part of every run's check. It gets no secret.",
  wont: "gives it no right but the one role",
  role: "Application Developer",
  shell: registrationLines("TEST", "Entra Gate test", testClientId),
  byHand: "App registrations > New registration: “Entra Gate test”, this organisational directory only.",
});

export function testFederationText(names: SetupNames): StepText {
  return {
    ...federationText(names),
    id: "test-federation",
    title: "Trust GitHub's tokens from that environment as the test application",
    why: "So a run can ask as somebody who is let in.",
    shell: trustingLines(names, "TEST"),
    byHand: `Entra Gate test > Certificates & secrets > Federated credentials > Other issuer: issuer ${issuer}, subject ${subjectText(names)}, audience ${audience}.`,
  };
}

export function testRoleText({ testRole = "" }: SetupNames): StepText {
  return {
    id: "test-role",
    service: "entra",
    title: `Give the test application the role ${testRole}, once the action's first run has made it`,
    why: "Its role is what the policy's rules let in.",
    wont: "gives it to nobody else",
    role: "Cloud Application Administrator",
    shell: [
      `ROLE=$(az ad app show --id "$GATE" --query ${shellWord(`appRoles[?value=='${testRole}'].id`)} --output tsv)`,
      `TEST_PRINCIPAL=$(az ad sp show --id "$TEST" --query id --output tsv); GATE_PRINCIPAL=$(az ad sp show --id "$GATE" --query id --output tsv)`,
      `[ -z "$ROLE" ] || az rest --method POST --url "https://graph.microsoft.com/v1.0/servicePrincipals/$GATE_PRINCIPAL/appRoleAssignedTo" --body "{\\"principalId\\":\\"$TEST_PRINCIPAL\\",\\"resourceId\\":\\"$GATE_PRINCIPAL\\",\\"appRoleId\\":\\"$ROLE\\"}"`,
    ],
    byHand: `App registrations > Entra Gate test > API permissions > Add > APIs my organization uses > Entra Gate > Application permissions > ${testRole}; then Grant admin consent.`,
  };
}
